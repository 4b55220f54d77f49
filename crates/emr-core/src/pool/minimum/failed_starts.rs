//! Clusters of a pool that failed to come up, and when to start one again.
//!
//! A bootstrap action or a role that fails once mostly fails each time, and each time instances are paid until EMR gives
//! up. `fill-pool` runs every few minutes and would start as many again in each run. So after a try has failed it waits for
//! as long as that took, and twice as long for each try that failed before, at most [`LONGEST`], and then starts one alone.
//! Once one has come up, all that are missing are started.
//!
//! There is no state beside EMR's own list. Whoever started the clusters, they count by what their Names say: the same
//! content and the same instances as what would be started.

use chrono::{DateTime, TimeDelta, Utc};

use crate::model::cluster::{Cluster, ClusterState};
use crate::model::pool::Marker;

/// How far back failures are looked for.
pub const RECENT: TimeDelta = TimeDelta::hours(6);

/// The longest pause: a pool recovers within that time once its trouble is over.
pub const LONGEST: TimeDelta = TimeDelta::hours(3);

/// Clusters that failed to come up since one last came up: at least one.
#[derive(Debug, Clone, PartialEq)]
pub struct FailedStarts {
    /// The one that was created last.
    pub last: Cluster,
    /// How many they are.
    pub number: usize,
    /// When the first was created.
    pub since: DateTime<Utc>,
    /// The tries, of which each begins when those before it have ended.
    tries: u32,
    /// How long the last try took.
    took: TimeDelta,
    /// When the last try ended; until then, now.
    ended_at: DateTime<Utc>,
}

impl FailedStarts {
    /// Those like `pool` among `ended`, the clusters that were created recently and have ended. `came_up` says when one of
    /// those that have not ended came up.
    #[must_use]
    pub fn of(pool: &Marker, ended: Vec<Cluster>, came_up: Option<DateTime<Utc>>, now: DateTime<Utc>) -> Option<Self> {
        let is_ours = |marker: Marker| {
            (&marker.pool_name, &marker.hash, &marker.shape) == (&pool.pool_name, &pool.hash, &pool.shape)
        };
        let ours = ended.into_iter().filter(|cluster| Marker::read(&cluster.name).is_some_and(is_ours));
        let ours: Vec<_> = ours.filter_map(|cluster| Some((cluster.created_at?, cluster))).collect();
        let came_up = ours.iter().map(|(_, cluster)| cluster.ready_at).max().flatten().max(came_up);
        let is_later = |created: DateTime<Utc>| came_up.is_none_or(|came_up| created > came_up);
        let failed = ours.into_iter().filter(|(created, cluster)| is_later(*created) && failed_to_come_up(cluster));
        let mut failed: Vec<_> = failed.collect();
        failed.sort_by(|(one, a), (other, b)| (one, &a.id).cmp(&(other, &b.id)));
        let since = failed.first()?.0;
        let (mut tries, mut began, mut ended_at) = (0, since, since);
        for (created, cluster) in &failed {
            if tries == 0 || *created >= ended_at {
                (tries, began) = (tries + 1, *created);
            }
            ended_at = ended_at.max(cluster.ended_at.unwrap_or(now));
        }
        let number = failed.len();
        let (_, last) = failed.pop()?;
        Some(Self { last, number, since, tries, took: ended_at - began, ended_at })
    }

    /// When to start one again.
    #[must_use]
    pub fn until(&self) -> DateTime<Utc> {
        let times = 1 << (self.tries - 1).min(16);
        let pause = self.took.clamp(TimeDelta::zero(), LONGEST) * times;
        self.ended_at + pause.min(LONGEST)
    }

    /// How many of `missing` to start at `now`, while `starting` of the pool's clusters are not up yet.
    #[must_use]
    pub fn starts(&self, missing: u32, starting: usize, now: DateTime<Utc>) -> u32 {
        if starting == 0 && now >= self.until() { missing.min(1) } else { 0 }
    }
}

/// Whether EMR gave `cluster` up before it could run steps. One that somebody terminated has not failed.
fn failed_to_come_up(cluster: &Cluster) -> bool {
    let has_failed = matches!(cluster.state, ClusterState::Terminating | ClusterState::TerminatedWithErrors);
    has_failed && cluster.ready_at.is_none() && cluster.reason_code.as_deref() != Some("USER_REQUEST")
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::model::cluster::example;
    use crate::model::pool::PoolHash;
    use crate::model::run_id::RunId;

    fn pool() -> Marker {
        let (pool_name, shape) = ("etl".parse().unwrap(), Some("2xm5.xlarge".to_owned()));
        Marker { pool_name, hash: PoolHash::from_digest(7), shape, step_concurrency: 1 }
    }

    fn at(minute: i64) -> DateTime<Utc> {
        DateTime::UNIX_EPOCH + TimeDelta::minutes(minute)
    }

    /// A cluster of the pool that was created at this minute.
    fn cluster(id: &str, created: i64, state: ClusterState) -> Cluster {
        let name = RunId::from_random(created.unsigned_abs()).name_with("nightly", &pool().write());
        Cluster { name, created_at: Some(at(created)), ..example::cluster(id, state) }
    }

    /// One whose bootstrap action failed.
    fn failed(id: &str, created: i64, ended: i64) -> Cluster {
        let reason_code = Some("BOOTSTRAP_FAILURE".to_owned());
        let cluster = cluster(id, created, ClusterState::TerminatedWithErrors);
        Cluster { reason_code, ended_at: Some(at(ended)), ..cluster }
    }

    fn of(ended: Vec<Cluster>, came_up: Option<i64>) -> Option<FailedStarts> {
        FailedStarts::of(&pool(), ended, came_up.map(at), at(100))
    }

    #[test]
    fn one_is_started_again_after_twice_as_long_for_each_try_before() {
        let starts = of(vec![failed("j-B", 30, 40), failed("j-A", 0, 10)], None).unwrap();
        assert_eq!((starts.number, starts.last.id.as_str(), starts.since), (2, "j-B", at(0)));
        assert_eq!(starts.until(), at(60));
        assert_eq!(starts.starts(3, 0, at(59)), 0);
        assert_eq!(starts.starts(3, 0, at(60)), 1);
        assert_eq!(starts.starts(3, 1, at(60)), 0, "another try is under way");
        assert_eq!(starts.starts(0, 0, at(60)), 0);
    }

    #[test]
    fn those_that_failed_at_once_are_one_try_and_no_pause_counts_the_time_between_tries() {
        let at_once = of(vec![failed("j-A", 0, 10), failed("j-B", 1, 12), failed("j-C", 2, 9)], None).unwrap();
        assert_eq!((at_once.number, at_once.until()), (3, at(24)));
        let apart = of(vec![failed("j-A", -200, -194), failed("j-B", 80, 86)], None).unwrap();
        assert_eq!(apart.until(), at(98));
        // The second is told last, and has the longest way down.
        let crossed = of(vec![failed("j-B", 2, 9), failed("j-A", 4, 6)], None).unwrap();
        assert_eq!((crossed.last.id.as_str(), crossed.until()), ("j-A", at(16)));
        let many = (0..40).map(|try_| failed(&format!("j-{try_}"), try_ * 2, try_ * 2 + 1)).collect();
        assert_eq!(of(many, None).unwrap().until(), at(79) + LONGEST);
    }

    #[test]
    fn what_came_up_ends_the_row_of_failures_whether_it_still_runs_or_not() {
        let row = || vec![failed("j-A", 0, 10), failed("j-B", 30, 40)];
        assert_eq!(of(row(), Some(20)).unwrap().since, at(30));
        assert_eq!(of(row(), Some(30)), None);
        let used = Cluster { ready_at: Some(at(35)), ..cluster("j-C", 25, ClusterState::Terminated) };
        assert_eq!(of([row(), vec![used]].concat(), None), None);
        // A failure of a step comes after it came up.
        let shut_down = Cluster { ready_at: Some(at(20)), ..failed("j-D", 12, 50) };
        assert_eq!(of([row(), vec![shut_down]].concat(), None).unwrap().number, 1);
    }

    #[test]
    fn what_somebody_terminated_and_what_is_of_other_content_has_not_failed() {
        let by_user = Cluster { reason_code: Some("USER_REQUEST".to_owned()), ..failed("j-A", 0, 10) };
        let terminated = cluster("j-B", 0, ClusterState::Terminated);
        let foreign = Cluster { name: "nightly".to_owned(), ..failed("j-C", 0, 10) };
        assert_eq!(of(vec![by_user, terminated, foreign], None), None);
        let software = Marker { hash: PoolHash::from_digest(8), ..pool() };
        let instances = Marker { shape: Some("9xp4d.24xlarge".to_owned()), ..pool() };
        for other in [software, instances] {
            assert_eq!(FailedStarts::of(&other, vec![failed("j-A", 0, 10)], None, at(100)), None);
        }
    }

    #[test]
    fn one_that_shuts_down_is_failing_still() {
        let ending = cluster("j-A", 60, ClusterState::Terminating);
        assert_eq!(of(vec![ending], None).unwrap().until(), at(140));
    }

    /// Two days of a line of cron that runs every ten minutes and keeps three free, of which each fails after 20 minutes
    /// while `is_broken`. The minutes in which it started some, and how many.
    fn two_days(is_broken: impl Fn(i64) -> bool) -> Vec<(i64, u32)> {
        let (mut all, mut log) = (Vec::<(i64, bool)>::new(), Vec::new());
        for now in (0..2 * 24 * 60).step_by(10) {
            let is_up = |&&(created, broken): &&(i64, bool)| !broken && created + 20 <= now;
            let up = all.iter().filter(is_up).count();
            let coming = all.iter().filter(|(created, _)| created + 20 > now).count();
            let ended = all.iter().enumerate().filter(|(_, (created, broken))| *broken && created + 20 <= now);
            let ended = ended.filter(|(_, (created, _))| at(*created) >= at(now) - RECENT);
            let ended = ended.map(|(number, (created, _))| failed(&format!("j-{number}"), *created, created + 20));
            let came_up = all.iter().filter(is_up).map(|(created, _)| at(created + 20)).max();
            let starts = FailedStarts::of(&pool(), ended.collect(), came_up, at(now));
            let missing = 3_u32.saturating_sub(u32::try_from(up + coming).unwrap());
            let number = starts.map_or(missing, |starts| starts.starts(missing, coming, at(now)));
            all.extend((0..number).map(|_| (now, is_broken(now))));
            log.extend((number > 0).then_some((now, number)));
        }
        log
    }

    #[test]
    fn what_always_fails_is_tried_ever_more_seldom() {
        let log = two_days(|_| true);
        assert_eq!(log[..5], [(0, 3), (40, 1), (100, 1), (200, 1), (370, 1)]);
        assert!(log.len() <= 30 && log.iter().skip(1).all(|(_, number)| *number == 1), "{log:?}");
    }

    #[test]
    fn all_that_are_missing_are_started_once_one_came_up() {
        let log = two_days(|minute| minute < 100);
        assert_eq!(log, [(0, 3), (40, 1), (100, 1), (120, 2)]);
    }
}

//! Clusters of a pool that failed to come up, and when to start one again.
//!
//! A bootstrap action or a role that fails once mostly fails each time, and each time instances are paid until EMR gives
//! up. `fill-pool` runs every few minutes and would start as many again in each run. So it waits for as long as starts
//! have been failing, and then starts one alone. The pauses double that way, until they are about half of [`RECENT`]. Once
//! one has come up, all that are missing are started.
//!
//! There is no state beside EMR's own list. Whoever started the clusters, they count by their content: what failed is
//! what would be started.

use chrono::{DateTime, TimeDelta, Utc};

use crate::model::cluster::{Cluster, ClusterState};
use crate::model::pool::{Marker, PoolHash, PoolName};

/// How far back failures are looked for. No pause is longer, so a pool recovers within that time once its trouble is over.
pub const RECENT: TimeDelta = TimeDelta::hours(6);

/// Clusters that failed to come up since one last came up: at least one.
#[derive(Debug, Clone, PartialEq)]
pub struct FailedStarts {
    /// The one that was created last.
    pub last: Cluster,
    /// How many they are.
    pub number: usize,
    /// When the first was created.
    pub since: DateTime<Utc>,
    /// When the last ended; until then, now.
    ended_at: DateTime<Utc>,
}

impl FailedStarts {
    /// Those of the pool `name` with the content `hash` among `ended`, the clusters that were created recently and have
    /// ended. `came_up` says when one of those that have not ended came up.
    #[must_use]
    pub fn of(
        name: &PoolName,
        hash: &PoolHash,
        ended: Vec<Cluster>,
        came_up: Option<DateTime<Utc>>,
        now: DateTime<Utc>,
    ) -> Option<Self> {
        let is_ours = |marker: Marker| marker.pool_name == *name && marker.hash == *hash;
        let ours = ended.into_iter().filter(|cluster| Marker::read(&cluster.name).is_some_and(is_ours));
        let ours: Vec<_> = ours.filter_map(|cluster| Some((cluster.created_at?, cluster))).collect();
        let came_up = ours.iter().map(|(_, cluster)| cluster.ready_at).max().flatten().max(came_up);
        let is_later = |created: DateTime<Utc>| came_up.is_none_or(|came_up| created > came_up);
        let failed = ours.into_iter().filter(|(created, cluster)| is_later(*created) && failed_to_come_up(cluster));
        let mut failed: Vec<_> = failed.collect();
        failed.sort_by(|(one, a), (other, b)| (one, &a.id).cmp(&(other, &b.id)));
        let since = failed.first()?.0;
        let ended_at = failed.iter().map(|(_, cluster)| cluster.ended_at.unwrap_or(now)).max()?;
        let number = failed.len();
        let (_, last) = failed.pop()?;
        Some(Self { last, number, since, ended_at })
    }

    /// When to start one again: after as long as starts have been failing.
    #[must_use]
    pub fn until(&self) -> DateTime<Utc> {
        self.ended_at + (self.ended_at - self.since).clamp(TimeDelta::zero(), RECENT)
    }

    /// How many of `missing` to start at `now`, while `coming` are starting.
    #[must_use]
    pub fn starts(&self, missing: u32, coming: u32, now: DateTime<Utc>) -> u32 {
        if coming == 0 && now >= self.until() { missing.min(1) } else { 0 }
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
    use crate::model::run_id::RunId;

    fn name() -> PoolName {
        "etl".parse().unwrap()
    }

    fn at(minute: i64) -> DateTime<Utc> {
        DateTime::UNIX_EPOCH + TimeDelta::minutes(minute)
    }

    /// A cluster of the pool that was created at this minute.
    fn cluster(id: &str, created: i64, state: ClusterState) -> Cluster {
        let marker =
            Marker { pool_name: name(), hash: PoolHash::from_digest(7), shape: None, step_concurrency: 1 }.write();
        let name = RunId::from_random(created.unsigned_abs()).name_with("nightly", &marker);
        Cluster { name, created_at: Some(at(created)), ..example::cluster(id, state) }
    }

    /// One whose bootstrap action failed.
    fn failed(id: &str, created: i64, ended: i64) -> Cluster {
        let reason_code = Some("BOOTSTRAP_FAILURE".to_owned());
        let cluster = cluster(id, created, ClusterState::TerminatedWithErrors);
        Cluster { reason_code, ended_at: Some(at(ended)), ..cluster }
    }

    fn of(ended: Vec<Cluster>, came_up: Option<i64>) -> Option<FailedStarts> {
        FailedStarts::of(&name(), &PoolHash::from_digest(7), ended, came_up.map(at), at(100))
    }

    #[test]
    fn one_is_started_again_after_as_long_as_starts_have_failed() {
        let starts = of(vec![failed("j-B", 30, 40), failed("j-A", 0, 10)], None).unwrap();
        assert_eq!((starts.number, starts.last.id.as_str(), starts.since), (2, "j-B", at(0)));
        assert_eq!(starts.until(), at(80));
        assert_eq!(starts.starts(3, 0, at(79)), 0);
        assert_eq!(starts.starts(3, 0, at(80)), 1);
        assert_eq!(starts.starts(3, 1, at(80)), 0, "another try is under way");
        assert_eq!(starts.starts(0, 0, at(80)), 0);
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
        let other = FailedStarts::of(&name(), &PoolHash::from_digest(8), vec![failed("j-A", 0, 10)], None, at(100));
        assert_eq!(other, None);
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
            let starts = FailedStarts::of(&name(), &PoolHash::from_digest(7), ended.collect(), came_up, at(now));
            let missing = 3_u32.saturating_sub(u32::try_from(up + coming).unwrap());
            let coming = u32::try_from(coming).unwrap();
            let number = starts.map_or(missing, |starts| starts.starts(missing, coming, at(now)));
            all.extend((0..number).map(|_| (now, is_broken(now))));
            log.extend((number > 0).then_some((now, number)));
        }
        log
    }

    #[test]
    fn what_always_fails_is_tried_ever_more_seldom() {
        let log = two_days(|_| true);
        assert_eq!(log[..5], [(0, 3), (40, 1), (120, 1), (280, 1), (480, 1)]);
        assert!(log.len() < 20 && log.iter().skip(1).all(|(_, number)| *number == 1), "{log:?}");
    }

    #[test]
    fn all_that_are_missing_are_started_once_one_came_up() {
        let log = two_days(|minute| minute < 100);
        assert_eq!(log, [(0, 3), (40, 1), (120, 1), (140, 2)]);
    }
}

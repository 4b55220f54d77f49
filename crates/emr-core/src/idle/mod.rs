//! How long a cluster has been without work, and whether that is reason enough to end it.
//!
//! [`Activity`] gathers what its steps tell, [`Idleness`] is what that comes to, and [`Limits`] and [`Scope`] are what
//! the user wants to be ended. Each of the two says why it spares a cluster, or nothing where it does not.

mod activity;
mod explanation;
mod idleness;
mod limits;
mod scope;

use chrono::{DateTime, Utc};

pub use activity::Activity;
pub use explanation::Explanation;
pub use idleness::{Class, Idleness};
pub use limits::Limits;
pub use scope::{Pools, Scope, TagTest};

use crate::model::cluster::{Cluster, ClusterState};
use crate::model::step::Step;

/// Seconds at `now` (AWS's clock) since anything happened on `cluster`, whose newest steps are `steps`.
///
/// The latest of: created, ready, any step created, started or ended. None where the cluster is not waiting, or a step
/// of it runs all the same (lists lag behind).
#[must_use]
pub fn idle_seconds(cluster: &Cluster, steps: &[Step], now: DateTime<Utc>) -> Option<u64> {
    let activity = Activity::of(steps);
    if cluster.state != ClusterState::Waiting || activity.runs() {
        return None;
    }
    let last = [cluster.created_at, cluster.ready_at, activity.latest()].into_iter().flatten().max()?;
    Some(u64::try_from((now - last).num_seconds()).unwrap_or(0))
}

#[cfg(test)]
mod tests {
    use chrono::TimeDelta;

    use super::*;
    use crate::model::step::StepState;

    #[expect(clippy::unnecessary_wraps, reason = "times of a cluster and its steps are optional")]
    fn at(minutes: i64) -> Option<DateTime<Utc>> {
        Some(DateTime::UNIX_EPOCH + TimeDelta::minutes(minutes))
    }

    fn waiting() -> Cluster {
        Cluster {
            id: "j-A".parse().unwrap(),
            name: "etl".to_owned(),
            state: ClusterState::Waiting,
            reason_code: None,
            reason: None,
            error_details: Vec::new(),
            created_at: at(0),
            ready_at: at(5),
            ended_at: None,
        }
    }

    fn step(state: StepState, minutes: [i64; 2], ended: Option<i64>) -> Step {
        Step {
            id: "s-A".parse().unwrap(),
            name: "count".to_owned(),
            state,
            reason: None,
            log_file: None,
            log_uri: None,
            created_at: at(minutes[0]),
            started_at: at(minutes[1]),
            ended_at: ended.and_then(at),
        }
    }

    #[test]
    fn idle_time_counts_from_the_last_thing_that_happened() {
        let now = at(60).unwrap();
        assert_eq!(idle_seconds(&waiting(), &[], now), Some(55 * 60));
        let ended = step(StepState::Completed, [10, 11], Some(20));
        assert_eq!(idle_seconds(&waiting(), std::slice::from_ref(&ended), now), Some(40 * 60));
        let mut pending = step(StepState::Pending, [50, 0], None);
        pending.started_at = None;
        assert_eq!(idle_seconds(&waiting(), &[pending, ended], now), Some(10 * 60));
    }

    #[test]
    fn what_works_or_is_not_up_is_not_idle() {
        let now = at(60).unwrap();
        assert_eq!(idle_seconds(&waiting(), &[step(StepState::Running, [10, 11], None)], now), None);
        let starting = Cluster { state: ClusterState::Starting, ..waiting() };
        assert_eq!(idle_seconds(&starting, &[], now), None);
    }

    #[test]
    fn a_clock_that_lags_gives_no_negative_time() {
        assert_eq!(idle_seconds(&waiting(), &[], at(1).unwrap()), Some(0));
    }
}

//! How long a cluster may be idle.

use chrono::{DateTime, TimeDelta, Utc};

use super::idleness::{Class, Idleness, since, to_end_of_hour};
use crate::model::cluster::{Cluster, ClusterState};
use crate::model::time;

/// How long a cluster may be idle. It is terminated if it exceeds all given limits; comparisons are strict.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub struct Limits {
    /// Terminate those idle for longer than this.
    pub idle: Option<TimeDelta>,
    /// Terminate those with less than this to the end of their hour, unless they have pending steps.
    pub to_end_of_hour: Option<TimeDelta>,
}

/// EMR usually starts a step within seconds. One that is pending for longer than this counts as stuck.
const BEGIN: TimeDelta = TimeDelta::minutes(1);

impl Limits {
    /// Why `cluster`, as listed, is spared whatever its steps are, at `now` (AWS's clock). `None` if its steps must be
    /// listed. Steps can only shorten its idle time, so this saves a call.
    #[must_use]
    pub fn spare_unseen(&self, cluster: &Cluster, now: DateTime<Utc>) -> Option<String> {
        if self.idle.is_none() && cluster.state == ClusterState::Running {
            return Some("it is RUNNING".to_owned());
        }
        let ready = [cluster.created_at, cluster.ready_at].into_iter().flatten().max();
        let Some(ready) = ready else { return Some("EMR does not tell when it began".to_owned()) };
        let up = since(ready, now);
        if let Some(limit) = self.idle.filter(|limit| up <= *limit) {
            return Some(format!("it has been up for {}, and may be idle for {}", hours(up), hours(limit)));
        }
        self.spare_for_its_hour(cluster.created_at.map(|created| to_end_of_hour(created, now)))
    }

    /// Why a cluster with this `idleness` is spared. `None` if it is not.
    #[must_use]
    pub fn spare(&self, idleness: &Idleness) -> Option<String> {
        let (class, Some(idle)) = (idleness.class, idleness.idle) else {
            return Some(format!("it is {}", idleness.class));
        };
        if let Some(limit) = self.idle.filter(|limit| idle <= *limit) {
            let bound = if idleness.is_exact { "" } else { " no more than" };
            return Some(format!("it has been {class} for{bound} {}, and may be for {}", hours(idle), hours(limit)));
        }
        if class == Class::Pending && (self.idle.is_none() || self.to_end_of_hour.is_some() || idle < BEGIN) {
            return Some("it has pending steps".to_owned());
        }
        self.spare_for_its_hour(idleness.to_end_of_hour)
    }

    fn spare_for_its_hour(&self, left: Option<TimeDelta>) -> Option<String> {
        let limit = self.to_end_of_hour?;
        let Some(left) = left else { return Some("EMR does not tell when it was created".to_owned()) };
        (left >= limit).then(|| format!("{} of its hour are left", hours(left)))
    }
}

fn hours(time: TimeDelta) -> String {
    time::clock(u64::try_from(time.num_seconds()).unwrap_or_default())
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;
    use crate::idle::Activity;
    use crate::model::cluster::example::cluster;
    use crate::model::step::{Step, StepState, example::step};

    fn idleness(class: Class, idle_minutes: i64, minutes_left: i64) -> Idleness {
        let is_idle = matches!(class, Class::Idle | Class::Pending);
        let idle = is_idle.then(|| TimeDelta::minutes(idle_minutes));
        Idleness { class, idle, is_exact: true, to_end_of_hour: Some(TimeDelta::minutes(minutes_left)) }
    }

    fn limits(idle_minutes: Option<i64>, minutes_left: Option<i64>) -> Limits {
        Limits { idle: idle_minutes.map(TimeDelta::minutes), to_end_of_hour: minutes_left.map(TimeDelta::minutes) }
    }

    #[test]
    fn limits_are_strict_and_of_two_both_must_be_exceeded() {
        let table = [
            ((Some(60), None), (Class::Idle, 61, 30), true),
            ((Some(60), None), (Class::Idle, 60, 30), false),
            ((Some(0), None), (Class::Idle, 0, 30), false),
            ((None, Some(5)), (Class::Idle, 0, 4), true),
            ((None, Some(5)), (Class::Idle, 90, 5), false),
            ((None, Some(60)), (Class::Idle, 90, 60), false),
            ((Some(60), Some(5)), (Class::Idle, 61, 4), true),
            ((Some(60), Some(5)), (Class::Idle, 61, 6), false),
            ((Some(60), Some(5)), (Class::Idle, 59, 4), false),
            ((None, None), (Class::Idle, 0, 60), true),
        ];
        for ((idle, left), (class, minutes, to_end), ends) in table {
            let spared = limits(idle, left).spare(&idleness(class, minutes, to_end));
            assert_eq!(spared.is_none(), ends, "{idle:?} {left:?} {minutes} {to_end}: {spared:?}");
        }
    }

    #[test]
    fn pending_steps_count_as_idle_but_not_at_the_end_of_an_hour() {
        let pending = |minutes| idleness(Class::Pending, minutes, 1);
        assert_eq!(limits(Some(60), None).spare(&pending(61)), None);
        for limits in [limits(None, Some(5)), limits(Some(60), Some(5))] {
            assert_eq!(limits.spare(&pending(61)).as_deref(), Some("it has pending steps"));
        }
        assert!(limits(Some(0), None).spare(&pending(0)).is_some(), "EMR may begin it at any moment");
        let seconds = Idleness { idle: Some(TimeDelta::seconds(59)), ..pending(0) };
        assert!(limits(Some(0), None).spare(&seconds).is_some(), "EMR may begin it at any moment");
        assert!(limits(Some(0), None).spare(&pending(2)).is_none());
    }

    #[test]
    fn a_working_cluster_is_spared() {
        for class in [Class::Done, Class::Starting, Class::Bootstrapping, Class::Running] {
            let spared = limits(Some(0), Some(61)).spare(&idleness(class, 600, 1));
            assert_eq!(spared, Some(format!("it is {class}")));
        }
    }

    #[test]
    fn a_cluster_with_unknown_times_is_spared() {
        let unknown = cluster("j-A", ClusterState::Waiting);
        assert!(limits(Some(60), None).spare_unseen(&unknown, DateTime::UNIX_EPOCH).is_some());
        let no_hour = Idleness { to_end_of_hour: None, ..idleness(Class::Idle, 600, 1) };
        assert!(limits(None, Some(5)).spare(&no_hour).is_some());
    }

    #[test]
    fn the_steps_of_a_running_cluster_are_read_because_they_may_be_stuck() {
        let now = DateTime::UNIX_EPOCH + TimeDelta::hours(5) - TimeDelta::minutes(1);
        let times = Some(DateTime::UNIX_EPOCH);
        let running = Cluster { created_at: times, ready_at: times, ..cluster("j-A", ClusterState::Running) };
        assert_eq!(limits(Some(60), None).spare_unseen(&running, now), None);
        assert!(limits(None, Some(5)).spare_unseen(&running, now).is_some(), "pending ones are spared then");
    }

    proptest! {
        #[test]
        fn a_cluster_that_is_spared_unseen_is_spared_when_seen(
            idle in prop::option::of(0_i64..300), left in prop::option::of(0_i64..61),
            running: bool, ready in 0_i64..60, now in 0_i64..600,
            steps in prop::collection::vec((0_usize..7, 0_i64..600), 0..4),
        ) {
            let at = |minutes| Some(DateTime::UNIX_EPOCH + TimeDelta::minutes(minutes));
            let state = if running { ClusterState::Running } else { ClusterState::Waiting };
            let cluster = Cluster { created_at: at(0), ready_at: at(ready), ..cluster("j-A", state) };
            let states = StepState::UNFINISHED.into_iter().chain([
                StepState::Completed, StepState::Cancelled, StepState::Failed, StepState::Interrupted
            ]).collect::<Vec<_>>();
            let steps: Vec<_> = steps.into_iter().map(|(state, time)| Step {
                created_at: at(time), ..step(states[state].clone())
            }).collect();
            let (limits, now) = (limits(idle, left), at(now).unwrap());
            if limits.spare_unseen(&cluster, now).is_some() {
                let seen = Idleness::of(&cluster, &Activity::of(&steps), now);
                prop_assert!(limits.spare(&seen).is_some());
            }
        }
    }
}

//! The class of a cluster (starting, running, idle …) and its idle time.

use std::fmt;

use chrono::{DateTime, TimeDelta, Utc};
use serde::Serialize;

use super::Activity;
use crate::model::cluster::{Cluster, ClusterState};

/// What a cluster is doing.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize)]
#[serde(rename_all = "lowercase")]
pub enum Class {
    /// Shutting down, or gone.
    Done,
    /// Starting its instances.
    Starting,
    /// Running bootstrap actions, before it is ready.
    Bootstrapping,
    /// Running a step.
    Running,
    /// Has pending steps and runs none.
    Pending,
    /// Doing nothing.
    Idle,
}

impl Class {
    /// Whether it can run steps, so that a look at its steps is worth a call.
    #[must_use]
    pub fn is_up(self) -> bool {
        matches!(self, Self::Running | Self::Pending | Self::Idle)
    }

    fn of(cluster: &Cluster, activity: &Activity) -> Self {
        match &cluster.state {
            state if state.has_ended() || cluster.ended_at.is_some() => Self::Done,
            ClusterState::Starting => Self::Starting,
            _ if cluster.ready_at.is_none() => Self::Bootstrapping,
            ClusterState::Bootstrapping => Self::Bootstrapping,
            _ if activity.runs() => Self::Running,
            // EMR may never start the steps of a cluster that it calls RUNNING.
            _ if activity.pends() => Self::Pending,
            ClusterState::Waiting => Self::Idle,
            _ => Self::Running,
        }
    }
}

impl fmt::Display for Class {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(match self {
            Self::Done => "done",
            Self::Starting => "starting",
            Self::Bootstrapping => "bootstrapping",
            Self::Running => "running",
            Self::Pending => "pending",
            Self::Idle => "idle",
        })
    }
}

/// A cluster's class, its idle time, and the time to the end of its hour.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Idleness {
    /// Its class.
    pub class: Class,
    /// How long nothing has happened; `None` if it works, or if EMR gives no times. An upper bound until `is_exact`:
    /// steps that are not read yet can only make it less.
    pub idle: Option<TimeDelta>,
    /// Whether enough of its steps were read to know the idle time.
    pub is_exact: bool,
    /// Time to the end of an hour since it was created: more than zero, at most an hour.
    pub to_end_of_hour: Option<TimeDelta>,
}

impl Idleness {
    /// The idleness of `cluster` with the steps of `activity` at `now` (AWS's clock).
    ///
    /// Idle time counts from the latest of: created, ready, any step created, started or ended.
    #[must_use]
    pub fn of(cluster: &Cluster, activity: &Activity, now: DateTime<Utc>) -> Self {
        let class = Class::of(cluster, activity);
        let last = [cluster.created_at, cluster.ready_at, activity.latest()].into_iter().flatten().max();
        let is_idle = matches!(class, Class::Idle | Class::Pending);
        let idle = last.filter(|_| is_idle).map(|last| since(last, now));
        Self {
            class,
            idle,
            is_exact: false,
            to_end_of_hour: cluster.created_at.map(|created| to_end_of_hour(created, now)),
        }
    }

    /// The same idleness, exact because there are no more steps to read.
    #[must_use]
    pub fn exact(self) -> Self {
        Self { is_exact: true, ..self }
    }

    /// Idle time in whole seconds; `None` while it is only an upper bound.
    #[must_use]
    pub fn idle_s(&self) -> Option<u64> {
        seconds(self.idle.filter(|_| self.is_exact))
    }

    /// Whole seconds to the end of the hour.
    #[must_use]
    pub fn to_end_of_hour_s(&self) -> Option<u64> {
        seconds(self.to_end_of_hour)
    }
}

/// The time from `then` to `now`; zero if the clocks disagree.
pub(super) fn since(then: DateTime<Utc>, now: DateTime<Utc>) -> TimeDelta {
    (now - then).max(TimeDelta::zero())
}

/// The time to the end of an hour since `created`. Exactly on the hour a whole hour is left.
pub(super) fn to_end_of_hour(created: DateTime<Utc>, now: DateTime<Utc>) -> TimeDelta {
    let hour = TimeDelta::hours(1).num_milliseconds();
    TimeDelta::milliseconds(hour - since(created, now).num_milliseconds() % hour)
}

fn seconds(time: Option<TimeDelta>) -> Option<u64> {
    time.and_then(|time| u64::try_from(time.num_seconds()).ok())
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;
    use crate::model::cluster::example::cluster;
    use crate::model::step::{Step, StepState, example};

    fn at(seconds: i64) -> DateTime<Utc> {
        DateTime::UNIX_EPOCH + TimeDelta::seconds(seconds)
    }

    fn ready(state: ClusterState) -> Cluster {
        Cluster { created_at: Some(at(0)), ready_at: Some(at(300)), ..cluster("j-A", state) }
    }

    fn steps(states: &[StepState]) -> Activity {
        let times = |state: &StepState| {
            let began = !matches!(state, StepState::Pending | StepState::CancelPending);
            let ended = state.has_ended();
            (Some(at(400)), began.then(|| at(500)), ended.then(|| at(600)))
        };
        let step = |state: &StepState| {
            let (created_at, started_at, ended_at) = times(state);
            Step { created_at, started_at, ended_at, ..example::step(state.clone()) }
        };
        Activity::of(&states.iter().map(step).collect::<Vec<_>>())
    }

    #[test]
    fn the_class_follows_from_state_and_steps() {
        use ClusterState::{Bootstrapping, Running, Starting, Terminated, Terminating, Waiting};
        use StepState::{CancelPending, Completed, Failed, Pending};
        let table: &[(ClusterState, &[StepState], Class)] = &[
            (Starting, &[Pending], Class::Starting),
            (Bootstrapping, &[Pending], Class::Bootstrapping),
            (Waiting, &[], Class::Idle),
            (Waiting, &[Failed, Completed], Class::Idle),
            (Waiting, &[StepState::Running], Class::Running),
            (Waiting, &[Pending, Completed], Class::Pending),
            (Waiting, &[CancelPending], Class::Pending),
            (Running, &[Pending, StepState::Running], Class::Running),
            (Running, &[Pending, Completed], Class::Pending),
            (Running, &[], Class::Running),
            (Running, &[Completed], Class::Running),
            (Terminating, &[StepState::Running], Class::Done),
            (Terminated, &[], Class::Done),
            (ClusterState::Other("PAUSED".to_owned()), &[], Class::Running),
        ];
        for (state, states, class) in table {
            let idleness = Idleness::of(&ready(state.clone()), &steps(states), at(10_000));
            assert_eq!(idleness.class, *class, "{state} {states:?}");
            assert_eq!(idleness.idle.is_some(), matches!(class, Class::Idle | Class::Pending), "{state} {states:?}");
        }
        let never_ready = Cluster { ready_at: None, ..ready(Waiting) };
        assert_eq!(Idleness::of(&never_ready, &steps(&[]), at(10_000)).class, Class::Bootstrapping);
    }

    #[test]
    fn idle_time_counts_from_the_latest_of_all_times() {
        let idle =
            |activity: &Activity| Idleness::of(&ready(ClusterState::Waiting), activity, at(1000)).exact().idle_s();
        assert_eq!(idle(&steps(&[])), Some(700));
        assert_eq!(idle(&steps(&[StepState::Pending])), Some(600));
        assert_eq!(idle(&steps(&[StepState::Completed])), Some(400));
        let lags = Idleness::of(&ready(ClusterState::Waiting), &steps(&[]), at(100));
        assert_eq!(lags.idle_s(), None, "an upper bound is not reported");
        assert_eq!(lags.exact().idle_s(), Some(0), "a clock that lags gives no negative time");
    }

    #[test]
    fn on_the_hour_a_whole_hour_is_left() {
        let left = |seconds| to_end_of_hour(at(0), at(seconds)).num_seconds();
        assert_eq!([0, 1, 3599, 3600, 3601, 7200, 9000].map(left), [3600, 3599, 1, 3600, 3599, 3600, 1800]);
        assert_eq!(left(-5), 3600, "a clock that lags");
    }

    proptest! {
        #[test]
        fn the_time_to_the_end_of_the_hour_is_above_zero(created in 0_i64..10_000_000_000, now in 0_i64..10_000_000_000) {
            let (created, now) = (DateTime::from_timestamp_millis(created).unwrap(), DateTime::from_timestamp_millis(now).unwrap());
            let left = to_end_of_hour(created, now);
            prop_assert!(TimeDelta::zero() < left && left <= TimeDelta::hours(1));
            if now >= created {
                prop_assert_eq!((now + left - created).num_milliseconds() % 3_600_000, 0);
            }
        }
    }
}

//! What a sweep ends, told anew from the promise: those that do nothing for longer than all limits that are given.

use chrono::{DateTime, TimeDelta, Utc};
use proptest::prelude::*;

use super::{Activity, Idleness, Limits};
use crate::model::cluster::{Cluster, ClusterState, example};
use crate::model::step::{Step, StepState, example::step};

fn at(minute: i64) -> DateTime<Utc> {
    DateTime::UNIX_EPOCH + TimeDelta::minutes(minute)
}

/// A minute, of so few that limits are often just reached.
fn minute() -> impl Strategy<Value = Option<DateTime<Utc>>> {
    prop::option::weighted(0.8, (0_i64..12).prop_map(|number| at(15 * number)))
}

fn step_states() -> Vec<StepState> {
    use StepState::{CancelPending, Cancelled, Completed, Failed, Interrupted, Other, Pending, Running};
    vec![Pending, CancelPending, Running, Completed, Cancelled, Failed, Interrupted, Other("PAUSED".to_owned())]
}

prop_compose! {
    /// A step as lists have it: they lag, so its state and its times need not agree.
    fn any_step()(
        state in prop::sample::select(step_states()),
        created_at in minute(),
        started_at in minute(),
        ended_at in minute(),
    ) -> Step {
        Step { created_at, started_at, ended_at, ..step(state) }
    }
}

prop_compose! {
    fn any_cluster()(
        state in prop_oneof![Just(ClusterState::Waiting), prop::sample::select(&ClusterState::KNOWN[..])],
        ready_at in minute(), ended_at in prop::option::weighted(0.1, Just(at(90))),
    ) -> Cluster {
        Cluster { created_at: Some(at(0)), ready_at, ended_at, ..example::cluster("j-A", state) }
    }
}

/// Whether `step` may run: it may have begun, and nothing says that it is over.
fn runs(step: &Step) -> bool {
    let is_over = step.ended_at.is_some() || matches!(step.state, StepState::Cancelled | StepState::Interrupted);
    !is_over && (step.started_at.is_some() || matches!(step.state, StepState::Running | StepState::Other(_)))
}

/// Whether a sweep at `now` ends `cluster`, which has these `steps`.
fn is_to_end(cluster: &Cluster, steps: &[Step], limits: &Limits, now: DateTime<Utc>) -> bool {
    let is_up = matches!(cluster.state, ClusterState::Waiting | ClusterState::Running);
    let pends = steps.iter().any(|step| matches!(step.state, StepState::Pending | StepState::CancelPending));
    let is_stuck = pends && limits.to_end_of_hour.is_none() && limits.idle.is_some();
    let may_end = if pends { is_stuck } else { cluster.state == ClusterState::Waiting };
    let of_steps = steps.iter().flat_map(|step| [step.created_at, step.started_at, step.ended_at]);
    let last = of_steps.chain([cluster.created_at, cluster.ready_at]).flatten().max();
    let idle = last.map_or(TimeDelta::zero(), |last| now - last);
    let left = 60 - (now - at(0)).num_minutes() % 60;
    is_up
        && cluster.ready_at.is_some()
        && cluster.ended_at.is_none()
        && !steps.iter().any(runs)
        && may_end
        && (!pends || idle >= TimeDelta::minutes(1))
        && limits.idle.is_none_or(|limit| idle.max(TimeDelta::zero()) > limit)
        && limits.to_end_of_hour.is_none_or(|limit| TimeDelta::minutes(left) < limit)
}

proptest! {
    #![proptest_config(ProptestConfig { cases: ProptestConfig::default().cases.max(4000), ..ProptestConfig::default() })]

    #[test]
    fn a_sweep_ends_those_that_do_nothing_for_longer_than_all_limits_and_no_other(
        cluster in any_cluster(),
        steps in prop::collection::vec(any_step(), 0..4),
        idle in prop::option::of(0_i64..6),
        left in prop::option::of(0_i64..5),
        now in 0_i64..16,
    ) {
        let now = at(15 * now);
        let minutes = |quarters: i64| TimeDelta::minutes(15 * quarters);
        let limits = Limits { idle: idle.map(minutes), to_end_of_hour: left.map(minutes) };
        let idleness = Idleness::of(&cluster, &Activity::of(&steps), now).exact();
        let spared = limits.spare(&idleness);
        prop_assert_eq!(spared.is_none(), is_to_end(&cluster, &steps, &limits, now), "{:?} {:?}", idleness, spared);
    }
}

//! Finds unfinished work of a cluster, and since when it has been waiting or running.

use chrono::{DateTime, Utc};
use emr_core::model::cluster::{Cluster, ClusterState};
use emr_core::model::step::{Step, StepState};

/// Unfinished work.
#[derive(Debug, Clone, PartialEq)]
pub(crate) struct Unfinished {
    /// The step that runs or should run; `None` if the cluster itself is coming up.
    pub step: Option<Step>,
    /// When it started, or could have started.
    pub since: DateTime<Utc>,
}

/// The unfinished work on `cluster`. `steps` has at least its unfinished steps and, if [`is_stuck`], the latest that
/// have ended.
///
/// A cluster counts from its creation until it is up, a running step from its start. If none runs, the oldest pending
/// step counts from when it could have started: when it was added, the cluster was ready and the step before it had
/// ended.
#[must_use]
pub(crate) fn unfinished(cluster: &Cluster, steps: &[Step]) -> Vec<Unfinished> {
    match cluster.state {
        ClusterState::Starting | ClusterState::Bootstrapping => {
            cluster.created_at.map(|since| Unfinished { step: None, since }).into_iter().collect()
        }
        ClusterState::Running if is_stuck(steps) => pending(cluster, steps).into_iter().collect(),
        ClusterState::Running => running(steps).collect(),
        _ => Vec::new(),
    }
}

/// Whether none of `steps` runs although one could.
#[must_use]
pub(crate) fn is_stuck(steps: &[Step]) -> bool {
    // EMR may report that a step runs before it reports its start.
    let runs = running(steps).next().is_some() || steps.iter().any(|step| step.state == StepState::Running);
    !runs && steps.iter().any(is_pending)
}

fn is_pending(step: &Step) -> bool {
    step.state == StepState::Pending
}

fn running(steps: &[Step]) -> impl Iterator<Item = Unfinished> {
    let unended = steps.iter().filter(|step| !step.state.has_ended() && !is_pending(step));
    unended.filter_map(|step| Some(Unfinished { step: Some(step.clone()), since: step.started_at? }))
}

fn pending(cluster: &Cluster, steps: &[Step]) -> Option<Unfinished> {
    let oldest = steps.iter().filter(|step| is_pending(step)).min_by_key(|step| step.created_at)?;
    let ends = steps.iter().filter_map(|step| step.ended_at);
    let since = ends.chain(cluster.ready_at).chain(oldest.created_at).max()?;
    Some(Unfinished { step: Some(oldest.clone()), since })
}

#[cfg(test)]
mod tests {
    use chrono::TimeDelta;

    use super::*;
    use emr_core::model::cluster::example::cluster;
    use emr_core::model::step::example::step;

    fn at(hours: i64) -> DateTime<Utc> {
        DateTime::UNIX_EPOCH + TimeDelta::hours(hours)
    }

    fn made(state: ClusterState) -> Cluster {
        Cluster { created_at: Some(at(1)), ready_at: Some(at(2)), ..cluster("j-A", state) }
    }

    fn added(state: StepState, created: i64) -> Step {
        Step { created_at: Some(at(created)), ..step(state) }
    }

    fn since(state: ClusterState, steps: &[Step]) -> Vec<DateTime<Utc>> {
        unfinished(&made(state), steps).into_iter().map(|unfinished| unfinished.since).collect()
    }

    #[test]
    fn a_cluster_that_comes_up_counts_from_its_creation() {
        assert_eq!(since(ClusterState::Starting, &[]), [at(1)]);
        assert_eq!(since(ClusterState::Bootstrapping, &[added(StepState::Pending, 1)]), [at(1)]);
        assert_eq!(unfinished(&made(ClusterState::Starting), &[])[0].step, None);
    }

    #[test]
    fn a_running_step_counts_from_its_start() {
        let running = |hour| Step { started_at: Some(at(hour)), ..added(StepState::Running, 2) };
        let cancelled = Step { started_at: Some(at(6)), ..added(StepState::CancelPending, 2) };
        let steps = [added(StepState::Pending, 2), cancelled, running(5), running(4)];
        assert_eq!(since(ClusterState::Running, &steps), [at(6), at(5), at(4)]);
    }

    #[test]
    fn if_none_runs_the_oldest_pending_step_counts_from_when_it_could_have_started() {
        let pending = |created| added(StepState::Pending, created);
        let ended = |state, hour| Step { ended_at: Some(at(hour)), ..added(state, 1) };
        assert_eq!(since(ClusterState::Running, &[pending(4), pending(1)]), [at(2)], "ready");
        assert_eq!(since(ClusterState::Running, &[pending(9), pending(8)]), [at(8)], "added");
        let after = |state| {
            since(ClusterState::Running, &[pending(4), pending(3), ended(state, 7), ended(StepState::Completed, 5)])
        };
        assert_eq!(after(StepState::Completed), [at(7)]);
        assert_eq!(after(StepState::Failed), [at(7)]);
    }

    #[test]
    fn a_running_step_without_a_start_keeps_pending_ones_from_counting() {
        let steps = [added(StepState::Pending, 2), added(StepState::Running, 2)];
        assert!(!is_stuck(&steps) && since(ClusterState::Running, &steps).is_empty());
        assert!(is_stuck(&[added(StepState::Pending, 2), added(StepState::CancelPending, 2)]), "it never began");
    }

    #[test]
    fn a_waiting_or_ended_cluster_has_no_unfinished_work() {
        for state in [ClusterState::Waiting, ClusterState::Terminating, ClusterState::Terminated] {
            assert!(since(state, &[added(StepState::Pending, 1)]).is_empty());
        }
        assert!(since(ClusterState::Running, &[]).is_empty());
    }
}

//! How a step ended. EMR's states alone do not say it: a step that never began can be added elsewhere, one that was
//! stopped cannot, and EMR may call a step PENDING on a job flow that is gone.

use emr_core::error::Outcome;
use emr_core::model::cluster::ClusterState;
use emr_core::model::step::{Step, StepState};

/// How a step ended, as far as a script must know.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Ending {
    /// It succeeded.
    Completed,
    /// It failed.
    Failed,
    /// Somebody cancelled it.
    Cancelled,
    /// It was stopped while it ran.
    Interrupted,
    /// Its job flow ended before the step began: the same step can be added elsewhere.
    NeverBegan,
}

impl Ending {
    /// The outcome of a run that waited for such a step.
    #[must_use]
    pub(crate) fn outcome(self) -> Outcome {
        match self {
            Self::Completed => Outcome::Done,
            Self::Failed | Self::Cancelled | Self::Interrupted => Outcome::No,
            Self::NeverBegan => Outcome::TryAgain,
        }
    }

    /// Words that follow the step's name.
    #[must_use]
    pub(crate) fn phrase(self) -> &'static str {
        match self {
            Self::Completed => "completed",
            Self::Failed => "failed",
            Self::Cancelled => "was cancelled",
            Self::Interrupted => "was interrupted",
            Self::NeverBegan => "never began, because its job flow ended first",
        }
    }
}

/// How `step` ended on a cluster in the state `cluster`; `None` while it may still run.
#[must_use]
pub(crate) fn ending(step: &Step, cluster: Option<&ClusterState>) -> Option<Ending> {
    let gone = cluster.is_some_and(ClusterState::has_ended);
    let begun = step.started_at.is_some();
    match step.state {
        StepState::Completed => Some(Ending::Completed),
        StepState::Failed => Some(Ending::Failed),
        StepState::Cancelled | StepState::Interrupted if gone && !begun => Some(Ending::NeverBegan),
        StepState::Cancelled => Some(Ending::Cancelled),
        StepState::Interrupted => Some(Ending::Interrupted),
        StepState::Pending | StepState::CancelPending if gone => Some(Ending::NeverBegan),
        StepState::Running if cluster.is_some_and(|state| gone && *state != ClusterState::Terminating) => {
            Some(Ending::Interrupted)
        }
        _ => None,
    }
}

/// The outcome of a run that waited for several steps: a step that failed outweighs one that never began.
#[must_use]
pub(crate) fn of_all(endings: impl IntoIterator<Item = Ending>) -> Outcome {
    let outcomes: Vec<_> = endings.into_iter().map(Ending::outcome).collect();
    [Outcome::No, Outcome::TryAgain].into_iter().find(|worst| outcomes.contains(worst)).unwrap_or(Outcome::Done)
}

#[cfg(test)]
mod tests {
    use chrono::DateTime;
    use emr_core::model::step::example;

    use super::*;

    fn ended(state: StepState, begun: bool, cluster: Option<&ClusterState>) -> Option<Ending> {
        let step = example::step(state);
        ending(&Step { started_at: begun.then_some(DateTime::UNIX_EPOCH), ..step }, cluster)
    }

    #[test]
    fn each_ending_is_told_apart() {
        use ClusterState::{Running, Terminated, Terminating};
        let table = [
            (StepState::Completed, true, None, Some(Ending::Completed)),
            (StepState::Failed, true, Some(Terminated), Some(Ending::Failed)),
            (StepState::Cancelled, false, Some(Running), Some(Ending::Cancelled)),
            (StepState::Cancelled, false, Some(Terminated), Some(Ending::NeverBegan)),
            (StepState::Cancelled, true, Some(Terminated), Some(Ending::Cancelled)),
            (StepState::Interrupted, true, Some(Terminating), Some(Ending::Interrupted)),
            (StepState::Pending, false, Some(Terminating), Some(Ending::NeverBegan)),
            (StepState::Pending, false, Some(Running), None),
            (StepState::Running, true, Some(Terminating), None),
            (StepState::Running, true, Some(Terminated), Some(Ending::Interrupted)),
            (StepState::CancelPending, false, None, None),
        ];
        for (state, begun, cluster, expected) in table {
            assert_eq!(ended(state.clone(), begun, cluster.as_ref()), expected, "{state} {begun} {cluster:?}");
        }
    }

    #[test]
    fn a_failure_weighs_more_than_a_step_that_never_began() {
        use Ending::{Cancelled, Completed, Failed, NeverBegan};
        assert_eq!(of_all([]), Outcome::Done);
        assert_eq!(of_all([Completed, NeverBegan]), Outcome::TryAgain);
        assert_eq!(of_all([NeverBegan, Failed, Completed]), Outcome::No);
        assert_eq!(of_all([Cancelled]), Outcome::No);
    }
}

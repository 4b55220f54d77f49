//! What came of the wish to cancel a step, and whether EMR can grant it.

use emr_core::model::cluster::ClusterState;
use emr_core::model::step::{Step, StepState};

/// What came of the wish.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) enum Verdict {
    /// The step is cancelled.
    Cancelled,
    /// It is not, for this reason.
    NotCancelled(String),
}

/// What came of the wish to cancel `step`; `None` while that is open. `refusal` is EMR's reason if it refused, `cluster`
/// the state of its job flow if that is known.
pub(crate) fn verdict(step: &Step, refusal: Option<&str>, cluster: Option<&ClusterState>) -> Option<Verdict> {
    let not = |why: String| Some(Verdict::NotCancelled(why));
    let is_gone = cluster.is_some_and(|state| state.has_ended() && *state != ClusterState::Terminating);
    match &step.state {
        StepState::Cancelled => Some(Verdict::Cancelled),
        state if state.has_ended() => not(format!("it is {state}")),
        state if is_gone => not(format!("its job flow ended while it was {state}")),
        _ => refusal.and_then(|reason| not(reason.trim_end_matches('.').to_owned())),
    }
}

/// Why EMR would refuse to cancel `step` on the release with this label; `None` if it would not.
///
/// Source: <https://docs.aws.amazon.com/emr/latest/APIReference/API_CancelSteps.html>
pub(crate) fn foreseen_refusal(step: &Step, release: Option<(u32, u32)>, has_label: bool) -> Option<String> {
    let since = |version: (u32, u32)| has_label && release.is_none_or(|release| release >= version);
    let is_pending = step.state == StepState::Pending;
    if is_pending && !(since((4, 8)) && release != Some((5, 0))) {
        return Some("EMR cancels pending steps from release 4.8 on, and not in 5.0".to_owned());
    }
    (!is_pending && !since((5, 28))).then(|| "EMR cancels running steps from release 5.28 on".to_owned())
}

#[cfg(test)]
mod tests {
    use emr_core::model::step::example;

    use super::*;

    fn of(state: StepState, refusal: Option<&str>, cluster: Option<&ClusterState>) -> Option<Verdict> {
        verdict(&example::step(state), refusal, cluster)
    }

    #[test]
    fn only_a_step_that_is_cancelled_was_cancelled() {
        let not = |why: &str| Some(Verdict::NotCancelled(why.to_owned()));
        let already = Some("Cannot cancel the step. It is already CANCELLED.");
        assert_eq!(of(StepState::Cancelled, already, None), Some(Verdict::Cancelled));
        for state in [StepState::Completed, StepState::Failed, StepState::Interrupted] {
            assert_eq!(of(state.clone(), None, None), not(&format!("it is {state}")));
        }
        assert_eq!(of(StepState::CancelPending, None, None), None);
        assert_eq!(of(StepState::Running, None, Some(&ClusterState::Terminating)), None, "it will be interrupted");
        assert_eq!(
            of(StepState::Running, Some("This step cannot be cancelled."), None),
            not("This step cannot be cancelled")
        );
        let gone = of(StepState::Pending, None, Some(&ClusterState::Terminated));
        assert_eq!(gone, not("its job flow ended while it was PENDING"));
    }

    #[test]
    fn releases_that_cancel_are_told_from_those_that_do_not() {
        let refused =
            |state, release: Option<(u32, u32)>| foreseen_refusal(&example::step(state), release, true).is_some();
        for (release, pending, running) in [
            ((4, 7), true, true),
            ((4, 8), false, true),
            ((5, 0), true, true),
            ((5, 27), false, true),
            ((5, 28), false, false),
            ((7, 14), false, false),
        ] {
            let found = (refused(StepState::Pending, Some(release)), refused(StepState::Running, Some(release)));
            assert_eq!(found, (pending, running), "{release:?}");
        }
        assert!(!refused(StepState::Running, None), "a label without numbers is later than any");
        assert!(foreseen_refusal(&example::step(StepState::Pending), None, false).is_some(), "an AMI version");
    }
}

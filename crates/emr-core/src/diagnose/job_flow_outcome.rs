//! The outcome of a wait for a job flow, as an exit code that a script can act on.
//!
//! Only this module turns EMR's reasons into outcomes. [`Outcome::TryAgain`] means that a retry, later or with another
//! instance type, may succeed.
//!
//! | EMR's reason | outcome |
//! |---|---|
//! | no capacity, an exceeded quota, throttling, a lost instance | try again: 75 |
//! | the request was wrong | 2 |
//! | a role or the user lacks a permission | 77 |
//! | an internal error of EMR | 69 |
//! | a bootstrap action or a step failed, or somebody terminated it | 1 |

use super::job_flow::kind;
use crate::error::Outcome;
use crate::model::cause::CauseKind;
use crate::model::cluster::{Cluster, ClusterState};

/// What a wait is for.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Until {
    /// The job flow can run steps.
    Ready,
    /// The job flow has ended and its instances are gone.
    Ended,
}

/// The outcome of a wait for `until`; `None` while it continues. `keep_alive` says whether the cluster stays after its
/// last step, so that it ends only when terminated.
#[must_use]
pub fn outcome(cluster: &Cluster, keep_alive: bool, until: Until) -> Option<Outcome> {
    match (&cluster.state, until) {
        (ClusterState::Running | ClusterState::Waiting, Until::Ready) => Some(Outcome::Done),
        // EMR gives the reason before the instances are gone, so a script can start another job flow sooner.
        (ClusterState::Terminating, Until::Ready) if cluster.reason_code.is_some() => Some(of_end(cluster, None)),
        (ClusterState::Terminated | ClusterState::TerminatedWithErrors, Until::Ready) => Some(of_end(cluster, None)),
        (ClusterState::Terminated | ClusterState::TerminatedWithErrors, Until::Ended) => {
            Some(of_end(cluster, Some(keep_alive)))
        }
        _ => None,
    }
}

/// The outcome of an ended job flow. `ends` is `None` if the wait was for readiness, else whether the job flow stays
/// until it is terminated.
fn of_end(cluster: &Cluster, ends: Option<bool>) -> Outcome {
    let as_wanted = |is_wanted| if is_wanted { Outcome::Done } else { Outcome::No };
    match cluster.reason_code.as_deref() {
        Some("USER_REQUEST") => as_wanted(ends == Some(true)),
        Some("ALL_STEPS_COMPLETED") => as_wanted(ends.is_some()),
        Some("STEP_FAILURE") => Outcome::No,
        None if cluster.error_details.is_empty() => {
            as_wanted(ends.is_some() && cluster.state == ClusterState::Terminated)
        }
        _ => of_kind(kind(cluster)),
    }
}

/// The outcome of a failure of this `kind`.
fn of_kind(kind: CauseKind) -> Outcome {
    match kind {
        CauseKind::NoCapacity
        | CauseKind::QuotaExceeded
        | CauseKind::Throttled
        | CauseKind::InstanceFailure
        | CauseKind::LostNodes => Outcome::TryAgain,
        CauseKind::ValidationError => Outcome::Usage,
        CauseKind::PermissionDenied => Outcome::Denied,
        CauseKind::InternalError => Outcome::Unavailable,
        _ => Outcome::No,
    }
}

/// The outcome of a wait for several job flows: a failure that somebody must fix goes before one that may pass. Before
/// both goes an outcome that no job flow has, such as a wrong configuration.
#[must_use]
pub fn outcome_of_all(outcomes: impl IntoIterator<Item = Outcome>) -> Outcome {
    let outcomes: Vec<_> = outcomes.into_iter().collect();
    let worst = [Outcome::No, Outcome::Usage, Outcome::Denied, Outcome::Unavailable, Outcome::TryAgain];
    let of_no_job_flow = outcomes.iter().find(|outcome| **outcome != Outcome::Done && !worst.contains(outcome));
    let of_job_flows = || worst.into_iter().find(|worst| outcomes.contains(worst));
    of_no_job_flow.copied().or_else(of_job_flows).unwrap_or(Outcome::Done)
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::model::cluster::example;

    use ClusterState::{Bootstrapping, Running, Starting, Terminated, TerminatedWithErrors, Terminating, Waiting};

    #[test]
    fn no_failure_of_several_is_forgotten() {
        let of_all = |outcomes: &[Outcome]| outcome_of_all(outcomes.iter().copied());
        assert_eq!(of_all(&[Outcome::Done, Outcome::TryAgain, Outcome::Usage]), Outcome::Usage);
        assert_eq!(of_all(&[Outcome::No, Outcome::Usage, Outcome::Denied]), Outcome::No);
        for outcome in [Outcome::Config, Outcome::Bug, Outcome::Io, Outcome::Unavailable] {
            assert_eq!(of_all(&[Outcome::Done, outcome, Outcome::TryAgain]), outcome);
        }
        assert_eq!(of_all(&[Outcome::Done]), Outcome::Done);
    }

    fn cluster(state: ClusterState, code: &str, reason: &str) -> Cluster {
        let said = |text: &str| (!text.is_empty()).then(|| text.to_owned());
        Cluster { reason_code: said(code), reason: said(reason), ..example::cluster("j-A", state) }
    }

    #[test]
    fn a_cluster_that_can_run_steps_is_ready_and_a_starting_one_is_waited_for() {
        let ready = |state| outcome(&cluster(state, "", ""), true, Until::Ready);
        assert_eq!([Running, Waiting].map(ready), [Some(Outcome::Done); 2]);
        assert_eq!([Starting, Bootstrapping, ClusterState::Other("PAUSED".to_owned())].map(ready), [None; 3]);
        let ended = |state| outcome(&cluster(state, "", ""), true, Until::Ended);
        assert_eq!([Starting, Bootstrapping, Running, Waiting, Terminating].map(ended), [None; 5]);
    }

    #[test]
    fn each_reason_has_its_outcome() {
        for (code, reason, ready, ended) in [
            ("INTERNAL_ERROR", "EC2 is out of capacity for m5.xlarge", Outcome::TryAgain, Outcome::TryAgain),
            ("INSTANCE_FLEET_TIMEOUT", "not within 60 minutes", Outcome::TryAgain, Outcome::TryAgain),
            ("INTERNAL_ERROR", "exceeds the EC2 service quota", Outcome::TryAgain, Outcome::TryAgain),
            ("INTERNAL_ERROR", "due to throttling from Amazon EC2", Outcome::TryAgain, Outcome::TryAgain),
            ("INSTANCE_FAILURE", "The master node was terminated", Outcome::TryAgain, Outcome::TryAgain),
            ("VALIDATION_ERROR", "The given SSH key name was invalid", Outcome::Usage, Outcome::Usage),
            ("VALIDATION_ERROR", "has insufficient EC2 permissions", Outcome::Denied, Outcome::Denied),
            ("INTERNAL_ERROR", "An internal error occurred.", Outcome::Unavailable, Outcome::Unavailable),
            ("BOOTSTRAP_FAILURE", "bootstrap action 1 failed", Outcome::No, Outcome::No),
            ("STEP_FAILURE", "Shut down as step failed", Outcome::No, Outcome::No),
            ("ALL_STEPS_COMPLETED", "Steps completed", Outcome::No, Outcome::Done),
            ("", "", Outcome::No, Outcome::No),
        ] {
            let found = [Until::Ready, Until::Ended]
                .map(|until| outcome(&cluster(TerminatedWithErrors, code, reason), false, until));
            assert_eq!(found, [Some(ready), Some(ended)], "{code}: {reason}");
        }
    }

    #[test]
    fn terminating_a_job_flow_is_success_only_if_it_stays_until_then() {
        let by_request = cluster(Terminated, "USER_REQUEST", "Terminated by user request");
        assert_eq!(outcome(&by_request, true, Until::Ended), Some(Outcome::Done));
        assert_eq!(outcome(&by_request, false, Until::Ended), Some(Outcome::No), "its steps were not done");
        assert_eq!(outcome(&by_request, true, Until::Ready), Some(Outcome::No));
        let silent = cluster(Terminated, "", "");
        assert_eq!(outcome(&silent, false, Until::Ended), Some(Outcome::Done));
    }

    #[test]
    fn a_terminating_job_flow_is_given_up_once_the_reason_is_known() {
        let ends = |code| outcome(&cluster(Terminating, code, "EC2 is out of capacity"), true, Until::Ready);
        assert_eq!(ends("INTERNAL_ERROR"), Some(Outcome::TryAgain));
        assert_eq!(ends(""), None);
    }

    #[test]
    fn of_several_outcomes_the_one_to_fix_goes_first() {
        use Outcome::{Denied, Done, No, TryAgain, Unavailable, Usage};
        assert_eq!(outcome_of_all([]), Done);
        assert_eq!(outcome_of_all([Done, TryAgain]), TryAgain);
        assert_eq!(outcome_of_all([TryAgain, Unavailable, Denied]), Denied);
        assert_eq!(outcome_of_all([Denied, Usage, No, Done]), No);
    }
}

//! The vacancy: whether a cluster can take another job's steps now, by its state, its steps and EMR's step limit.

use super::Reason;
use crate::model::cluster::{ClusterDetail, ClusterState};
use crate::model::job_flow::Software;
use crate::model::step::Step;

/// EMR's step limit: 256 unfinished steps on a cluster, or on old AMI versions 256 ever.
///
/// Source: <https://docs.aws.amazon.com/emr/latest/ManagementGuide/AddMoreThan256Steps.html>
pub const STEP_LIMIT: usize = 256;

/// Why `cluster` cannot take `new_steps` steps now; empty if it can. `steps` are its unfinished steps, or all steps
/// ever if [`counts_every_step`].
#[must_use]
pub fn occupied(cluster: &ClusterDetail, steps: &[Step], new_steps: u32) -> Vec<Reason> {
    let state = &cluster.cluster.state;
    let wanted = if cluster.step_concurrency > 1 { "WAITING or RUNNING" } else { "WAITING" };
    let busy = Reason { check: "state", wanted: wanted.to_owned(), found: state.to_string() };
    let is_busy = !may_be_free(state, cluster.step_concurrency);
    is_busy.then_some(busy).into_iter().chain(unfit_for_steps(cluster, steps, new_steps)).collect()
}

/// Whether a cluster in `state` may have room for a step.
pub(super) fn may_be_free(state: &ClusterState, step_concurrency: u32) -> bool {
    *state == ClusterState::Waiting || (*state == ClusterState::Running && step_concurrency > 1)
}

/// Why `cluster` cannot take `new_steps` steps, whatever its state.
pub(super) fn unfit_for_steps(cluster: &ClusterDetail, steps: &[Step], new_steps: u32) -> Vec<Reason> {
    let mut reasons = Vec::new();
    let mut unless = |holds: bool, check, wanted: String, found: String| {
        if !holds {
            reasons.push(Reason { check, wanted, found });
        }
    };
    unless(cluster.keep_alive, "keep_alive", "stays when its steps are done".to_owned(), "ends with them".to_owned());
    let active = steps.iter().filter(|step| !step.state.has_ended()).count();
    let most = usize::try_from(cluster.step_concurrency).unwrap_or(usize::MAX).max(1);
    let at_most =
        if most == 1 { "no unfinished step".to_owned() } else { format!("fewer than {most} unfinished steps") };
    unless(active < most, "steps", at_most, format!("{active} unfinished"));
    let room = STEP_LIMIT.saturating_sub(steps.len());
    let has_room = usize::try_from(new_steps).is_ok_and(|new_steps| new_steps <= room);
    unless(has_room, "step_limit", format!("room for {new_steps} steps"), format!("room for {room} of {STEP_LIMIT}"));
    reasons
}

/// Whether every step that a cluster ever had counts towards EMR's limit: on AMI versions before 2.4.8, and on 3.0.0 to
/// 3.1.0.
///
/// Source: <https://docs.aws.amazon.com/emr/latest/ManagementGuide/AddMoreThan256Steps.html>
#[must_use]
pub fn counts_every_step(software: &Software) -> bool {
    let Software::Ami { version, .. } = software else { return false };
    let mut parts = version.split('.').map(|part| part.parse::<u32>().unwrap_or(0));
    let mut next = || parts.next().unwrap_or(0);
    let version = (next(), next(), next());
    version < (2, 4, 8) || ((3, 0, 0)..(3, 1, 1)).contains(&version)
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::model::cluster::example;
    use crate::model::step::{StepState, example::step as example_step};

    fn cluster(state: ClusterState, step_concurrency: u32) -> ClusterDetail {
        ClusterDetail { step_concurrency, ..example::detail(example::cluster("j-A", state)) }
    }

    fn steps(state: &StepState, count: usize) -> Vec<Step> {
        vec![example_step(state.clone()); count]
    }

    fn checks(cluster: &ClusterDetail, steps: &[Step], new_steps: u32) -> Vec<&'static str> {
        occupied(cluster, steps, new_steps).into_iter().map(|reason| reason.check).collect()
    }

    #[test]
    fn a_waiting_cluster_without_steps_is_free() {
        let waiting = cluster(ClusterState::Waiting, 1);
        assert!(checks(&waiting, &[], 1).is_empty());
        assert!(checks(&waiting, &steps(&StepState::Completed, 10), 1).is_empty());
        assert_eq!(checks(&waiting, &steps(&StepState::Pending, 1), 1), ["steps"], "lists lag behind");
        assert_eq!(checks(&ClusterDetail { keep_alive: false, ..waiting }, &[], 1), ["keep_alive"]);
    }

    #[test]
    fn a_running_one_is_free_below_its_step_concurrency() {
        let running = steps(&StepState::Running, 2);
        assert!(checks(&cluster(ClusterState::Running, 3), &running, 1).is_empty());
        assert_eq!(checks(&cluster(ClusterState::Running, 2), &running, 1), ["steps"]);
        assert_eq!(checks(&cluster(ClusterState::Running, 1), &[], 1), ["state"]);
        assert_eq!(checks(&cluster(ClusterState::Terminating, 5), &[], 1), ["state"]);
    }

    #[test]
    fn there_is_room_for_256_steps() {
        let waiting = cluster(ClusterState::Waiting, 1);
        let ever = steps(&StepState::Completed, 250);
        assert!(checks(&waiting, &ever, 6).is_empty());
        assert_eq!(checks(&waiting, &ever, 7), ["step_limit"]);
        assert_eq!(checks(&waiting, &steps(&StepState::Completed, 300), 1), ["step_limit"]);
    }

    #[test]
    fn only_old_ami_versions_count_every_step() {
        let ami = |version: &str| Software::Ami { version: version.to_owned(), hadoop_version: None };
        for old in ["1.0", "2.3", "2.4.7", "3.0.4", "3.1.0"] {
            assert!(counts_every_step(&ami(old)), "{old}");
        }
        for new in ["2.4.8", "2.4.11", "3.1.1", "3.11.0"] {
            assert!(!counts_every_step(&ami(new)), "{new}");
        }
        let label = Software::Release { label: "emr-4.0.0".to_owned(), applications: Vec::new() };
        assert!(!counts_every_step(&label));
    }
}

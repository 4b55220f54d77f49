//! What a job flow stands for to a wait: the steps of its newest run, and every unfinished one.
//!
//! Steps count that ended before anybody looked. Otherwise a wait for a job flow whose steps have failed would find
//! nothing to wait for, and the same command that timed out would succeed when it is run again.

use emr_aws::Emr;
use emr_core::error::Result;
use emr_core::model::cluster::{Cluster, ClusterState};
use emr_core::model::id::{JobFlowId, StepId};
use emr_core::model::run_id::RunId;
use emr_core::model::step::Step;

/// How many of the newest steps are searched for a run id. Job flows of other programs may have ten thousand steps, and
/// EMR's quota lists a hundred a second.
const SEARCHED: usize = 250;

/// The steps that a job flow stands for.
#[derive(Debug, PartialEq, Eq)]
pub(crate) struct StandsFor {
    /// The steps, the oldest first.
    pub(crate) steps: Vec<StepId>,
    /// The steps in words that follow "stands for".
    pub(crate) phrase: String,
}

/// What `job_flow` stands for; `None` if it has no step.
pub(crate) async fn find(emr: &Emr, job_flow: &JobFlowId) -> Result<Option<StandsFor>> {
    // First, so that a step which ends between the two calls is not missed.
    let unfinished = emr.unfinished_steps(job_flow).await?;
    let mut newest: Vec<Step> = Vec::new();
    let mut pages = emr.steps(job_flow);
    while let Some(page) = pages.next().await? {
        let is_older = match newest_run(&newest) {
            Some(run) => !page.iter().any(|step| run.made(&step.name)),
            None => newest.len() >= SEARCHED,
        };
        newest.extend(page);
        if is_older {
            break;
        }
    }
    Ok(of(&newest, &unfinished))
}

/// The run of the newest step that one of these tools added; one call adds all steps of a run.
fn newest_run(newest: &[Step]) -> Option<RunId> {
    newest.iter().find_map(|step| RunId::split(&step.name).1)
}

/// What a job flow stands for whose `newest` steps are these, the newest first, and whose `unfinished` ones are these.
fn of(newest: &[Step], unfinished: &[Step]) -> Option<StandsFor> {
    let run = newest_run(newest);
    let is_of_run = |step: &Step| run.as_ref().is_some_and(|run| run.made(&step.name));
    let last = newest.first().or(unfinished.first())?;
    let mut steps: Vec<&Step> = newest.iter().filter(|step| is_of_run(step) || step.id == last.id).collect();
    let chosen = steps.len();
    for step in newest.iter().filter(|step| !step.state.has_ended()).chain(unfinished) {
        if steps.iter().all(|other| other.id != step.id) {
            steps.push(step);
        }
    }
    let of_run = steps.iter().filter(|step| is_of_run(step)).count();
    let phrase = phrase(run.as_ref(), of_run, chosen.saturating_sub(of_run), steps.len() - chosen);
    let steps = steps.into_iter().rev().map(|step| step.id.clone()).collect();
    Some(StandsFor { steps, phrase })
}

/// The rule in words: steps of the newest run, the newest step that is of none, and other unfinished ones.
fn phrase(run: Option<&RunId>, of_run: usize, newest: usize, unfinished: usize) -> String {
    let mut parts = Vec::new();
    if let Some(run) = run {
        parts.push(format!("the {} of its newest run ({run})", steps(of_run)));
    }
    if newest > 0 {
        parts.push("its newest step".to_owned());
    }
    if unfinished > 0 {
        parts.push(format!("{} that {} not ended", steps(unfinished), if unfinished == 1 { "has" } else { "have" }));
    }
    let unnamed = if run.is_none() { ", as no Name has a run id" } else { "" };
    format!("{}{unnamed}", parts.join(" and "))
}

fn steps(count: usize) -> String {
    if count == 1 { "1 step".to_owned() } else { format!("{count} steps") }
}

/// What becomes of a wait for a job flow without steps.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum WithoutSteps {
    /// It goes on: the job flow starts.
    Starting,
    /// There is nothing to wait for.
    Nothing,
    /// The job flow failed, or it was ended before it was up.
    Failed,
}

/// What `cluster`, which has no step, means to a wait.
pub(crate) fn without_steps(cluster: &Cluster) -> WithoutSteps {
    match &cluster.state {
        ClusterState::Starting | ClusterState::Bootstrapping => WithoutSteps::Starting,
        ClusterState::TerminatedWithErrors => WithoutSteps::Failed,
        state if state.has_ended() && cluster.ready_at.is_none() => WithoutSteps::Failed,
        _ => WithoutSteps::Nothing,
    }
}

#[cfg(test)]
mod tests {
    use chrono::DateTime;
    use emr_core::model::cluster::example as clusters;
    use emr_core::model::step::{StepState, example};

    use super::*;

    const A: &str = "etl run:aaaaaaaaaaaa";
    const B: &str = "etl run:bbbbbbbbbbbb";

    fn step(id: &str, name: &str, state: StepState) -> Step {
        Step { id: id.parse().unwrap(), name: name.to_owned(), ..example::step(state) }
    }

    fn told(newest: &[Step], unfinished: &[Step]) -> (Vec<String>, String) {
        let found = of(newest, unfinished).unwrap();
        (found.steps.iter().map(ToString::to_string).collect(), found.phrase)
    }

    #[test]
    fn a_job_flow_stands_for_its_newest_run_however_that_ended() {
        use StepState::{Cancelled, Completed, Failed};
        let newest = [step("s-4", B, Cancelled), step("s-3", B, Failed), step("s-2", A, Completed)];
        let phrase = "the 2 steps of its newest run (run:bbbbbbbbbbbb)".to_owned();
        assert_eq!(told(&newest, &[]), (vec!["s-3".to_owned(), "s-4".to_owned()], phrase));
    }

    #[test]
    fn a_job_flow_stands_for_every_unfinished_step_too_also_on_later_pages() {
        let newest = [step("s-4", B, StepState::Completed), step("s-3", A, StepState::Running)];
        let old = step("s-1", A, StepState::Running);
        let (ids, phrase) = told(&newest, &[newest[1].clone(), old]);
        assert_eq!(ids, ["s-1", "s-3", "s-4"]);
        assert_eq!(phrase, "the 1 step of its newest run (run:bbbbbbbbbbbb) and 2 steps that have not ended");
    }

    #[test]
    fn without_run_ids_a_job_flow_stands_for_its_newest_step() {
        let newest = [step("s-2", "b", StepState::Failed), step("s-1", "a", StepState::Failed)];
        assert_eq!(told(&newest, &[]), (vec!["s-2".to_owned()], "its newest step, as no Name has a run id".to_owned()));
    }

    #[test]
    fn a_newest_step_without_a_run_id_counts_beside_the_newest_run() {
        let newest = [step("s-2", "by hand", StepState::Failed), step("s-1", A, StepState::Completed)];
        let (ids, phrase) = told(&newest, &[]);
        assert_eq!(ids, ["s-1", "s-2"]);
        assert_eq!(phrase, "the 1 step of its newest run (run:aaaaaaaaaaaa) and its newest step");
        assert_eq!(of(&[], &[]), None);
    }

    #[test]
    fn a_job_flow_without_steps_that_did_not_come_up_is_a_failure() {
        use ClusterState::{Bootstrapping, Terminated, TerminatedWithErrors, Terminating, Waiting};
        let outcome = |state, ready: bool| {
            let ready_at = ready.then_some(DateTime::UNIX_EPOCH);
            without_steps(&Cluster { ready_at, ..clusters::cluster("j-A", state) })
        };
        assert_eq!(outcome(Bootstrapping, false), WithoutSteps::Starting);
        assert_eq!(outcome(Waiting, true), WithoutSteps::Nothing);
        assert_eq!(outcome(Terminated, true), WithoutSteps::Nothing);
        for (state, ready) in [(TerminatedWithErrors, true), (Terminating, false), (Terminated, false)] {
            assert_eq!(outcome(state.clone(), ready), WithoutSteps::Failed, "{state} {ready}");
        }
    }
}

//! Which steps are named: by records, by ids behind that of their job flow, or with its id as an option.
//!
//! A job flow by itself names no step. To take it for all of its steps would make a wrong pipe cancel a day's work.

use emr_cli::Commands;
use emr_core::error::{Error, Result};
use emr_core::model::id::{JobFlowId, StepId};
use emr_core::model::place::Place;
use emr_core::stdin::Target;

/// The steps that `targets` name, each once. `job_flow` is that of steps before which none is named.
pub(crate) fn steps(
    targets: Vec<Target>,
    job_flow: Option<&JobFlowId>,
    commands: &Commands,
) -> Result<Vec<(JobFlowId, StepId)>> {
    let mut steps: Vec<(JobFlowId, StepId)> = Vec::new();
    let mut before = job_flow.cloned();
    let mut lonely: Option<(JobFlowId, Place)> = None;
    for target in targets {
        let named = match (target.job_flow, target.step) {
            (Some(flow), None) => {
                refuse(lonely, commands)?;
                lonely = Some((flow.clone(), target.place));
                before = Some(flow);
                continue;
            }
            (Some(flow), Some(step)) => (flow, step),
            (None, Some(step)) => {
                lonely = None;
                (before.clone().ok_or_else(|| unknown(&step))?, step)
            }
            (None, None) => continue,
        };
        if !steps.contains(&named) {
            steps.push(named);
        }
    }
    refuse(lonely, commands)?;
    Ok(steps)
}

/// Refuses a job flow of which no step is named.
fn refuse(lonely: Option<(JobFlowId, Place)>, commands: &Commands) -> Result<()> {
    let Some((flow, place)) = lonely else { return Ok(()) };
    let list = commands.at(&["list-steps", "--state", "PENDING,RUNNING", flow.as_str()], &place);
    // The records say where their job flow is.
    let cancel = commands.at(&["cancel-step"], &Place::default());
    let error = Error::usage(format!("{flow} is a job flow, and no step of it is named"));
    Err(error.advise(format!("name steps, or choose some with '{list} | {cancel}'")))
}

fn unknown(step: &StepId) -> Error {
    let error = Error::usage(format!("the job flow of {step} is not known"));
    error.advise("name it before the step or with --emr-job-flow-id, or pipe in records")
}

#[cfg(test)]
mod tests {
    use super::*;

    fn named(words: &str, job_flow: Option<&str>) -> Result<Vec<String>> {
        let target = |word: &str| {
            let (flow, step) =
                word.split_once('/').unwrap_or(if word.starts_with('j') { (word, "") } else { ("", word) });
            Target { job_flow: flow.parse().ok(), step: step.parse().ok(), ..Default::default() }
        };
        let job_flow: Option<JobFlowId> = job_flow.map(|flow| flow.parse().unwrap());
        let targets = words.split_whitespace().map(target).collect();
        let steps = steps(targets, job_flow.as_ref(), &Commands::default())?;
        Ok(steps.into_iter().map(|(flow, step)| format!("{flow}/{step}")).collect())
    }

    #[test]
    fn a_step_is_of_the_job_flow_before_it_or_of_its_record() {
        assert_eq!(
            named("j-A s-1 s-2 j-B s-1 j-C/s-3 s-2", None).unwrap(),
            ["j-A/s-1", "j-A/s-2", "j-B/s-1", "j-C/s-3", "j-B/s-2"]
        );
        assert_eq!(named("s-1 j-B s-2 j-B/s-2", Some("j-A")).unwrap(), ["j-A/s-1", "j-B/s-2"]);
        assert_eq!(named("", None).unwrap(), [""; 0]);
    }

    #[test]
    fn a_job_flow_without_a_step_and_a_step_without_a_job_flow_are_refused() {
        for words in ["j-A", "j-A j-B s-1", "j-B s-1 j-A", "j-A/s-1 j-A"] {
            let error = named(words, None).unwrap_err().to_string();
            assert!(error.contains("j-A is a job flow, and no step of it is named"), "{words}: {error}");
        }
        assert!(named("s-1", None).unwrap_err().to_string().contains("the job flow of s-1 is not known"));
    }
}

//! `AddJobFlowSteps`: adds steps to a cluster, once.

use aws_sdk_emr::operation::add_job_flow_steps::builders::AddJobFlowStepsFluentBuilder;
use aws_sdk_emr::types as sdk;
use emr_core::error::{CallError, CallErrorKind, Error, Outcome, Result};
use emr_core::model::id::{JobFlowId, StepId};
use emr_core::model::run_id::RunId;
use emr_core::model::step::NewStep;
use serde_json::Value;

use super::{CLOCKS_APART, Emr, adopt};
use crate::call::Repeat;
use crate::connect::Connection;
use crate::convert;
use crate::dry_run::DryRun;

impl Emr {
    /// Adds `steps` to `job_flow` once, under the Names that `run` gives them. Returns their ids in that order. After a
    /// lost answer the steps are looked up by Name and not added again: the job would run twice.
    ///
    /// Source: <https://docs.aws.amazon.com/emr/latest/APIReference/API_AddJobFlowSteps.html>
    pub async fn add_job_flow_steps(
        &self,
        job_flow: &JobFlowId,
        steps: &[NewStep],
        run: &RunId,
    ) -> Result<Vec<StepId>> {
        let request = request(self.sdk(job_flow), job_flow, steps, run);
        let sent = self
            .caller(job_flow)
            .act("AddJobFlowSteps", Repeat::Costly, job_flow.as_str(), || request.clone().send())
            .await;
        match sent.and_then(|answer| step_ids(answer.step_ids(), steps.len())) {
            Ok(ids) => Ok(ids),
            Err(failure) if failure.kind == CallErrorKind::Unclear => {
                let found = adopt::adopt(failure, run, || self.find_added_by(job_flow, run, steps.len())).await;
                found.map_err(|error| error.on(job_flow))
            }
            Err(failure) => Err(Error::from(refusal(failure)).on(job_flow)),
        }
    }

    /// The ids of the `count` steps that `run` added, oldest first. `None` unless all are listed: a call adds all of
    /// its steps or none. Lists are newest first, so the search ends at the first page that is older than this run.
    async fn find_added_by(&self, job_flow: &JobFlowId, run: &RunId, count: usize) -> Result<Option<Vec<StepId>>> {
        let mut added = Vec::new();
        let mut pages = self.steps(job_flow);
        while let Some(page) = pages.next().await? {
            let oldest = page.iter().filter_map(|step| step.created_at).min();
            added.extend(page.into_iter().filter(|step| run.made(&step.name)).map(|step| step.id));
            if added.len() >= count {
                added.reverse();
                return Ok(Some(added));
            }
            if oldest.is_some_and(|oldest| oldest < self.started_at - CLOCKS_APART) {
                break;
            }
        }
        Ok(None)
    }
}

/// The request that [`Emr::add_job_flow_steps`] sends, in the API's JSON. Nothing is sent.
pub async fn dry_run(job_flow: &JobFlowId, steps: &[NewStep], run: &RunId) -> Result<Value> {
    let sdk = aws_sdk_emr::Client::new(&Connection::offline());
    let caught = DryRun::default();
    let _ = request(&sdk, job_flow, steps, run).customize().interceptor(caught.clone()).send().await;
    caught.request()
}

/// The ids in an answer. Unless there are `count` of them, it is unclear what was added.
fn step_ids(ids: &[String], count: usize) -> std::result::Result<Vec<StepId>, CallError> {
    let unclear = |error: &Error| CallError::strange("AddJobFlowSteps", error);
    let ids: Vec<_> =
        ids.iter().map(|id| convert::id(Some(id))).collect::<Result<_>>().map_err(|error| unclear(&error))?;
    if ids.len() == count {
        return Ok(ids);
    }
    Err(unclear(&Error::new(Outcome::Unavailable, format!("it has ids of {} steps instead of {count}", ids.len()))))
}

/// Recognizes the two refusals that are temporary: no room, and a cluster that is shutting down. EMR has no error code
/// for either, so this parses the message.
fn refusal(mut call: CallError) -> CallError {
    let text = call.message.to_lowercase();
    let no_room = text.contains("active steps") || text.contains("maximum number of steps");
    let ends = text.contains("shutting down") || text.contains("is terminat");
    if call.kind == CallErrorKind::Refused && (no_room || ends) {
        call.kind = CallErrorKind::NotNow;
    }
    call
}

fn request(
    sdk: &aws_sdk_emr::Client,
    job_flow: &JobFlowId,
    steps: &[NewStep],
    run: &RunId,
) -> AddJobFlowStepsFluentBuilder {
    let steps = steps.iter().map(|step| step_config(step, run)).collect();
    sdk.add_job_flow_steps().job_flow_id(job_flow.as_str()).set_steps(Some(steps))
}

fn step_config(step: &NewStep, run: &RunId) -> sdk::StepConfig {
    let properties: Vec<_> =
        step.properties.iter().map(|(key, value)| sdk::KeyValue::builder().key(key).value(value).build()).collect();
    let jar = sdk::HadoopJarStepConfig::builder()
        .jar(&step.jar)
        .set_main_class(step.main_class.clone())
        .set_args((!step.args.is_empty()).then(|| step.args.clone()))
        .set_properties((!properties.is_empty()).then_some(properties))
        .build();
    sdk::StepConfig::builder()
        .name(run.name(&step.name))
        .action_on_failure(step.action_on_failure.as_str().into())
        .hadoop_jar_step(jar)
        .build()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn an_answer_without_an_id_for_each_step_is_unclear() {
        let ids = |ids: &[&str]| ids.iter().map(|id| (*id).to_owned()).collect::<Vec<_>>();
        assert_eq!(step_ids(&ids(&["s-A", "s-B"]), 2).unwrap().len(), 2);
        for (answered, count) in [(ids(&[]), 1), (ids(&["s-A"]), 2), (ids(&["s-A", "s-B"]), 1), (ids(&["x"]), 1)] {
            assert_eq!(step_ids(&answered, count).unwrap_err().kind, CallErrorKind::Unclear, "{answered:?}");
        }
    }

    #[test]
    fn only_temporary_refusals_are_worth_another_try() {
        let outcome = |text: &str| {
            let call = CallError::answer("AddJobFlowSteps", Some("ValidationException"), 400, Some(text));
            Error::from(refusal(call)).outcome
        };
        let ended = "A job flow that is shutting down, terminated, or finished may not be modified.";
        assert_eq!(outcome(ended), Outcome::TryAgain);
        assert_eq!(outcome("Maximum number of active steps for cluster exceeded: 256."), Outcome::TryAgain);
        let concurrent = "ActionOnFailure TERMINATE_CLUSTER is not allowed with a step concurrency above 1.";
        assert_eq!(outcome(concurrent), Outcome::Usage);
    }
}

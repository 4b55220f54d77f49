//! `AddJobFlowSteps`.

use serde::Deserialize;
use serde_json::{Value, json};

use crate::emr::account::Account;
use crate::emr::error::Error;
use crate::emr::limits;
use crate::emr::model::cluster::Cluster;
use crate::emr::model::step::ActionOnFailure;
use crate::emr::model::timestamp::Timestamp;
use crate::emr::request::step::StepConfig;

#[derive(Deserialize)]
#[serde(rename_all = "PascalCase")]
pub(super) struct AddJobFlowSteps {
    job_flow_id: String,
    steps: Vec<StepConfig>,
    execution_role_arn: Option<String>,
}

pub(super) fn answer(account: &mut Account, request: AddJobFlowSteps, now: Timestamp) -> Result<Value, Error> {
    let cluster = account.cluster(&request.job_flow_id).ok_or_else(|| Error::unknown_job_flow(&request.job_flow_id))?;
    if !cluster.state().is_active() {
        return Err(Error::ended_job_flow());
    }
    limits::steps(&request.steps, cluster.active_steps())?;
    check_actions(cluster, &request.steps)?;
    let cluster = account.find_mut(&request.job_flow_id)?;
    let mut ids = Vec::new();
    for config in request.steps {
        let mut step = config.into_step(now);
        if let Some(role) = &request.execution_role_arn {
            step.rest.insert("ExecutionRoleArn".to_owned(), json!(role));
        }
        ids.push(step.id.clone());
        cluster.steps.push(step);
    }
    Ok(json!({ "StepIds": ids }))
}

/// With concurrent steps, EMR accepts only `CONTINUE`: a failed step must not end the others.
fn check_actions(cluster: &Cluster, steps: &[StepConfig]) -> Result<(), Error> {
    let is_concurrent = cluster.description.step_concurrency_level > 1;
    let goes_on = |step: &StepConfig| step.action_on_failure == ActionOnFailure::Continue;
    if is_concurrent && !steps.iter().all(goes_on) {
        return Err(Error::validation(
            "Steps with ActionOnFailure other than CONTINUE cannot be added to a cluster whose \
             StepConcurrencyLevel is greater than 1.",
        ));
    }
    Ok(())
}

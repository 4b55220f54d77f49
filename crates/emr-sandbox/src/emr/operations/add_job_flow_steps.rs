//! `AddJobFlowSteps`, `CancelSteps`, `DescribeStep` and `ListSteps`.

use serde::Deserialize;
use serde_json::{Value, json};

use crate::emr::account::Account;
use crate::emr::error::Failure;
use crate::emr::lifecycle::{Order, Stop};
use crate::emr::model::cluster::Cluster;
use crate::emr::model::status::StepState;
use crate::emr::model::step::{ActionOnFailure, Step, StepRequest};
use crate::emr::model::timestamp::Timestamp;
use crate::emr::operations::run_job_flow::validate;
use crate::emr::page::{Marker, at_most, with_marker};

#[derive(Deserialize)]
#[serde(rename_all = "PascalCase")]
pub(crate) struct AddJobFlowSteps {
    job_flow_id: String,
    steps: Vec<StepRequest>,
    execution_role_arn: Option<String>,
}

pub(crate) fn add_job_flow_steps(
    account: &mut Account,
    request: AddJobFlowSteps,
    now: Timestamp,
) -> Result<Value, Failure> {
    let cluster = account.cluster(&request.job_flow_id).ok_or_else(Failure::unknown_job_flow)?;
    if !cluster.state().is_active() {
        return Err(Failure::ended_job_flow());
    }
    validate::steps(&request.steps, cluster.active_steps())?;
    allow_actions(cluster, &request.steps)?;
    let cluster = account.find_mut(&request.job_flow_id)?;
    let mut ids = Vec::new();
    for wanted in request.steps {
        let mut step = wanted.into_step(now);
        if let Some(role) = &request.execution_role_arn {
            step.rest.insert("ExecutionRoleArn".to_owned(), json!(role));
        }
        ids.push(step.id.clone());
        cluster.steps.push(step);
    }
    Ok(json!({ "StepIds": ids }))
}

/// Where steps run side by side, a failing one may only let the others go on.
fn allow_actions(cluster: &Cluster, steps: &[StepRequest]) -> Result<(), Failure> {
    let is_concurrent = cluster.description.step_concurrency_level > 1;
    let goes_on = |step: &StepRequest| step.action_on_failure == ActionOnFailure::Continue;
    if is_concurrent && !steps.iter().all(goes_on) {
        return Err(Failure::validation(
            "Steps with ActionOnFailure other than CONTINUE cannot be added to a cluster whose \
             StepConcurrencyLevel is greater than 1.",
        ));
    }
    Ok(())
}

#[derive(Deserialize)]
#[serde(rename_all = "PascalCase")]
pub(crate) struct CancelSteps {
    cluster_id: String,
    step_ids: Vec<String>,
    #[serde(default)]
    step_cancellation_option: StepCancellationOption,
}

#[derive(Clone, Copy, Default, Deserialize)]
#[serde(rename_all = "SCREAMING_SNAKE_CASE")]
enum StepCancellationOption {
    #[default]
    SendInterrupt,
    TerminateProcess,
}

pub(crate) fn cancel_steps(account: &mut Account, request: &CancelSteps, now: Timestamp) -> Result<Value, Failure> {
    at_most(validate::ACTIVE_STEPS, "stepIds", &request.step_ids)?;
    let cluster = account.find_mut(&request.cluster_id)?;
    let mut orders = Vec::new();
    let mut answers = Vec::new();
    for id in &request.step_ids {
        let step = cluster.step_mut(id).ok_or_else(|| Failure::unknown_step(id))?;
        answers.push(match cancel(step, request.step_cancellation_option, now) {
            Ok(order) => {
                orders.extend(order);
                json!({ "StepId": id, "Status": "SUBMITTED", "Reason": "" })
            }
            Err(reason) => json!({ "StepId": id, "Status": "FAILED", "Reason": reason }),
        });
    }
    account.order(&request.cluster_id, orders);
    Ok(json!({ "CancelStepsInfoList": answers }))
}

fn cancel(step: &mut Step, option: StepCancellationOption, now: Timestamp) -> Result<Option<Order>, &'static str> {
    match step.status.state {
        // A recorded step has no process that could end.
        state if state == StepState::Pending || (state.is_active() && !step.is_ours) => {
            step.status.state = StepState::Cancelled;
            step.status.timeline.end_date_time = Some(now);
            Ok(None)
        }
        StepState::Running | StepState::CancelPending => {
            step.status.state = StepState::CancelPending;
            let how = match option {
                StepCancellationOption::SendInterrupt => Stop::Interrupt,
                StepCancellationOption::TerminateProcess => Stop::Kill,
            };
            Ok(Some(Order::Stop(step.id.clone(), how)))
        }
        _ => Err("The step cannot be cancelled because it has ended."),
    }
}

#[derive(Deserialize)]
#[serde(rename_all = "PascalCase")]
pub(crate) struct DescribeStep {
    cluster_id: String,
    step_id: String,
}

pub(crate) fn describe_step(account: &Account, request: &DescribeStep) -> Result<Value, Failure> {
    let cluster = account.find(&request.cluster_id)?;
    let step = cluster.step(&request.step_id);
    let step = step.ok_or_else(|| Failure::unknown_step(&request.step_id))?;
    Ok(json!({ "Step": step }))
}

#[derive(Deserialize)]
#[serde(rename_all = "PascalCase")]
pub(crate) struct ListSteps {
    cluster_id: String,
    #[serde(default)]
    step_states: Vec<StepState>,
    #[serde(default)]
    step_ids: Vec<String>,
    #[serde(default)]
    marker: Marker,
}

pub(crate) fn list_steps(account: &Account, request: &ListSteps) -> Result<Value, Failure> {
    let cluster = account.find(&request.cluster_id)?;
    at_most(10, "stepIds", &request.step_ids)?;
    if let Some(id) = request.step_ids.iter().find(|id| cluster.step(id).is_none()) {
        return Err(Failure::unknown_step(id));
    }
    let (states, ids) = (&request.step_states, &request.step_ids);
    let (page, marker) = request.marker.page_newest_first(&cluster.steps, |step| {
        (states.is_empty() || states.contains(&step.status.state)) && (ids.is_empty() || ids.contains(&step.id))
    });
    Ok(with_marker(json!({ "Steps": page }), marker))
}

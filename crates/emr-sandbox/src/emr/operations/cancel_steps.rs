//! `CancelSteps`.

use serde::Deserialize;
use serde_json::{Value, json};

use crate::emr::account::Account;
use crate::emr::error::Error;
use crate::emr::lifecycle::{Order, Stop};
use crate::emr::model::status::StepState;
use crate::emr::model::step::Step;
use crate::emr::model::timestamp::Timestamp;
use crate::emr::{limits, release};

#[derive(Deserialize)]
#[serde(rename_all = "PascalCase")]
pub(super) struct CancelSteps {
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

impl From<StepCancellationOption> for Stop {
    fn from(option: StepCancellationOption) -> Self {
        match option {
            StepCancellationOption::SendInterrupt => Self::Interrupt,
            StepCancellationOption::TerminateProcess => Self::Kill,
        }
    }
}

pub(super) fn answer(account: &mut Account, request: &CancelSteps, now: Timestamp) -> Result<Value, Error> {
    limits::length("stepIds", request.step_ids.len(), limits::ACTIVE_STEPS)?;
    let cluster = account.find_mut(&request.cluster_id)?;
    let release = cluster.description.release_label.clone();
    let mut orders = Vec::new();
    let mut answers = Vec::new();
    for id in &request.step_ids {
        let step = cluster.step_mut(id).ok_or_else(|| Error::unknown_step(id))?;
        answers.push(match cancel(step, release.as_deref(), request.step_cancellation_option, now) {
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

/// Cancels a step that has not ended, if the release can. The error is EMR's reason.
fn cancel(
    step: &mut Step,
    release_label: Option<&str>,
    option: StepCancellationOption,
    now: Timestamp,
) -> Result<Option<Order>, String> {
    let state = step.status.state;
    if state == StepState::Pending && !release_label.is_some_and(release::cancels_pending_steps) {
        return Err("This step cannot be cancelled.".to_owned());
    }
    if state.is_active() && state != StepState::Pending && !release_label.is_some_and(release::cancels_running_steps) {
        return Err(already(state));
    }
    match state {
        // No process runs for a recorded step.
        state if state == StepState::Pending || (state.is_active() && !step.is_ours) => {
            step.status.state = StepState::Cancelled;
            step.status.timeline.end_date_time = Some(now);
            Ok(None)
        }
        StepState::Running | StepState::CancelPending => {
            step.status.state = StepState::CancelPending;
            Ok(Some(Order::Stop(step.id.clone(), option.into())))
        }
        _ => Err(already(state)),
    }
}

fn already(state: StepState) -> String {
    format!("Cannot cancel the step. It is already {}.", json!(state).as_str().unwrap_or_default())
}

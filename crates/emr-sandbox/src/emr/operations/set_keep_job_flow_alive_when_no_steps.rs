//! `SetKeepJobFlowAliveWhenNoSteps`.

use serde::Deserialize;
use serde_json::Value;

use crate::emr::account::Account;
use crate::emr::error::Error;

#[derive(Deserialize)]
#[serde(rename_all = "PascalCase")]
pub(super) struct SetKeepJobFlowAliveWhenNoSteps {
    job_flow_ids: Vec<String>,
    keep_job_flow_alive_when_no_steps: bool,
}

pub(super) fn answer(account: &mut Account, request: &SetKeepJobFlowAliveWhenNoSteps) -> Result<Value, Error> {
    account.set(&request.job_flow_ids, |description| {
        description.auto_terminate = !request.keep_job_flow_alive_when_no_steps;
    })?;
    Ok(Value::Null)
}

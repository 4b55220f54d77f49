//! `SetTerminationProtection`.

use serde::Deserialize;
use serde_json::Value;

use crate::emr::account::Account;
use crate::emr::error::Error;

#[derive(Deserialize)]
#[serde(rename_all = "PascalCase")]
pub(super) struct SetTerminationProtection {
    job_flow_ids: Vec<String>,
    termination_protected: bool,
}

pub(super) fn answer(account: &mut Account, request: &SetTerminationProtection) -> Result<Value, Error> {
    account.set(&request.job_flow_ids, |description| {
        description.termination_protected = request.termination_protected;
    })?;
    Ok(Value::Null)
}

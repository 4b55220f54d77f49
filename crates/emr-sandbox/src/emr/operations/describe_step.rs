//! `DescribeStep`.

use serde::Deserialize;
use serde_json::{Value, json};

use crate::emr::account::Account;
use crate::emr::error::Error;

#[derive(Deserialize)]
#[serde(rename_all = "PascalCase")]
pub(super) struct DescribeStep {
    cluster_id: String,
    step_id: String,
}

pub(super) fn answer(account: &Account, request: &DescribeStep) -> Result<Value, Error> {
    let cluster = account.find(&request.cluster_id)?;
    let step = cluster.step(&request.step_id);
    let step = step.ok_or_else(|| Error::unknown_step(&request.step_id))?;
    Ok(json!({ "Step": step }))
}

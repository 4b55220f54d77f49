//! `SetUnhealthyNodeReplacement`.

use serde::Deserialize;
use serde_json::{Value, json};

use crate::emr::account::Account;
use crate::emr::error::Error;

#[derive(Deserialize)]
#[serde(rename_all = "PascalCase")]
pub(super) struct SetUnhealthyNodeReplacement {
    job_flow_ids: Vec<String>,
    unhealthy_node_replacement: bool,
}

pub(super) fn answer(account: &mut Account, request: &SetUnhealthyNodeReplacement) -> Result<Value, Error> {
    account.set(&request.job_flow_ids, |description| {
        let value = json!(request.unhealthy_node_replacement);
        description.rest.insert("UnhealthyNodeReplacement".to_owned(), value);
    })?;
    Ok(Value::Null)
}

//! `SetVisibleToAllUsers`.

use serde::Deserialize;
use serde_json::Value;

use crate::emr::account::Account;
use crate::emr::error::Error;

#[derive(Deserialize)]
#[serde(rename_all = "PascalCase")]
pub(super) struct SetVisibleToAllUsers {
    job_flow_ids: Vec<String>,
    visible_to_all_users: bool,
}

pub(super) fn answer(account: &mut Account, request: &SetVisibleToAllUsers) -> Result<Value, Error> {
    account.set(&request.job_flow_ids, |description| {
        description.visible_to_all_users = request.visible_to_all_users;
    })?;
    Ok(Value::Null)
}

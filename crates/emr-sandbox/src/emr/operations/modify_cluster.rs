//! `ModifyCluster`.

use serde::Deserialize;
use serde_json::{Value, json};

use crate::emr::account::Account;
use crate::emr::error::Error;
use crate::emr::limits;

#[derive(Deserialize)]
#[serde(rename_all = "PascalCase")]
pub(super) struct ModifyCluster {
    cluster_id: String,
    step_concurrency_level: Option<usize>,
}

pub(super) fn answer(account: &mut Account, request: &ModifyCluster) -> Result<Value, Error> {
    let cluster = account.find_mut(&request.cluster_id)?;
    if !cluster.state().is_active() {
        return Err(Error::invalid_request("Cannot modify a cluster that is terminating or terminated."));
    }
    if let Some(level) = request.step_concurrency_level {
        limits::step_concurrency(level)?;
        cluster.description.step_concurrency_level = level;
    }
    Ok(json!({ "StepConcurrencyLevel": cluster.description.step_concurrency_level }))
}

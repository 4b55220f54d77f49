//! `PutManagedScalingPolicy`. The sandbox stores the policy and never resizes clusters.

use serde::Deserialize;
use serde_json::{Value, json};

use crate::emr::account::Account;
use crate::emr::error::Error;
use crate::emr::limits;

#[derive(Deserialize)]
#[serde(rename_all = "PascalCase")]
pub(super) struct PutManagedScalingPolicy {
    cluster_id: String,
    managed_scaling_policy: Value,
}

pub(super) fn answer(account: &mut Account, request: PutManagedScalingPolicy) -> Result<Value, Error> {
    limits::managed_scaling(&request.managed_scaling_policy)?;
    let cluster = account.find_mut(&request.cluster_id)?;
    if !cluster.state().is_active() {
        return Err(Error::ended_job_flow());
    }
    cluster.managed_scaling_policy = Some(request.managed_scaling_policy);
    Ok(json!({}))
}

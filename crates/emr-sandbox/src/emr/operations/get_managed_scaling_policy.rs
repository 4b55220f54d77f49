//! `GetManagedScalingPolicy`.

use serde_json::{Value, json};

use crate::emr::account::Account;
use crate::emr::error::Error;
use crate::emr::request::ClusterRequest;

pub(super) fn answer(account: &Account, request: &ClusterRequest) -> Result<Value, Error> {
    let policy = &account.find(&request.cluster_id)?.managed_scaling_policy;
    Ok(policy.as_ref().map_or_else(|| json!({}), |policy| json!({ "ManagedScalingPolicy": policy })))
}

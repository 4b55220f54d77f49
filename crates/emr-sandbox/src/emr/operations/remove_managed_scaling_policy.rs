//! `RemoveManagedScalingPolicy`.

use serde_json::{Value, json};

use crate::emr::account::Account;
use crate::emr::error::Error;
use crate::emr::request::ClusterRequest;

pub(super) fn answer(account: &mut Account, request: &ClusterRequest) -> Result<Value, Error> {
    account.find_mut(&request.cluster_id)?.managed_scaling_policy = None;
    Ok(json!({}))
}

//! `PutAutoTerminationPolicy`, `GetAutoTerminationPolicy` and `RemoveAutoTerminationPolicy`.

use serde::Deserialize;
use serde_json::{Value, json};

use crate::emr::account::Account;
use crate::emr::error::Failure;
use crate::emr::model::cluster::AutoTerminationPolicy;
use crate::emr::operations::run_job_flow::validate;

#[derive(Deserialize)]
#[serde(rename_all = "PascalCase")]
pub(crate) struct PutPolicy {
    cluster_id: String,
    #[serde(default = "one_hour")]
    auto_termination_policy: AutoTerminationPolicy,
}

fn one_hour() -> AutoTerminationPolicy {
    AutoTerminationPolicy { idle_timeout: 3600 }
}

pub(crate) fn put(account: &mut Account, request: &PutPolicy) -> Result<Value, Failure> {
    let policy = request.auto_termination_policy;
    let cluster = account.find_mut(&request.cluster_id)?;
    if !cluster.state().is_active() {
        return Err(Failure::invalid_request(
            "The auto-termination policy of a cluster that is terminating or terminated cannot \
             be changed.",
        ));
    }
    validate::auto_termination(policy, cluster.description.release_label.as_deref())?;
    cluster.auto_termination_policy = Some(policy);
    Ok(json!({}))
}

#[derive(Deserialize)]
#[serde(rename_all = "PascalCase")]
pub(crate) struct OfCluster {
    cluster_id: String,
}

pub(crate) fn get(account: &Account, request: &OfCluster) -> Result<Value, Failure> {
    let policy = account.find(&request.cluster_id)?.auto_termination_policy;
    Ok(policy.map_or_else(|| json!({}), |policy| json!({ "AutoTerminationPolicy": policy })))
}

pub(crate) fn remove(account: &mut Account, request: &OfCluster) -> Result<Value, Failure> {
    account.find_mut(&request.cluster_id)?.auto_termination_policy = None;
    Ok(json!({}))
}

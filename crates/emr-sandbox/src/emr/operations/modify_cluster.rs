//! The settings of a running cluster: `ModifyCluster` and the older `Set…` operations.

use serde::Deserialize;
use serde_json::{Value, json};

use crate::emr::account::Account;
use crate::emr::error::Failure;
use crate::emr::model::cluster::Description;
use crate::emr::operations::run_job_flow::validate;

#[derive(Deserialize)]
#[serde(rename_all = "PascalCase")]
pub(crate) struct ModifyCluster {
    cluster_id: String,
    step_concurrency_level: Option<usize>,
}

pub(crate) fn modify_cluster(account: &mut Account, request: &ModifyCluster) -> Result<Value, Failure> {
    let cluster = account.find_mut(&request.cluster_id)?;
    if !cluster.state().is_active() {
        return Err(Failure::invalid_request("Cannot modify a cluster that is terminating or terminated."));
    }
    if let Some(level) = request.step_concurrency_level {
        validate::step_concurrency(level)?;
        cluster.description.step_concurrency_level = level;
    }
    Ok(json!({ "StepConcurrencyLevel": cluster.description.step_concurrency_level }))
}

#[derive(Deserialize)]
#[serde(rename_all = "PascalCase")]
pub(crate) struct SetProtection {
    job_flow_ids: Vec<String>,
    termination_protected: bool,
}

pub(crate) fn set_protection(account: &mut Account, request: &SetProtection) -> Result<Value, Failure> {
    set(account, &request.job_flow_ids, |cluster| {
        cluster.termination_protected = request.termination_protected;
    })
}

#[derive(Deserialize)]
#[serde(rename_all = "PascalCase")]
pub(crate) struct SetVisible {
    job_flow_ids: Vec<String>,
    visible_to_all_users: bool,
}

pub(crate) fn set_visible(account: &mut Account, request: &SetVisible) -> Result<Value, Failure> {
    set(account, &request.job_flow_ids, |cluster| {
        cluster.visible_to_all_users = request.visible_to_all_users;
    })
}

#[derive(Deserialize)]
#[serde(rename_all = "PascalCase")]
pub(crate) struct SetKeepAlive {
    job_flow_ids: Vec<String>,
    keep_job_flow_alive_when_no_steps: bool,
}

pub(crate) fn set_keep_alive(account: &mut Account, request: &SetKeepAlive) -> Result<Value, Failure> {
    set(account, &request.job_flow_ids, |cluster| {
        cluster.auto_terminate = !request.keep_job_flow_alive_when_no_steps;
    })
}

/// Changes all the job flows, or none where one cannot be changed.
fn set(account: &mut Account, ids: &[String], change: impl Fn(&mut Description)) -> Result<Value, Failure> {
    for id in ids {
        let cluster = account.cluster(id).ok_or_else(Failure::unknown_job_flow)?;
        if !cluster.state().is_active() {
            return Err(Failure::ended_job_flow());
        }
    }
    for id in ids {
        change(&mut account.find_mut(id)?.description);
    }
    Ok(Value::Null)
}

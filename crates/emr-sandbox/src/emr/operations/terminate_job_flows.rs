//! `TerminateJobFlows`.

use serde::Deserialize;
use serde_json::Value;

use crate::emr::account::Account;
use crate::emr::error::Error;
use crate::emr::limits;
use crate::emr::model::status::Reason;
use crate::emr::model::timestamp::Timestamp;

#[derive(Deserialize)]
#[serde(rename_all = "PascalCase")]
pub(super) struct TerminateJobFlows {
    job_flow_ids: Vec<String>,
}

/// As EMR does, ends those that are not protected, and then refuses if one was.
pub(super) fn answer(account: &mut Account, request: &TerminateJobFlows, now: Timestamp) -> Result<Value, Error> {
    limits::length("jobFlowIds", request.job_flow_ids.len(), 10)?;
    if request.job_flow_ids.iter().any(|id| account.cluster(id).is_none()) {
        return Err(Error::unknown_job_flow());
    }
    let mut is_protected = false;
    for id in &request.job_flow_ids {
        let cluster = account.find_mut(id)?;
        if !cluster.state().is_active() {
            continue;
        }
        if cluster.description.termination_protected {
            is_protected = true;
            continue;
        }
        let orders = cluster.terminate(Reason::new("USER_REQUEST", "Terminated by user request"), now);
        account.order(id, orders);
    }
    if is_protected {
        return Err(Error::validation(
            "Could not shut down one or more job flows since they are termination protected.",
        ));
    }
    Ok(Value::Null)
}

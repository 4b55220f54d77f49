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

/// As EMR does, terminates the unprotected ones, then refuses if any was protected.
pub(super) fn answer(account: &mut Account, request: &TerminateJobFlows, now: Timestamp) -> Result<Value, Error> {
    limits::length("jobFlowIds", request.job_flow_ids.len(), 10)?;
    let ids = &request.job_flow_ids;
    if ids.iter().any(|id| account.cluster(id).is_none()) {
        return Err(Error::bad_job_flow());
    }
    if (1..ids.len()).any(|place| ids[..place].contains(&ids[place])) {
        return Err(Error::validation("Specified job flow ID does not exist"));
    }
    let mut is_protected = false;
    for id in ids {
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

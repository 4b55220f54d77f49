//! `PutAutoTerminationPolicy`.

use serde::Deserialize;
use serde_json::{Value, json};

use crate::emr::account::Account;
use crate::emr::error::Error;
use crate::emr::limits;
use crate::emr::model::cluster::AutoTerminationPolicy;

#[derive(Deserialize)]
#[serde(rename_all = "PascalCase")]
pub(super) struct PutAutoTerminationPolicy {
    cluster_id: String,
    #[serde(default)]
    auto_termination_policy: AutoTerminationPolicy,
}

pub(super) fn answer(account: &mut Account, request: &PutAutoTerminationPolicy) -> Result<Value, Error> {
    let policy = request.auto_termination_policy;
    let cluster = account.find_mut(&request.cluster_id)?;
    if !cluster.state().is_active() {
        return Err(Error::invalid_request(
            "The auto-termination policy of a cluster that is terminating or terminated cannot \
             be changed.",
        ));
    }
    limits::auto_termination(policy, cluster.description.release_label.as_deref())?;
    cluster.auto_termination_policy = Some(policy);
    Ok(json!({}))
}

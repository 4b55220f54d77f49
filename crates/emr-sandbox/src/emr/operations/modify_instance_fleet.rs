//! `ModifyInstanceFleet`: sets new target capacities.

use serde::Deserialize;
use serde_json::Value;

use crate::emr::account::Account;
use crate::emr::error::Error;
use crate::emr::model::timestamp::Timestamp;
use crate::emr::{limits, provision};

#[derive(Deserialize)]
#[serde(rename_all = "PascalCase")]
pub(super) struct ModifyInstanceFleet {
    cluster_id: String,
    instance_fleet: FleetChange,
}

#[derive(Deserialize)]
#[serde(rename_all = "PascalCase")]
struct FleetChange {
    instance_fleet_id: String,
    target_on_demand_capacity: Option<usize>,
    target_spot_capacity: Option<usize>,
}

pub(super) fn answer(account: &mut Account, request: &ModifyInstanceFleet, now: Timestamp) -> Result<Value, Error> {
    let cluster = account.find_mut(&request.cluster_id)?;
    if !cluster.state().is_active() {
        return Err(Error::ended_job_flow());
    }
    let change = &request.instance_fleet;
    let id = &change.instance_fleet_id;
    let fleet = cluster.instance_fleets.iter_mut().find(|fleet| fleet.id == *id);
    let fleet = fleet.ok_or_else(|| Error::invalid_request(format!("Instance fleet id '{id}' is not valid.")))?;
    let targets = [change.target_on_demand_capacity, change.target_spot_capacity];
    limits::instance_count(targets.into_iter().flatten().fold(0, usize::saturating_add))?;
    if let Some(capacity) = change.target_on_demand_capacity {
        fleet.target_on_demand_capacity = Some(capacity);
    }
    if let Some(capacity) = change.target_spot_capacity {
        fleet.target_spot_capacity = Some(capacity);
    }
    provision::resize(cluster, now);
    Ok(Value::Null)
}

//! `AddInstanceFleet`.

use serde::Deserialize;
use serde_json::{Value, json};

use crate::emr::account::Account;
use crate::emr::error::Error;
use crate::emr::model::cluster::Cluster;
use crate::emr::model::timestamp::Timestamp;
use crate::emr::request::instances::InstanceFleetConfig;
use crate::emr::{instance_types, limits, provision};

#[derive(Deserialize)]
#[serde(rename_all = "PascalCase")]
pub(super) struct AddInstanceFleet {
    cluster_id: String,
    instance_fleet: InstanceFleetConfig,
}

pub(super) fn answer(account: &mut Account, request: &AddInstanceFleet, now: Timestamp) -> Result<Value, Error> {
    let cluster = account.find_mut(&request.cluster_id)?;
    check(cluster, &request.instance_fleet)?;
    let fleet = request.instance_fleet.fleet(now);
    let id = fleet.id.clone();
    cluster.instance_fleets.push(fleet);
    provision::resize(cluster, now);
    let arn = &cluster.description.cluster_arn;
    Ok(json!({ "ClusterId": request.cluster_id, "InstanceFleetId": id, "ClusterArn": arn }))
}

fn check(cluster: &Cluster, fleet: &InstanceFleetConfig) -> Result<(), Error> {
    if !cluster.state().is_active() {
        return Err(Error::ended_job_flow());
    }
    if !cluster.instance_groups.is_empty() {
        return Err(Error::validation("Instance fleets cannot be added to a cluster that uses instance groups."));
    }
    if cluster.instance_fleets.iter().any(|other| other.instance_fleet_type == fleet.instance_fleet_type) {
        return Err(Error::validation("At most one instance fleet per type is allowed."));
    }
    for config in &fleet.instance_type_configs {
        config.check_bid()?;
        instance_types::check(&config.instance_type, cluster.description.running_ami_version.is_some())?;
    }
    limits::instance_count(fleet.capacity())
}

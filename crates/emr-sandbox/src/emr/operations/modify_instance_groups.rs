//! `ModifyInstanceGroups` and `ModifyInstanceFleet`: more instances or fewer.

use serde::Deserialize;
use serde_json::Value;

use crate::emr::account::Account;
use crate::emr::error::Failure;
use crate::emr::model::cluster::Cluster;
use crate::emr::model::instances::Role;
use crate::emr::model::status::ClusterState;
use crate::emr::model::timestamp::Timestamp;
use crate::emr::operations::run_job_flow::validate;
use crate::emr::provision;

#[derive(Deserialize)]
#[serde(rename_all = "PascalCase")]
pub(crate) struct ModifyInstanceGroups {
    cluster_id: Option<String>,
    #[serde(default)]
    instance_groups: Vec<GroupChange>,
}

#[derive(Deserialize)]
#[serde(rename_all = "PascalCase")]
struct GroupChange {
    instance_group_id: String,
    instance_count: Option<usize>,
}

pub(crate) fn modify_instance_groups(
    account: &mut Account,
    request: &ModifyInstanceGroups,
    now: Timestamp,
) -> Result<Value, Failure> {
    for change in &request.instance_groups {
        let id = owner(account, request.cluster_id.as_deref(), &change.instance_group_id)?;
        let cluster = account.find_mut(&id)?;
        resize_group(cluster, change)?;
        reprovision(cluster, now);
    }
    Ok(Value::Null)
}

/// The cluster that a group belongs to, which a request need not name.
fn owner(account: &Account, cluster: Option<&str>, group: &str) -> Result<String, Failure> {
    let has_group = |cluster: &&Cluster| cluster.instance_groups.iter().any(|g| g.id == group);
    let owner = match cluster {
        Some(id) => Some(account.find(id)?).filter(has_group),
        None => account.clusters().iter().find(has_group),
    };
    owner
        .map(|cluster| cluster.id().to_owned())
        .ok_or_else(|| Failure::invalid_request(format!("Instance group id '{group}' is not valid.")))
}

fn resize_group(cluster: &mut Cluster, change: &GroupChange) -> Result<(), Failure> {
    if !cluster.state().is_active() {
        return Err(Failure::ended_job_flow());
    }
    let groups = cluster.instance_groups.iter_mut();
    for group in groups.filter(|group| group.id == change.instance_group_id) {
        let count = change.instance_count.unwrap_or(group.requested_instance_count);
        if group.instance_group_type == Role::Master && count != group.requested_instance_count {
            return Err(Failure::validation("The master instance group cannot be resized."));
        }
        validate::instance_count(count)?;
        group.requested_instance_count = count;
    }
    Ok(())
}

#[derive(Deserialize)]
#[serde(rename_all = "PascalCase")]
pub(crate) struct ModifyInstanceFleet {
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

pub(crate) fn modify_instance_fleet(
    account: &mut Account,
    request: &ModifyInstanceFleet,
    now: Timestamp,
) -> Result<Value, Failure> {
    let cluster = account.find_mut(&request.cluster_id)?;
    if !cluster.state().is_active() {
        return Err(Failure::ended_job_flow());
    }
    let change = &request.instance_fleet;
    let id = &change.instance_fleet_id;
    let fleet = cluster.instance_fleets.iter_mut().find(|fleet| fleet.id == *id);
    let fleet = fleet.ok_or_else(|| Failure::invalid_request(format!("Instance fleet id '{id}' is not valid.")))?;
    let targets = [change.target_on_demand_capacity, change.target_spot_capacity];
    validate::instance_count(targets.into_iter().flatten().fold(0, usize::saturating_add))?;
    if let Some(capacity) = change.target_on_demand_capacity {
        fleet.target_on_demand_capacity = capacity;
    }
    if let Some(capacity) = change.target_spot_capacity {
        fleet.target_spot_capacity = capacity;
    }
    reprovision(cluster, now);
    Ok(Value::Null)
}

fn reprovision(cluster: &mut Cluster, now: Timestamp) {
    let is_ready = matches!(cluster.state(), ClusterState::Running | ClusterState::Waiting);
    provision::provision(cluster, is_ready, now);
}

//! `ListInstanceGroups`, `ListInstanceFleets`, `ListInstances` and `ListBootstrapActions`.

use serde::Deserialize;
use serde_json::{Value, json};

use crate::emr::account::Account;
use crate::emr::error::Failure;
use crate::emr::model::cluster::Cluster;
use crate::emr::model::instances::{Instance, Role};
use crate::emr::model::status::InstanceState;
use crate::emr::page::{Marker, with_marker};

/// A request for what belongs to a cluster.
#[derive(Deserialize)]
#[serde(rename_all = "PascalCase")]
pub(crate) struct OfCluster {
    cluster_id: String,
    #[serde(default)]
    marker: Marker,
}

pub(crate) fn list_instance_groups(account: &Account, request: &OfCluster) -> Result<Value, Failure> {
    let cluster = account.find(&request.cluster_id)?;
    if !cluster.instance_fleets.is_empty() {
        return Err(Failure::invalid_request(
            "Instance fleets and instance groups are mutually exclusive. The EMR cluster \
             specified in the request uses instance fleets. The ListInstanceGroups request does \
             not support clusters that use instance fleets. Use the ListInstanceFleets request \
             instead.",
        ));
    }
    let (page, marker) = request.marker.page(&cluster.instance_groups, |_| true);
    Ok(with_marker(json!({ "InstanceGroups": page }), marker))
}

pub(crate) fn list_instance_fleets(account: &Account, request: &OfCluster) -> Result<Value, Failure> {
    let cluster = account.find(&request.cluster_id)?;
    if !cluster.instance_groups.is_empty() {
        return Err(Failure::invalid_request(
            "Instance fleets and instance groups are mutually exclusive. The EMR cluster \
             specified in the request uses instance groups. The ListInstanceFleets request does \
             not support clusters that use instance groups. Use the ListInstanceGroups request \
             instead.",
        ));
    }
    let (page, marker) = request.marker.page(&cluster.instance_fleets, |_| true);
    Ok(with_marker(json!({ "InstanceFleets": page }), marker))
}

pub(crate) fn list_bootstrap_actions(account: &Account, request: &OfCluster) -> Result<Value, Failure> {
    let cluster = account.find(&request.cluster_id)?;
    let (page, marker) = request.marker.page(&cluster.bootstrap_actions, |_| true);
    Ok(with_marker(json!({ "BootstrapActions": page }), marker))
}

#[derive(Deserialize)]
#[serde(rename_all = "PascalCase")]
pub(crate) struct ListInstances {
    cluster_id: String,
    instance_group_id: Option<String>,
    #[serde(default)]
    instance_group_types: Vec<Role>,
    instance_fleet_id: Option<String>,
    instance_fleet_type: Option<Role>,
    #[serde(default)]
    instance_states: Vec<InstanceState>,
    #[serde(default)]
    marker: Marker,
}

impl ListInstances {
    fn wants(&self, cluster: &Cluster, instance: &Instance) -> bool {
        let states = &self.instance_states;
        let of = |id: &Option<String>| id.as_deref().is_none_or(|id| instance.is_of(id));
        (states.is_empty() || states.contains(&instance.status.state))
            && of(&self.instance_group_id)
            && of(&self.instance_fleet_id)
            && self.wants_role(role(cluster, instance))
    }

    fn wants_role(&self, role: Option<Role>) -> bool {
        let wanted = self.instance_group_types.iter().chain(&self.instance_fleet_type);
        let mut wanted = wanted.peekable();
        wanted.peek().is_none() || wanted.any(|&wanted| role == Some(wanted))
    }
}

/// The role of the group or fleet that an instance belongs to.
fn role(cluster: &Cluster, instance: &Instance) -> Option<Role> {
    let groups = cluster.instance_groups.iter().map(|group| (&group.id, group.instance_group_type));
    let fleets = cluster.instance_fleets.iter().map(|fleet| (&fleet.id, fleet.instance_fleet_type));
    groups.chain(fleets).find(|(id, _)| instance.is_of(id)).map(|(_, role)| role)
}

pub(crate) fn list_instances(account: &Account, request: &ListInstances) -> Result<Value, Failure> {
    let cluster = account.find(&request.cluster_id)?;
    let wanted = |instance: &Instance| request.wants(cluster, instance);
    let (page, marker) = request.marker.page(&cluster.instances, wanted);
    Ok(with_marker(json!({ "Instances": page }), marker))
}

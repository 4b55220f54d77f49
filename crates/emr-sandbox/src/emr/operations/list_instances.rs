//! `ListInstances`.

use serde::Deserialize;
use serde_json::{Value, json};

use crate::emr::account::Account;
use crate::emr::error::Error;
use crate::emr::model::cluster::Cluster;
use crate::emr::model::instances::{Instance, Role};
use crate::emr::model::status::InstanceState;
use crate::emr::page::{Marker, with_marker};

#[derive(Deserialize)]
#[serde(rename_all = "PascalCase")]
pub(super) struct ListInstances {
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
    fn matches(&self, cluster: &Cluster, instance: &Instance) -> bool {
        let states = &self.instance_states;
        let of = |id: &Option<String>| id.as_deref().is_none_or(|id| instance.is_of(id));
        (states.is_empty() || states.contains(&instance.status.state))
            && of(&self.instance_group_id)
            && of(&self.instance_fleet_id)
            && self.matches_role(role(cluster, instance))
    }

    fn matches_role(&self, role: Option<Role>) -> bool {
        let mut roles = self.instance_group_types.iter().chain(&self.instance_fleet_type).peekable();
        roles.peek().is_none() || roles.any(|&listed| role == Some(listed))
    }
}

/// The role of the group or fleet that an instance belongs to.
fn role(cluster: &Cluster, instance: &Instance) -> Option<Role> {
    let groups = cluster.instance_groups.iter().map(|group| (&group.id, group.instance_group_type));
    let fleets = cluster.instance_fleets.iter().map(|fleet| (&fleet.id, fleet.instance_fleet_type));
    groups.chain(fleets).find(|(id, _)| instance.is_of(id)).map(|(_, role)| role)
}

pub(super) fn answer(account: &Account, request: &ListInstances) -> Result<Value, Error> {
    let cluster = account.find(&request.cluster_id)?;
    let (page, marker) = request.marker.page(&cluster.instances, |instance| request.matches(cluster, instance));
    Ok(with_marker(json!({ "Instances": page }), marker))
}

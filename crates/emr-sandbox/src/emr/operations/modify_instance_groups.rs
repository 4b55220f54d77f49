//! `ModifyInstanceGroups`: sets new instance counts.

use serde::Deserialize;
use serde_json::Value;

use crate::emr::account::Account;
use crate::emr::error::Error;
use crate::emr::model::cluster::Cluster;
use crate::emr::model::instances::Role;
use crate::emr::model::status::ClusterState;
use crate::emr::model::timestamp::Timestamp;
use crate::emr::{limits, provision};

#[derive(Deserialize)]
#[serde(rename_all = "PascalCase")]
pub(super) struct ModifyInstanceGroups {
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

pub(super) fn answer(account: &mut Account, request: &ModifyInstanceGroups, now: Timestamp) -> Result<Value, Error> {
    for change in &request.instance_groups {
        let id = owner(account, request.cluster_id.as_deref(), &change.instance_group_id)?;
        let cluster = account.find_mut(&id)?;
        resize_group(cluster, change)?;
        provision::resize(cluster, now);
    }
    Ok(Value::Null)
}

/// The id of the cluster that has the group. The request may omit it.
fn owner(account: &Account, cluster: Option<&str>, group: &str) -> Result<String, Error> {
    let has_group = |cluster: &&Cluster| cluster.instance_groups.iter().any(|g| g.id == group);
    let owner = match cluster {
        Some(id) => Some(account.find(id)?).filter(has_group),
        None => account.clusters().iter().find(has_group),
    };
    owner
        .map(|cluster| cluster.id().to_owned())
        .ok_or_else(|| Error::invalid_request(format!("Instance group id '{group}' is not valid.")))
}

fn resize_group(cluster: &mut Cluster, change: &GroupChange) -> Result<(), Error> {
    if !cluster.state().is_active() {
        return Err(Error::ended_job_flow());
    }
    if !matches!(cluster.state(), ClusterState::Running | ClusterState::Waiting) {
        return Err(Error::validation("An instance group may only be modified when the cluster is running or waiting"));
    }
    let groups = cluster.instance_groups.iter_mut();
    for group in groups.filter(|group| group.id == change.instance_group_id) {
        let count = change.instance_count.unwrap_or(group.requested_instance_count);
        if group.instance_group_type == Role::Master && count != group.requested_instance_count {
            return Err(Error::validation("The master instance group cannot be resized."));
        }
        limits::instance_count(count)?;
        group.requested_instance_count = count;
    }
    Ok(())
}

//! `AddInstanceGroups`.

use serde::Deserialize;
use serde_json::{Value, json};

use crate::emr::account::Account;
use crate::emr::error::Error;
use crate::emr::model::cluster::Cluster;
use crate::emr::model::instances::Role;
use crate::emr::model::timestamp::Timestamp;
use crate::emr::request::instances::InstanceGroupConfig;
use crate::emr::{instance_types, limits, provision};

/// EMR's limit on the task groups of a cluster.
const TASK_GROUPS: usize = 48;

#[derive(Deserialize)]
#[serde(rename_all = "PascalCase")]
pub(super) struct AddInstanceGroups {
    job_flow_id: String,
    instance_groups: Vec<InstanceGroupConfig>,
}

pub(super) fn answer(account: &mut Account, request: &AddInstanceGroups, now: Timestamp) -> Result<Value, Error> {
    let id = &request.job_flow_id;
    let cluster = account.cluster_mut(id).ok_or_else(|| Error::unknown_job_flow(id))?;
    check(cluster, &request.instance_groups)?;
    let groups: Vec<_> = request.instance_groups.iter().map(|config| config.group(now)).collect();
    let ids: Vec<_> = groups.iter().map(|group| group.id.clone()).collect();
    cluster.instance_groups.extend(groups);
    provision::resize(cluster, now);
    Ok(json!({ "JobFlowId": id, "InstanceGroupIds": ids, "ClusterArn": cluster.description.cluster_arn }))
}

fn check(cluster: &Cluster, groups: &[InstanceGroupConfig]) -> Result<(), Error> {
    if !cluster.state().is_active() {
        return Err(Error::ended_job_flow());
    }
    if !cluster.instance_fleets.is_empty() {
        return Err(Error::validation("Instance groups cannot be added to a cluster that uses instance fleets."));
    }
    let of = |role: Role| cluster.instance_groups.iter().filter(move |group| group.instance_group_type == role).count();
    let added = |role: Role| groups.iter().filter(move |group| group.instance_role == role).count();
    if added(Role::Master) > 0 {
        return Err(Error::validation("A cluster has exactly one master instance group."));
    }
    if of(Role::Core) + added(Role::Core) > 1 {
        return Err(Error::validation("At most one core instance group may be specified."));
    }
    if of(Role::Task) + added(Role::Task) > TASK_GROUPS {
        return Err(Error::validation(format!("A cluster has at most {TASK_GROUPS} task instance groups.")));
    }
    for group in groups {
        instance_types::check(&group.instance_type, cluster.description.running_ami_version.is_some())?;
        limits::instance_count(group.instance_count)?;
    }
    Ok(())
}

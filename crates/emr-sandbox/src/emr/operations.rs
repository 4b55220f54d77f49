//! The operations that the sandbox answers, by name.

use serde_json::Value;

use super::account::Account;
use super::failure::{Failure, Kind};
use super::request::read;
use super::timestamp::Timestamp;
use super::{
    auto_termination, clusters, instances, modify_cluster, releases, resize, run_job_flow, sessions, steps, tags,
    termination,
};

/// Answers one request.
pub(crate) fn answer(account: &mut Account, operation: &str, body: &[u8], now: Timestamp) -> Result<Value, Failure> {
    match operation {
        "AddJobFlowSteps" => steps::add_job_flow_steps(account, read(body)?, now),
        "AddTags" => tags::add_tags(account, read(body)?),
        "CancelSteps" => steps::cancel_steps(account, &read(body)?, now),
        "DescribeCluster" => clusters::describe_cluster(account, &read(body)?, now),
        "DescribeReleaseLabel" => releases::describe_release_label(&read(body)?),
        "DescribeStep" => steps::describe_step(account, &read(body)?),
        "GetAutoTerminationPolicy" => auto_termination::get(account, &read(body)?),
        "ListBootstrapActions" => instances::list_bootstrap_actions(account, &read(body)?),
        "ListClusters" => Ok(clusters::list_clusters(account, &read(body)?, now)),
        "ListInstanceFleets" => instances::list_instance_fleets(account, &read(body)?),
        "ListInstanceGroups" => instances::list_instance_groups(account, &read(body)?),
        "ListInstances" => instances::list_instances(account, &read(body)?),
        "ListReleaseLabels" => releases::list_release_labels(&read(body)?),
        "ListSessions" => sessions::list_sessions(account, &read(body)?),
        "ListSteps" => steps::list_steps(account, &read(body)?),
        "ListSupportedInstanceTypes" => releases::list_supported_instance_types(&read(body)?),
        "ModifyCluster" => modify_cluster::modify_cluster(account, &read(body)?),
        "ModifyInstanceFleet" => resize::modify_instance_fleet(account, &read(body)?, now),
        "ModifyInstanceGroups" => resize::modify_instance_groups(account, &read(body)?, now),
        "PutAutoTerminationPolicy" => auto_termination::put(account, &read(body)?),
        "RemoveAutoTerminationPolicy" => auto_termination::remove(account, &read(body)?),
        "RemoveTags" => tags::remove_tags(account, &read(body)?),
        "RunJobFlow" => run_job_flow::run_job_flow(account, read(body)?, now),
        "SetKeepJobFlowAliveWhenNoSteps" => modify_cluster::set_keep_alive(account, &read(body)?),
        "SetTerminationProtection" => modify_cluster::set_protection(account, &read(body)?),
        "SetVisibleToAllUsers" => modify_cluster::set_visible(account, &read(body)?),
        "TerminateJobFlows" => termination::terminate_job_flows(account, &read(body)?, now),
        _ => Err(Failure::new(Kind::UnknownOperation, "")),
    }
}

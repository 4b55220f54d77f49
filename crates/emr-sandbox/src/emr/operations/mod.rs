//! The operations that the sandbox answers, by name.

mod add_job_flow_steps;
mod add_tags;
mod list_clusters;
mod list_instances;
mod list_release_labels;
mod list_sessions;
mod modify_cluster;
mod modify_instance_groups;
mod put_auto_termination_policy;
pub(crate) mod run_job_flow;
mod terminate_job_flows;

use serde_json::Value;

use super::account::Account;
use super::error::{Failure, Kind};
use super::request::read;
use crate::emr::model::timestamp::Timestamp;

/// Answers one request.
pub(crate) fn answer(account: &mut Account, operation: &str, body: &[u8], now: Timestamp) -> Result<Value, Failure> {
    match operation {
        "AddJobFlowSteps" => add_job_flow_steps::add_job_flow_steps(account, read(body)?, now),
        "AddTags" => add_tags::add_tags(account, read(body)?),
        "CancelSteps" => add_job_flow_steps::cancel_steps(account, &read(body)?, now),
        "DescribeCluster" => list_clusters::describe_cluster(account, &read(body)?, now),
        "DescribeReleaseLabel" => list_release_labels::describe_release_label(&read(body)?),
        "DescribeStep" => add_job_flow_steps::describe_step(account, &read(body)?),
        "GetAutoTerminationPolicy" => put_auto_termination_policy::get(account, &read(body)?),
        "ListBootstrapActions" => list_instances::list_bootstrap_actions(account, &read(body)?),
        "ListClusters" => Ok(list_clusters::list_clusters(account, &read(body)?, now)),
        "ListInstanceFleets" => list_instances::list_instance_fleets(account, &read(body)?),
        "ListInstanceGroups" => list_instances::list_instance_groups(account, &read(body)?),
        "ListInstances" => list_instances::list_instances(account, &read(body)?),
        "ListReleaseLabels" => list_release_labels::list_release_labels(&read(body)?),
        "ListSessions" => list_sessions::list_sessions(account, &read(body)?),
        "ListSteps" => add_job_flow_steps::list_steps(account, &read(body)?),
        "ListSupportedInstanceTypes" => list_release_labels::list_supported_instance_types(&read(body)?),
        "ModifyCluster" => modify_cluster::modify_cluster(account, &read(body)?),
        "ModifyInstanceFleet" => modify_instance_groups::modify_instance_fleet(account, &read(body)?, now),
        "ModifyInstanceGroups" => modify_instance_groups::modify_instance_groups(account, &read(body)?, now),
        "PutAutoTerminationPolicy" => put_auto_termination_policy::put(account, &read(body)?),
        "RemoveAutoTerminationPolicy" => put_auto_termination_policy::remove(account, &read(body)?),
        "RemoveTags" => add_tags::remove_tags(account, &read(body)?),
        "RunJobFlow" => run_job_flow::run_job_flow(account, read(body)?, now),
        "SetKeepJobFlowAliveWhenNoSteps" => modify_cluster::set_keep_alive(account, &read(body)?),
        "SetTerminationProtection" => modify_cluster::set_protection(account, &read(body)?),
        "SetVisibleToAllUsers" => modify_cluster::set_visible(account, &read(body)?),
        "TerminateJobFlows" => terminate_job_flows::terminate_job_flows(account, &read(body)?, now),
        _ => Err(Failure::new(Kind::UnknownOperation, "")),
    }
}

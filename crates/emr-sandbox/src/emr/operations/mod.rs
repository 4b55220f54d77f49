//! The operations that the sandbox answers, by name: a file each.
//!
//! An operation that only describes takes the account by reference; what changes it gets the time
//! as well, since every change is dated.

mod add_job_flow_steps;
mod add_tags;
mod cancel_steps;
mod describe_cluster;
mod describe_release_label;
mod describe_step;
mod get_auto_termination_policy;
mod list_bootstrap_actions;
mod list_clusters;
mod list_instance_fleets;
mod list_instance_groups;
mod list_instances;
mod list_release_labels;
mod list_sessions;
mod list_steps;
mod list_supported_instance_types;
mod modify_cluster;
mod modify_instance_fleet;
mod modify_instance_groups;
mod put_auto_termination_policy;
mod remove_auto_termination_policy;
mod remove_tags;
mod run_job_flow;
mod set_keep_job_flow_alive_when_no_steps;
mod set_termination_protection;
mod set_visible_to_all_users;
mod terminate_job_flows;

use serde_json::Value;

use super::account::Account;
use super::error::{Error, ErrorCode};
use super::model::timestamp::Timestamp;
use super::request::parse;

/// Answers one request to `operation` at the time `now`.
pub(crate) fn answer(account: &mut Account, operation: &str, body: &[u8], now: Timestamp) -> Result<Value, Error> {
    match operation {
        "AddJobFlowSteps" => add_job_flow_steps::answer(account, parse(body)?, now),
        "AddTags" => add_tags::answer(account, parse(body)?),
        "CancelSteps" => cancel_steps::answer(account, &parse(body)?, now),
        "DescribeCluster" => describe_cluster::answer(account, &parse(body)?, now),
        "DescribeReleaseLabel" => describe_release_label::answer(&parse(body)?),
        "DescribeStep" => describe_step::answer(account, &parse(body)?),
        "GetAutoTerminationPolicy" => get_auto_termination_policy::answer(account, &parse(body)?),
        "ListBootstrapActions" => list_bootstrap_actions::answer(account, &parse(body)?),
        "ListClusters" => Ok(list_clusters::answer(account, &parse(body)?, now)),
        "ListInstanceFleets" => list_instance_fleets::answer(account, &parse(body)?),
        "ListInstanceGroups" => list_instance_groups::answer(account, &parse(body)?),
        "ListInstances" => list_instances::answer(account, &parse(body)?),
        "ListReleaseLabels" => list_release_labels::answer(&parse(body)?),
        "ListSessions" => list_sessions::answer(account, &parse(body)?),
        "ListSteps" => list_steps::answer(account, &parse(body)?),
        "ListSupportedInstanceTypes" => list_supported_instance_types::answer(&parse(body)?),
        "ModifyCluster" => modify_cluster::answer(account, &parse(body)?),
        "ModifyInstanceFleet" => modify_instance_fleet::answer(account, &parse(body)?, now),
        "ModifyInstanceGroups" => modify_instance_groups::answer(account, &parse(body)?, now),
        "PutAutoTerminationPolicy" => put_auto_termination_policy::answer(account, &parse(body)?),
        "RemoveAutoTerminationPolicy" => remove_auto_termination_policy::answer(account, &parse(body)?),
        "RemoveTags" => remove_tags::answer(account, &parse(body)?),
        "RunJobFlow" => run_job_flow::answer(account, parse(body)?, now),
        "SetKeepJobFlowAliveWhenNoSteps" => set_keep_job_flow_alive_when_no_steps::answer(account, &parse(body)?),
        "SetTerminationProtection" => set_termination_protection::answer(account, &parse(body)?),
        "SetVisibleToAllUsers" => set_visible_to_all_users::answer(account, &parse(body)?),
        "TerminateJobFlows" => terminate_job_flows::answer(account, &parse(body)?, now),
        _ => Err(Error::new(ErrorCode::UnknownOperation, "")),
    }
}

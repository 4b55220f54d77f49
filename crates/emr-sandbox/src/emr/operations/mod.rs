//! The operations that the sandbox answers, by name: a file each.
//!
//! An operation that only reads takes the account by reference. One that changes it also takes the time, because every
//! change is dated.

mod add_instance_fleet;
mod add_instance_groups;
mod add_job_flow_steps;
mod add_tags;
mod cancel_steps;
mod create_security_configuration;
mod delete_security_configuration;
mod describe_cluster;
mod describe_release_label;
mod describe_security_configuration;
mod describe_step;
mod get_auto_termination_policy;
mod get_managed_scaling_policy;
mod lacking;
mod list_bootstrap_actions;
mod list_clusters;
mod list_instance_fleets;
mod list_instance_groups;
mod list_instances;
mod list_release_labels;
mod list_security_configurations;
mod list_sessions;
mod list_steps;
mod list_supported_instance_types;
mod modify_cluster;
mod modify_instance_fleet;
mod modify_instance_groups;
mod put_auto_termination_policy;
mod put_managed_scaling_policy;
mod remove_auto_termination_policy;
mod remove_managed_scaling_policy;
mod remove_tags;
mod run_job_flow;
mod set_keep_job_flow_alive_when_no_steps;
mod set_termination_protection;
mod set_unhealthy_node_replacement;
mod set_visible_to_all_users;
mod terminate_job_flows;

use serde_json::Value;

use super::account::Account;
use super::error::Error;
use super::model::timestamp::Timestamp;
use super::request::parse;

/// Answers one request to `operation` at the time `now`.
pub(crate) fn answer(account: &mut Account, operation: &str, body: &[u8], now: Timestamp) -> Result<Value, Error> {
    match operation {
        "AddInstanceFleet" => add_instance_fleet::answer(account, &parse(body)?, now),
        "AddInstanceGroups" => add_instance_groups::answer(account, &parse(body)?, now),
        "AddJobFlowSteps" => add_job_flow_steps::answer(account, parse(body)?, now),
        "AddTags" => add_tags::answer(account, parse(body)?),
        "CancelSteps" => cancel_steps::answer(account, &parse(body)?, now),
        "CreateSecurityConfiguration" => create_security_configuration::answer(account, parse(body)?, now),
        "DeleteSecurityConfiguration" => delete_security_configuration::answer(account, &parse(body)?),
        "DescribeCluster" => describe_cluster::answer(account, &parse(body)?, now),
        "DescribeReleaseLabel" => describe_release_label::answer(&parse(body)?),
        "DescribeSecurityConfiguration" => describe_security_configuration::answer(account, &parse(body)?),
        "DescribeStep" => describe_step::answer(account, &parse(body)?),
        "GetAutoTerminationPolicy" => get_auto_termination_policy::answer(account, &parse(body)?),
        "GetManagedScalingPolicy" => get_managed_scaling_policy::answer(account, &parse(body)?),
        "ListBootstrapActions" => list_bootstrap_actions::answer(account, &parse(body)?),
        "ListClusters" => Ok(list_clusters::answer(account, &parse(body)?, now)),
        "ListInstanceFleets" => list_instance_fleets::answer(account, &parse(body)?),
        "ListInstanceGroups" => list_instance_groups::answer(account, &parse(body)?),
        "ListInstances" => list_instances::answer(account, &parse(body)?),
        "ListReleaseLabels" => list_release_labels::answer(&parse(body)?),
        "ListSecurityConfigurations" => Ok(list_security_configurations::answer(account, &parse(body)?)),
        "ListSessions" => list_sessions::answer(account, &parse(body)?),
        "ListSteps" => list_steps::answer(account, &parse(body)?),
        "ListSupportedInstanceTypes" => list_supported_instance_types::answer(&parse(body)?),
        "ModifyCluster" => modify_cluster::answer(account, &parse(body)?),
        "ModifyInstanceFleet" => modify_instance_fleet::answer(account, &parse(body)?, now),
        "ModifyInstanceGroups" => modify_instance_groups::answer(account, &parse(body)?, now),
        "PutAutoTerminationPolicy" => put_auto_termination_policy::answer(account, &parse(body)?),
        "PutManagedScalingPolicy" => put_managed_scaling_policy::answer(account, parse(body)?),
        "RemoveAutoTerminationPolicy" => remove_auto_termination_policy::answer(account, &parse(body)?),
        "RemoveManagedScalingPolicy" => remove_managed_scaling_policy::answer(account, &parse(body)?),
        "RemoveTags" => remove_tags::answer(account, &parse(body)?),
        "RunJobFlow" => run_job_flow::answer(account, parse(body)?, now),
        "SetKeepJobFlowAliveWhenNoSteps" => set_keep_job_flow_alive_when_no_steps::answer(account, &parse(body)?),
        "SetTerminationProtection" => set_termination_protection::answer(account, &parse(body)?),
        "SetUnhealthyNodeReplacement" => set_unhealthy_node_replacement::answer(account, &parse(body)?),
        "SetVisibleToAllUsers" => set_visible_to_all_users::answer(account, &parse(body)?),
        "TerminateJobFlows" => terminate_job_flows::answer(account, &parse(body)?, now),
        _ => Err(lacking::refuse(operation)),
    }
}

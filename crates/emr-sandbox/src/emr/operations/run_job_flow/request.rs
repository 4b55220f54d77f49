//! A `RunJobFlow` request, in the shapes of EMR's API.

use serde::Deserialize;
use serde_json::{Map, Value};

use crate::emr::model::cluster::{AutoTerminationPolicy, Tag};
use crate::emr::model::instances::Role;
use crate::emr::request::instances::{InstanceFleetConfig, InstanceGroupConfig};
use crate::emr::request::step::StepConfig;

#[derive(Deserialize)]
#[serde(rename_all = "PascalCase")]
pub(crate) struct RunJobFlow {
    pub(super) name: String,
    pub(super) log_uri: Option<String>,
    pub(super) ami_version: Option<String>,
    pub(super) release_label: Option<String>,
    pub(super) instances: JobFlowInstancesConfig,
    #[serde(default)]
    pub(super) steps: Vec<StepConfig>,
    #[serde(default)]
    pub(super) bootstrap_actions: Vec<BootstrapActionConfig>,
    pub(super) visible_to_all_users: Option<bool>,
    pub(super) job_flow_role: Option<String>,
    #[serde(default)]
    pub(super) tags: Vec<Tag>,
    pub(super) step_concurrency_level: Option<usize>,
    pub(super) auto_termination_policy: Option<AutoTerminationPolicy>,
    pub(super) managed_scaling_policy: Option<Value>,
    /// Members that `DescribeCluster` repeats unchanged: `Applications`, `Configurations`, `ServiceRole` and others.
    #[serde(flatten)]
    pub(super) rest: Map<String, Value>,
}

#[derive(Deserialize)]
#[serde(rename_all = "PascalCase")]
pub(super) struct JobFlowInstancesConfig {
    #[serde(default)]
    pub(super) instance_groups: Vec<InstanceGroupConfig>,
    #[serde(default)]
    pub(super) instance_fleets: Vec<InstanceFleetConfig>,
    pub(super) instance_count: Option<usize>,
    pub(super) master_instance_type: Option<String>,
    pub(super) slave_instance_type: Option<String>,
    #[serde(default)]
    pub(super) keep_job_flow_alive_when_no_steps: bool,
    #[serde(default)]
    pub(super) termination_protected: bool,
    pub(super) unhealthy_node_replacement: Option<bool>,
    pub(super) ec2_subnet_id: Option<String>,
    #[serde(default)]
    pub(super) ec2_subnet_ids: Vec<String>,
    pub(super) placement: Option<PlacementType>,
    /// The key pair and security groups.
    #[serde(flatten)]
    pub(super) rest: Map<String, Value>,
}

#[derive(Deserialize)]
#[serde(rename_all = "PascalCase")]
pub(super) struct PlacementType {
    pub(super) availability_zone: Option<String>,
    #[serde(default)]
    pub(super) availability_zones: Vec<String>,
}

#[derive(Deserialize)]
#[serde(rename_all = "PascalCase")]
pub(super) struct BootstrapActionConfig {
    pub(super) name: String,
    pub(super) script_bootstrap_action: ScriptBootstrapActionConfig,
}

#[derive(Deserialize)]
#[serde(rename_all = "PascalCase")]
pub(super) struct ScriptBootstrapActionConfig {
    pub(super) path: String,
    #[serde(default)]
    pub(super) args: Vec<String>,
}

impl JobFlowInstancesConfig {
    /// Whether the cluster has several masters, so that one may fail.
    pub(super) fn is_highly_available(&self) -> bool {
        let groups = self.instance_groups.iter().map(|group| (group.instance_role, group.instance_count));
        let fleets = self.instance_fleets.iter().map(|fleet| (fleet.instance_fleet_type, fleet.capacity()));
        groups.chain(fleets).any(|(role, count)| role == Role::Master && count > 1)
    }

    /// Every instance type that the request names.
    pub(super) fn instance_types(&self) -> Vec<&str> {
        let fleets = self.instance_fleets.iter().flat_map(|fleet| &fleet.instance_type_configs);
        let groups = self.instance_groups.iter().map(|group| &group.instance_type);
        let of_roles = self.master_instance_type.iter().chain(&self.slave_instance_type);
        let types = groups.chain(fleets.map(|config| &config.instance_type)).chain(of_roles);
        types.map(String::as_str).collect()
    }
}

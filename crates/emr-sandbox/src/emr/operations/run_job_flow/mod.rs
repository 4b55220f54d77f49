//! `RunJobFlow`: what it asks for, and the cluster that comes of it.

mod instances;
pub(crate) mod validate;

use serde::Deserialize;
use serde_json::{Map, Value, json};

use crate::emr::account::{Account, Settings};
use crate::emr::error::Failure;
use crate::emr::model::cluster::{AutoTerminationPolicy, Bootstrap, Cluster, Description, Start, Tag};
use crate::emr::model::ids;
use crate::emr::model::instances::{Market, Role, default_weight};
use crate::emr::model::status::{ClusterState, Status};
use crate::emr::model::step::StepRequest;
use crate::emr::model::timestamp::Timestamp;
use crate::emr::provision;
use crate::emr::release;

/// Seconds that a transient cluster with no step waits for its first.
const FIRST_STEP_S: u64 = 60;

#[derive(Deserialize)]
#[serde(rename_all = "PascalCase")]
pub(crate) struct RunJobFlow {
    pub(crate) name: String,
    pub(crate) log_uri: Option<String>,
    pub(crate) ami_version: Option<String>,
    pub(crate) release_label: Option<String>,
    pub(crate) instances: Instances,
    #[serde(default)]
    pub(crate) steps: Vec<StepRequest>,
    #[serde(default)]
    bootstrap_actions: Vec<BootstrapAction>,
    visible_to_all_users: Option<bool>,
    job_flow_role: Option<String>,
    #[serde(default)]
    pub(crate) tags: Vec<Tag>,
    pub(crate) step_concurrency_level: Option<usize>,
    pub(crate) auto_termination_policy: Option<AutoTerminationPolicy>,
    /// What a cluster only repeats: `Applications`, `Configurations`, `ServiceRole` and the like.
    #[serde(flatten)]
    rest: Map<String, Value>,
}

#[derive(Deserialize)]
#[serde(rename_all = "PascalCase")]
pub(crate) struct Instances {
    #[serde(default)]
    pub(crate) instance_groups: Vec<InstanceGroupRequest>,
    #[serde(default)]
    pub(crate) instance_fleets: Vec<InstanceFleetRequest>,
    pub(crate) instance_count: Option<usize>,
    pub(crate) master_instance_type: Option<String>,
    pub(crate) slave_instance_type: Option<String>,
    #[serde(default)]
    keep_job_flow_alive_when_no_steps: bool,
    #[serde(default)]
    termination_protected: bool,
    ec2_subnet_id: Option<String>,
    #[serde(default)]
    ec2_subnet_ids: Vec<String>,
    placement: Option<Placement>,
    /// Key pair, security groups.
    #[serde(flatten)]
    rest: Map<String, Value>,
}

#[derive(Deserialize)]
#[serde(rename_all = "PascalCase")]
struct Placement {
    availability_zone: Option<String>,
    #[serde(default)]
    availability_zones: Vec<String>,
}

#[derive(Deserialize)]
#[serde(rename_all = "PascalCase")]
pub(crate) struct InstanceGroupRequest {
    pub(crate) instance_role: Role,
    pub(crate) instance_type: String,
    pub(crate) instance_count: usize,
    #[serde(default)]
    pub(crate) market: Market,
    pub(crate) bid_price: Option<String>,
    pub(crate) ebs_configuration: Option<Value>,
    #[serde(flatten)]
    pub(crate) rest: Map<String, Value>,
}

#[derive(Deserialize)]
#[serde(rename_all = "PascalCase")]
pub(crate) struct InstanceFleetRequest {
    pub(crate) instance_fleet_type: Role,
    #[serde(default)]
    pub(crate) target_on_demand_capacity: usize,
    #[serde(default)]
    pub(crate) target_spot_capacity: usize,
    #[serde(default)]
    pub(crate) instance_type_configs: Vec<InstanceTypeConfig>,
    #[serde(flatten)]
    pub(crate) rest: Map<String, Value>,
}

#[derive(Deserialize)]
#[serde(rename_all = "PascalCase")]
pub(crate) struct InstanceTypeConfig {
    pub(crate) instance_type: String,
    #[serde(default = "default_weight")]
    pub(crate) weighted_capacity: usize,
    pub(crate) ebs_configuration: Option<Value>,
    #[serde(flatten)]
    pub(crate) rest: Map<String, Value>,
}

#[derive(Deserialize)]
#[serde(rename_all = "PascalCase")]
struct BootstrapAction {
    name: String,
    script_bootstrap_action: ScriptBootstrapAction,
}

#[derive(Deserialize)]
#[serde(rename_all = "PascalCase")]
struct ScriptBootstrapAction {
    path: String,
    #[serde(default)]
    args: Vec<String>,
}

impl Instances {
    /// Every instance type that is asked for.
    pub(crate) fn instance_types(&self) -> Vec<&str> {
        let fleets = self.instance_fleets.iter().flat_map(|fleet| &fleet.instance_type_configs);
        let groups = self.instance_groups.iter().map(|group| &group.instance_type);
        let old = self.master_instance_type.iter().chain(&self.slave_instance_type);
        let types = groups.chain(fleets.map(|config| &config.instance_type)).chain(old);
        types.map(String::as_str).collect()
    }

    /// What `DescribeCluster` tells of it.
    fn ec2_instance_attributes(&self, settings: &Settings, job_flow_role: Option<String>) -> Value {
        let place = self.placement.as_ref();
        let zone = place.and_then(|place| place.availability_zone.iter().chain(&place.availability_zones).next());
        let zone = zone.cloned().unwrap_or_else(|| format!("{}a", settings.region));
        let subnets: Vec<_> = self.ec2_subnet_id.iter().chain(&self.ec2_subnet_ids).collect();
        let mut attributes = json!({
            "Ec2AvailabilityZone": zone,
            "RequestedEc2AvailabilityZones": place.map_or(&[][..], |place| &place.availability_zones),
            "RequestedEc2SubnetIds": subnets,
            "IamInstanceProfile": job_flow_role.unwrap_or_default(),
        });
        if let Some(subnet) = subnets.first() {
            attributes["Ec2SubnetId"] = json!(subnet);
        }
        for (member, value) in &self.rest {
            if !matches!(member.as_str(), "HadoopVersion" | "UnhealthyNodeReplacement") {
                attributes[member] = value.clone();
            }
        }
        attributes
    }
}

impl InstanceFleetRequest {
    /// Units of both markets.
    pub(crate) fn capacity(&self) -> usize {
        self.target_on_demand_capacity.saturating_add(self.target_spot_capacity)
    }
}

pub(crate) fn run_job_flow(account: &mut Account, request: RunJobFlow, now: Timestamp) -> Result<Value, Failure> {
    validate::run_job_flow(&request)?;
    let cluster = create(request, &account.settings, now);
    let answer = json!({
        "JobFlowId": cluster.description.id,
        "ClusterArn": cluster.description.cluster_arn,
    });
    account.add(cluster)?;
    Ok(answer)
}

fn create(mut request: RunJobFlow, settings: &Settings, now: Timestamp) -> Cluster {
    let ready_at = now.after(settings.provision_s);
    let must_bootstrap = settings.run_bootstrap_actions && !request.bootstrap_actions.is_empty();
    let start = Start {
        ready_at,
        first_step_by: now.after(FIRST_STEP_S.max(settings.provision_s)),
        bootstrap: if must_bootstrap { Bootstrap::Due } else { Bootstrap::Done },
    };
    let steps = std::mem::take(&mut request.steps);
    let actions = std::mem::take(&mut request.bootstrap_actions);
    let mut cluster = Cluster {
        instance_groups: instances::groups(&request.instances, now),
        instance_fleets: instances::fleets(&request.instances, now),
        instances: Vec::new(),
        sessions: Vec::new(),
        bootstrap_actions: actions.into_iter().map(describe_bootstrap_action).collect(),
        steps: steps.into_iter().map(|step| step.into_step(now)).collect(),
        auto_termination_policy: request.auto_termination_policy,
        start: Some(start),
        description: describe(request, settings, now),
    };
    provision::provision(&mut cluster, false, now);
    cluster
}

fn describe(mut request: RunJobFlow, settings: &Settings, now: Timestamp) -> Description {
    let id = ids::new("j");
    let region = &settings.region;
    let role = request.job_flow_role.take();
    let mut description = Description {
        cluster_arn: Some(format!("arn:aws:elasticmapreduce:{region}:123456789012:cluster/{id}")),
        id,
        status: Status::new(ClusterState::Starting, now),
        auto_terminate: !request.instances.keep_job_flow_alive_when_no_steps,
        termination_protected: request.instances.termination_protected,
        visible_to_all_users: request.visible_to_all_users.unwrap_or(true),
        step_concurrency_level: request.step_concurrency_level.unwrap_or(1),
        normalized_instance_hours: None,
        master_public_dns_name: None,
        running_ami_version: request.ami_version.clone(),
        rest: repeated(&request, settings, role),
        name: request.name,
        log_uri: request.log_uri,
        release_label: request.release_label,
        tags: request.tags,
    };
    if let Some(version) = &description.running_ami_version {
        description.rest.insert("RequestedAmiVersion".to_owned(), json!(version));
    }
    description
}

/// The members of a cluster that are as they were asked for.
fn repeated(request: &RunJobFlow, settings: &Settings, job_flow_role: Option<String>) -> Map<String, Value> {
    let mut rest = request.rest.clone();
    // These are asked for but not told by DescribeCluster.
    for member in ["AdditionalInfo", "ManagedScalingPolicy", "NewSupportedProducts", "SupportedProducts"] {
        rest.remove(member);
    }
    let attributes = request.instances.ec2_instance_attributes(settings, job_flow_role);
    let is_fleets = !request.instances.instance_fleets.is_empty();
    let collection = if is_fleets { "INSTANCE_FLEET" } else { "INSTANCE_GROUP" };
    rest.insert("Ec2InstanceAttributes".to_owned(), attributes);
    rest.insert("InstanceCollectionType".to_owned(), json!(collection));
    rest.insert("Applications".to_owned(), applications(request));
    rest.entry("Configurations").or_insert_with(|| json!([]));
    rest
}

/// The applications that were asked for, Hadoop if there were none, and Hadoop's version.
fn applications(request: &RunJobFlow) -> Value {
    let requested = request.rest.get("Applications").and_then(Value::as_array).cloned();
    let mut applications = requested.unwrap_or_default();
    if applications.is_empty() {
        applications.push(json!({ "Name": "Hadoop" }));
    }
    let hadoop = release::hadoop_version(request.release_label.as_deref(), request.ami_version.as_deref());
    let is_hadoop =
        |application: &Value| application["Name"].as_str().is_some_and(|name| name.eq_ignore_ascii_case("hadoop"));
    for application in applications.iter_mut().filter(|application| is_hadoop(application)) {
        application["Version"] = json!(hadoop);
    }
    Value::Array(applications)
}

fn describe_bootstrap_action(action: BootstrapAction) -> Value {
    let script = action.script_bootstrap_action;
    json!({ "Name": action.name, "ScriptPath": script.path, "Args": script.args })
}

//! The description of a new cluster: the answer to `DescribeCluster`, made from the request.

use serde_json::{Map, Value, json};

use super::request::{JobFlowInstancesConfig, RunJobFlow};
use crate::emr::account::Settings;
use crate::emr::model::cluster::Description;
use crate::emr::model::ids;
use crate::emr::model::status::{ClusterState, Status};
use crate::emr::model::timestamp::Timestamp;
use crate::emr::release;

/// The subnet of clusters whose request names none, as in an account with a default VPC.
const DEFAULT_SUBNET: &str = "subnet-0defa0170000000c5";

/// The description of a new cluster.
pub(super) fn describe(mut request: RunJobFlow, settings: &Settings, now: Timestamp) -> Description {
    let id = ids::new("j");
    let region = &settings.region;
    let role = request.job_flow_role.take();
    let is_highly_available = request.instances.is_highly_available();
    let mut description = Description {
        cluster_arn: Some(format!("arn:aws:elasticmapreduce:{region}:123456789012:cluster/{id}")),
        id,
        status: Status::new(ClusterState::Starting, now),
        auto_terminate: !request.instances.keep_job_flow_alive_when_no_steps && !is_highly_available,
        termination_protected: request.instances.termination_protected || is_highly_available,
        visible_to_all_users: request.visible_to_all_users.unwrap_or(true),
        step_concurrency_level: request.step_concurrency_level.unwrap_or(1),
        normalized_instance_hours: None,
        master_public_dns_name: None,
        running_ami_version: request.ami_version.clone(),
        rest: repeated(&request, settings, role),
        name: request.name,
        log_uri: request.log_uri.map(log_uri),
        release_label: request.release_label,
        tags: request.tags,
    };
    if let Some(version) = &description.running_ami_version {
        description.rest.insert("RequestedAmiVersion".to_owned(), json!(version));
    }
    description
}

/// The URI of the logs in EMR's form: `s3n://` and a slash at the end.
fn log_uri(uri: String) -> String {
    match uri.strip_prefix("s3://") {
        Some(rest) => format!("s3n://{}/", rest.trim_end_matches('/')),
        None => uri,
    }
}

/// The members that `DescribeCluster` repeats from the request, with EMR's defaults.
fn repeated(request: &RunJobFlow, settings: &Settings, job_flow_role: Option<String>) -> Map<String, Value> {
    let mut rest = request.rest.clone();
    // `DescribeCluster` does not return these.
    for member in ["AdditionalInfo", "NewSupportedProducts", "StepExecutionRoleArn", "SupportedProducts"] {
        rest.remove(member);
    }
    let placement_groups = rest.remove("PlacementGroupConfigs");
    if let Some(label) = &request.release_label {
        let is_by_task = release::scales_down_at_task_completion(label);
        let scale_down = if is_by_task { "TERMINATE_AT_TASK_COMPLETION" } else { "TERMINATE_AT_INSTANCE_HOUR" };
        rest.entry("ScaleDownBehavior").or_insert_with(|| json!(scale_down));
        rest.entry("KerberosAttributes").or_insert_with(|| json!({}));
        rest.insert("PlacementGroups".to_owned(), placement_groups.unwrap_or_else(|| json!([])));
        let replaces = request.instances.unhealthy_node_replacement;
        let replaces = replaces.unwrap_or_else(|| request.instances.is_highly_available());
        rest.insert("UnhealthyNodeReplacement".to_owned(), json!(replaces));
    }
    let attributes =
        ec2_instance_attributes(&request.instances, settings, job_flow_role, request.release_label.is_some());
    let is_fleets = !request.instances.instance_fleets.is_empty();
    let collection = if is_fleets { "INSTANCE_FLEET" } else { "INSTANCE_GROUP" };
    rest.insert("Ec2InstanceAttributes".to_owned(), attributes);
    rest.insert("InstanceCollectionType".to_owned(), json!(collection));
    rest.insert("Applications".to_owned(), applications(request));
    rest.entry("Configurations").or_insert_with(|| json!([]));
    rest
}

/// The applications of the request, or Hadoop if it names none, with the version of Hadoop.
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

/// The member `Ec2InstanceAttributes`.
fn ec2_instance_attributes(
    instances: &JobFlowInstancesConfig,
    settings: &Settings,
    job_flow_role: Option<String>,
    has_network: bool,
) -> Value {
    let place = instances.placement.as_ref();
    let zone = place.and_then(|place| place.availability_zone.iter().chain(&place.availability_zones).next());
    let zone = zone.cloned().unwrap_or_else(|| format!("{}a", settings.region));
    let subnets: Vec<_> = instances.ec2_subnet_id.iter().chain(&instances.ec2_subnet_ids).collect();
    let mut attributes = json!({
        "Ec2AvailabilityZone": zone,
        "RequestedEc2AvailabilityZones": place.map_or(&[][..], |place| &place.availability_zones),
        "RequestedEc2SubnetIds": subnets,
        "IamInstanceProfile": job_flow_role.unwrap_or_default(),
        "EmrManagedMasterSecurityGroup": "sg-0a57e40000000000a",
        "EmrManagedSlaveSecurityGroup": "sg-05a1e00000000000b",
        "AdditionalMasterSecurityGroups": [],
        "AdditionalSlaveSecurityGroups": [],
    });
    match subnets.first() {
        Some(subnet) => attributes["Ec2SubnetId"] = json!(subnet),
        // Clusters with an AMI version were outside any VPC.
        None if has_network => attributes["Ec2SubnetId"] = json!(DEFAULT_SUBNET),
        None => {}
    }
    for (member, value) in instances.rest.iter().filter(|(member, _)| *member != "HadoopVersion") {
        attributes[member] = value.clone();
    }
    attributes
}

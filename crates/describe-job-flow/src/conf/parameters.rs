//! Settings without an option of their own, as `extra_cluster_params`: scaling policies, security groups and others.

use emr_core::config::options as keys;
use emr_core::model::description::Description;
use serde_json::{Map, Value, json};

use super::{Conf, release, text};

/// The role that create-job-flow sets by default if a group has an automatic scaling policy.
const AUTO_SCALING_ROLE: &str = "EMR_AutoScaling_DefaultRole";

/// Members of `DescribeCluster` with a `RunJobFlow` parameter of the same name, each with its default.
const SAME: [(&str, &str); 5] = [
    ("ExtendedSupport", "false"),
    ("LogEncryptionKmsKeyId", ""),
    ("MonitoringConfiguration", ""),
    ("RepoUpgradeOnBoot", "SECURITY"),
    ("SessionEnabled", "false"),
];

/// Security groups that a cluster has only if the request named them.
const ASKED_FOR: [&str; 2] = ["AdditionalMasterSecurityGroups", "AdditionalSlaveSecurityGroups"];

/// Security groups that EMR creates if the request named none.
const MANAGED: [&str; 3] =
    ["EmrManagedMasterSecurityGroup", "EmrManagedSlaveSecurityGroup", "ServiceAccessSecurityGroup"];

pub(super) fn add(conf: &mut Conf, description: &Description) {
    let cluster = &description.cluster;
    let mut all = Map::new();
    let mut set = |name: &str, value: &Value| {
        if !is_nothing(value) {
            all.insert(name.to_owned(), value.clone());
        }
    };
    for (name, usual) in SAME {
        let says_nothing = cluster[name] == usual || usual == "false" && cluster[name] == false;
        if !says_nothing {
            set(name, &cluster[name]);
        }
    }
    if cluster["ScaleDownBehavior"] != json!(scale_down(description)) {
        set("ScaleDownBehavior", &cluster["ScaleDownBehavior"]);
    }
    let scales = description.groups.iter().any(|group| !is_nothing(&group["AutoScalingPolicy"]));
    if !(scales && cluster["AutoScalingRole"] == AUTO_SCALING_ROLE) {
        set("AutoScalingRole", &cluster["AutoScalingRole"]);
    }
    set("PlacementGroupConfigs", &cluster["PlacementGroups"]);
    set("ManagedScalingPolicy", description.managed_scaling.as_ref().unwrap_or(&Value::Null));
    set("Instances", &Value::Object(of_instances(cluster)));
    // With a scratch URI, create-job-flow puts logs below it. Only an explicit null starts a job flow without logs.
    if description.detail.log_uri.is_none()
        && conf.options.iter().any(|(name, _)| *name == keys::S3_SCRATCH_URI.option.name)
    {
        all.insert("LogUri".to_owned(), Value::Null);
    }
    conf.set(&keys::EXTRA_CLUSTER_PARAMS.option, Value::Object(all));
    tell(conf, cluster);
}

fn is_nothing(value: &Value) -> bool {
    match value {
        Value::Null => true,
        Value::Array(list) => list.is_empty(),
        Value::Object(members) => members.is_empty(),
        _ => false,
    }
}

/// EMR's default `ScaleDownBehavior`, which changed with release 5.10.
fn scale_down(description: &Description) -> &'static str {
    let is_by_task = release(description).is_none_or(|release| release >= (5, 10));
    if is_by_task { "TERMINATE_AT_TASK_COMPLETION" } else { "TERMINATE_AT_INSTANCE_HOUR" }
}

fn of_instances(cluster: &Value) -> Map<String, Value> {
    let ec2 = &cluster["Ec2InstanceAttributes"];
    let groups = ASKED_FOR.into_iter().filter(|name| !is_nothing(&ec2[*name]));
    let mut members: Map<_, _> = groups.map(|name| (name.to_owned(), ec2[name].clone())).collect();
    if cluster["UnhealthyNodeReplacement"] == json!(true) {
        members.insert("UnhealthyNodeReplacement".to_owned(), json!(true));
    }
    members
}

/// Comments on settings that may come from the request or from EMR, and on those that cannot be copied.
fn tell(conf: &mut Conf, cluster: &Value) {
    let ec2 = &cluster["Ec2InstanceAttributes"];
    let managed = MANAGED.into_iter().filter_map(|name| Some(format!("{name} {}", text(ec2, name)?)));
    let managed: Vec<_> = managed.collect();
    if !managed.is_empty() {
        let text = "EMR creates these security groups unless extra_cluster_params names them under Instances";
        conf.remark(format!("{text}: {}", managed.join(", ")));
    }
    if let Some(label) = text(cluster, "OSReleaseLabel") {
        conf.remark(format!("it runs Amazon Linux {label}; by default EMR takes the newest (OSReleaseLabel)"));
    }
    if !is_nothing(&cluster["KerberosAttributes"]) {
        conf.lose("it has KerberosAttributes, whose passwords EMR does not return: set them in extra_cluster_params");
    }
}

//! Instances: as simple options (`num_ec2_core_instances` …) if those suffice, else as a list of groups or fleets.

use emr_core::config::options as keys;
use emr_core::model::description::Description;
use emr_core::model::instances::Role;
use serde_json::{Map, Value, json};

use super::{Conf, text};

/// The bid of a fleet's instance type, as a percentage of the on-demand price.
const PERCENT: &str = "BidPriceAsPercentageOfOnDemandPrice";

pub(super) fn add(conf: &mut Conf, description: &Description) {
    if !description.fleets.is_empty() {
        let fleets: Vec<_> = description.fleets.iter().filter_map(|told| fleet(conf, told)).collect();
        return conf.set(&keys::INSTANCE_FLEETS.option, fleets);
    }
    let groups: Vec<_> = description.groups.iter().filter_map(|told| group(conf, told)).collect();
    match simple(&groups) {
        Some(options) => conf.options.extend(options),
        None => conf.set(&keys::INSTANCE_GROUPS.option, groups),
    }
}

/// A group as `RunJobFlow` takes it.
fn group(conf: &mut Conf, told: &Value) -> Option<Value> {
    let role = Role::find(told["InstanceGroupType"].as_str().unwrap_or_default())?;
    let count = told["RequestedInstanceCount"].as_u64().unwrap_or_default();
    if count == 0 {
        conf.lose(format!("it has a group of {} instances resized to 0; the group is left out", role.group_name()));
        return None;
    }
    if role == Role::Master && count > 1 {
        conf.lose(format!("it has {count} masters; create-job-flow starts one"));
    }
    let mut group = Map::new();
    group.insert("InstanceRole".to_owned(), json!(role.as_str()));
    copy(told, "InstanceType", &mut group);
    group.insert("InstanceCount".to_owned(), json!(count));
    if text(told, "Name").is_some_and(|name| name != role.group_name()) {
        copy(told, "Name", &mut group);
    }
    if told["Market"] == "SPOT" {
        copy(told, "Market", &mut group);
        copy(told, "BidPrice", &mut group);
    }
    volumes(told, &mut group);
    for name in ["Configurations", "CustomAmiId"] {
        copy(told, name, &mut group);
    }
    if let Some(mut policy) = told["AutoScalingPolicy"].as_object().cloned() {
        policy.remove("Status");
        group.insert("AutoScalingPolicy".to_owned(), policy.into());
    }
    Some(Value::Object(group))
}

/// A fleet as `RunJobFlow` takes it.
fn fleet(conf: &mut Conf, told: &Value) -> Option<Value> {
    let capacity = |name: &str| told[name].as_u64().unwrap_or_default();
    let role = told["InstanceFleetType"].as_str().unwrap_or_default();
    if capacity("TargetOnDemandCapacity") + capacity("TargetSpotCapacity") == 0 {
        conf.lose(format!("it has a fleet of {role} instances resized to 0; the fleet is left out"));
        return None;
    }
    let mut fleet = Map::new();
    for name in ["InstanceFleetType", "Name", "TargetOnDemandCapacity", "TargetSpotCapacity"] {
        copy(told, name, &mut fleet);
    }
    let types = told["InstanceTypeSpecifications"].as_array().into_iter().flatten();
    fleet.insert("InstanceTypeConfigs".to_owned(), types.map(type_config).collect());
    for name in ["LaunchSpecifications", "ResizeSpecifications", "Context"] {
        copy(told, name, &mut fleet);
    }
    Some(Value::Object(fleet))
}

fn type_config(told: &Value) -> Value {
    let mut config = Map::new();
    for name in ["InstanceType", "WeightedCapacity", "BidPrice", "Configurations", "CustomAmiId", "Priority"] {
        copy(told, name, &mut config);
    }
    // EMR answers 100 if the request had no bid.
    if told[PERCENT].as_f64().is_some_and(|percent| (percent - 100.0).abs() > f64::EPSILON) {
        copy(told, PERCENT, &mut config);
    }
    volumes(told, &mut config);
    Value::Object(config)
}

/// Copies the member `name` unless it is null or empty.
fn copy(told: &Value, name: &str, into: &mut Map<String, Value>) {
    let is_nothing = match &told[name] {
        Value::Null => true,
        Value::String(text) => text.is_empty(),
        Value::Array(list) => list.is_empty(),
        Value::Object(members) => members.is_empty(),
        _ => false,
    };
    if !is_nothing {
        into.insert(name.to_owned(), told[name].clone());
    }
}

/// Adds the EBS volumes. EMR lists each device, so each becomes one volume per instance.
fn volumes(told: &Value, into: &mut Map<String, Value>) {
    let devices = told["EbsBlockDevices"].as_array().into_iter().flatten();
    let volume =
        |device: &Value| json!({"VolumeSpecification": device["VolumeSpecification"], "VolumesPerInstance": 1});
    let volumes: Vec<Value> = devices.map(volume).collect();
    let mut ebs = Map::new();
    if !volumes.is_empty() {
        ebs.insert("EbsBlockDeviceConfigs".to_owned(), volumes.into());
    }
    copy(told, "EbsOptimized", &mut ebs);
    if !ebs.is_empty() {
        into.insert("EbsConfiguration".to_owned(), ebs.into());
    }
}

/// The simple options equivalent to `groups`; `None` if there are none.
fn simple(groups: &[Value]) -> Option<Vec<(&'static str, Value)>> {
    let of = |role: Role| groups.iter().filter(move |group| group["InstanceRole"] == role.as_str());
    let is_plain = |group: &Value| {
        let known = ["InstanceRole", "InstanceType", "InstanceCount", "Market", "BidPrice"];
        let has_bid = group["Market"].is_null() || group["BidPrice"].is_string();
        has_bid && group.as_object().is_some_and(|group| group.keys().all(|name| known.contains(&name.as_str())))
    };
    let is_single = Role::ALL.iter().all(|role| of(*role).count() <= 1);
    let master = of(Role::Master).next()?;
    if !(is_single && groups.iter().all(is_plain) && master["InstanceCount"] == 1) {
        return None;
    }
    let mut options = vec![
        (
            keys::NUM_EC2_CORE_INSTANCES.option.name,
            of(Role::Core).next().map_or(json!(0), |group| group["InstanceCount"].clone()),
        ),
        (
            keys::NUM_EC2_TASK_INSTANCES.option.name,
            of(Role::Task).next().map_or(json!(0), |group| group["InstanceCount"].clone()),
        ),
    ];
    for (role, instance_type, bid) in [
        (Role::Master, &keys::EC2_MASTER_INSTANCE_TYPE, &keys::EC2_MASTER_INSTANCE_BID_PRICE),
        (Role::Core, &keys::EC2_CORE_INSTANCE_TYPE, &keys::EC2_CORE_INSTANCE_BID_PRICE),
        (Role::Task, &keys::EC2_TASK_INSTANCE_TYPE, &keys::EC2_TASK_INSTANCE_BID_PRICE),
    ] {
        for group in of(role) {
            options.push((instance_type.option.name, group["InstanceType"].clone()));
            options.extend(Some((bid.option.name, group["BidPrice"].clone())).filter(|(_, bid)| bid.is_string()));
        }
    }
    Some(options)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn told(role: &str, count: u64, more: &Value) -> Value {
        let mut group = json!({"Id": "ig-1", "Name": role.to_lowercase(), "InstanceGroupType": role, "InstanceType": "m5.xlarge",
            "RequestedInstanceCount": count, "RunningInstanceCount": 0, "Market": "ON_DEMAND", "Configurations": [],
            "ShrinkPolicy": {}, "EbsBlockDevices": []});
        group.as_object_mut().unwrap().extend(more.as_object().unwrap().clone());
        group
    }

    fn options(groups: &[Value]) -> (Value, Vec<String>) {
        let mut conf = Conf::default();
        let groups: Vec<_> = groups.iter().filter_map(|told| group(&mut conf, told)).collect();
        let options = simple(&groups).map_or_else(
            || json!(groups),
            |options| options.into_iter().map(|(name, value)| (name.to_owned(), value)).collect::<Map<_, _>>().into(),
        );
        (options, conf.lost)
    }

    #[test]
    fn plain_groups_are_the_simple_options() {
        let bid = json!({"Market": "SPOT", "BidPrice": "0.420"});
        let (found, _) = options(&[told("MASTER", 1, &json!({})), told("CORE", 2, &json!({})), told("TASK", 9, &bid)]);
        let expected = json!({"num_ec2_core_instances": 2, "num_ec2_task_instances": 9,
            "ec2_master_instance_type": "m5.xlarge", "ec2_core_instance_type": "m5.xlarge",
            "ec2_task_instance_type": "m5.xlarge", "ec2_task_instance_bid_price": "0.420"});
        assert_eq!(found, expected);
    }

    #[test]
    fn other_groups_are_a_list() {
        let volume = json!({"VolumeType": "gp3", "SizeInGB": 100});
        let devices = json!({"EbsBlockDevices": [{"Device": "/dev/sdb", "VolumeSpecification": volume}]});
        let (found, _) = options(&[told("MASTER", 1, &devices)]);
        let ebs = json!({"EbsBlockDeviceConfigs": [{"VolumeSpecification": volume, "VolumesPerInstance": 1}]});
        let group =
            json!({"InstanceRole": "MASTER", "InstanceType": "m5.xlarge", "InstanceCount": 1, "EbsConfiguration": ebs});
        assert_eq!(found, json!([group]));
        for more in [json!({"Market": "SPOT"}), json!({"Name": "boss"}), json!({"CustomAmiId": "ami-1"})] {
            assert!(options(&[told("MASTER", 1, &more)]).0.is_array(), "{more}");
        }
        let policy = json!({"AutoScalingPolicy": {"Status": {"State": "ATTACHED"}, "Rules": []}});
        assert_eq!(options(&[told("MASTER", 1, &policy)]).0[0]["AutoScalingPolicy"], json!({"Rules": []}));
    }

    #[test]
    fn groups_that_cannot_be_started_are_reported() {
        let (found, lost) = options(&[told("MASTER", 3, &json!({})), told("TASK", 0, &json!({}))]);
        assert_eq!((found[0]["InstanceCount"].clone(), lost.len()), (json!(3), 2), "{lost:?}");
    }
}

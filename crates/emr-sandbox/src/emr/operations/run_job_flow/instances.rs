//! The instance groups and fleets that a `RunJobFlow` asks for.

use serde_json::{Map, Value, json};

use crate::emr::model::ids;
use crate::emr::model::instances::{InstanceFleet, InstanceGroup, InstanceTypeSpecification, Market, Role};
use crate::emr::model::status::{GroupState, Status};
use crate::emr::model::timestamp::Timestamp;
use crate::emr::operations::run_job_flow::{InstanceFleetRequest, InstanceGroupRequest, InstanceTypeConfig, Instances};

/// The groups, from either way to ask for them.
pub(crate) fn groups(instances: &Instances, now: Timestamp) -> Vec<InstanceGroup> {
    match instances.instance_count {
        Some(count) => counted_groups(instances, count, now),
        None => instances.instance_groups.iter().map(|request| group(request, now)).collect(),
    }
}

/// The old way: so many instances, of which one is the master.
fn counted_groups(instances: &Instances, count: usize, now: Timestamp) -> Vec<InstanceGroup> {
    let roles = [
        (Role::Master, &instances.master_instance_type, 1),
        (Role::Core, &instances.slave_instance_type, count.saturating_sub(1)),
    ];
    let wanted = roles.into_iter().filter(|(_, _, count)| *count > 0);
    let requests = wanted.map(|(instance_role, instance_type, instance_count)| InstanceGroupRequest {
        instance_role,
        instance_type: instance_type.clone().unwrap_or_default(),
        instance_count,
        market: Market::OnDemand,
        bid_price: None,
        ebs_configuration: None,
        rest: Map::new(),
    });
    requests.map(|request| group(&request, now)).collect()
}

fn group(request: &InstanceGroupRequest, now: Timestamp) -> InstanceGroup {
    let mut rest = request.rest.clone();
    if let Some(policy) = rest.get_mut("AutoScalingPolicy") {
        policy["Status"] = json!({ "State": "ATTACHED" });
    }
    rest.entry("Name").or_insert_with(|| json!(default_name(request.instance_role)));
    rest.entry("Configurations").or_insert_with(|| json!([]));
    rest.insert("ShrinkPolicy".to_owned(), json!({}));
    tell_ebs(&mut rest, request.ebs_configuration.as_ref());
    if let Some(price) = &request.bid_price {
        rest.insert("BidPrice".to_owned(), json!(price));
    }
    InstanceGroup {
        id: ids::new("ig"),
        instance_group_type: request.instance_role,
        // A bid alone makes a group a spot group.
        market: if request.bid_price.is_some() { Market::Spot } else { request.market },
        instance_type: request.instance_type.clone(),
        requested_instance_count: request.instance_count,
        running_instance_count: 0,
        status: Status::new(GroupState::Provisioning, now),
        rest,
    }
}

fn default_name(role: Role) -> &'static str {
    match role {
        Role::Master => "Master Instance Group",
        Role::Core => "Core Instance Group",
        Role::Task => "Task Instance Group",
    }
}

/// The fleets.
pub(crate) fn fleets(instances: &Instances, now: Timestamp) -> Vec<InstanceFleet> {
    instances.instance_fleets.iter().map(|request| fleet(request, now)).collect()
}

fn fleet(request: &InstanceFleetRequest, now: Timestamp) -> InstanceFleet {
    InstanceFleet {
        id: ids::new("if"),
        instance_fleet_type: request.instance_fleet_type,
        target_on_demand_capacity: request.target_on_demand_capacity,
        target_spot_capacity: request.target_spot_capacity,
        provisioned_on_demand_capacity: 0,
        provisioned_spot_capacity: 0,
        instance_type_specifications: request.instance_type_configs.iter().map(specification).collect(),
        status: Status::new(GroupState::Provisioning, now),
        rest: request.rest.clone(),
    }
}

fn specification(config: &InstanceTypeConfig) -> InstanceTypeSpecification {
    let mut rest = config.rest.clone();
    // EMR fills in what it does when neither kind of bid is given.
    if !rest.contains_key("BidPrice") {
        rest.entry("BidPriceAsPercentageOfOnDemandPrice").or_insert_with(|| json!(100.0));
    }
    tell_ebs(&mut rest, config.ebs_configuration.as_ref());
    InstanceTypeSpecification {
        instance_type: config.instance_type.clone(),
        weighted_capacity: config.weighted_capacity,
        rest,
    }
}

/// Tells volumes one by one, where the request counts equal ones.
fn tell_ebs(rest: &mut Map<String, Value>, configuration: Option<&Value>) {
    let requested = configuration.and_then(|value| value["EbsBlockDeviceConfigs"].as_array());
    let volumes = requested.into_iter().flatten().flat_map(|config| {
        let count = config["VolumesPerInstance"].as_u64().unwrap_or(1).min(25);
        (0..count).map(move |_| &config["VolumeSpecification"])
    });
    let devices = volumes.zip('b'..='z').map(
        |(specification, letter)| json!({ "VolumeSpecification": specification, "Device": format!("/dev/sd{letter}") }),
    );
    rest.insert("EbsBlockDevices".to_owned(), devices.collect());
    if let Some(optimized) = configuration.and_then(|value| value.get("EbsOptimized")) {
        rest.insert("EbsOptimized".to_owned(), optimized.clone());
    }
}

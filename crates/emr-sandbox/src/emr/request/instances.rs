//! The instance groups and fleets of a request, and their descriptions.

use serde::Deserialize;
use serde_json::{Map, Value, json};

use crate::emr::error::Error;
use crate::emr::model::ids;
use crate::emr::model::instances::{
    InstanceFleet, InstanceGroup, InstanceTypeSpecification, Market, Role, default_weight,
};
use crate::emr::model::status::{GroupState, Reason, Status};
use crate::emr::model::timestamp::Timestamp;

#[derive(Deserialize)]
#[serde(rename_all = "PascalCase")]
pub(crate) struct InstanceGroupConfig {
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
pub(crate) struct InstanceFleetConfig {
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

impl InstanceGroupConfig {
    /// The description of a new group, with EMR's defaults.
    pub(crate) fn group(&self, now: Timestamp) -> InstanceGroup {
        let mut rest = self.rest.clone();
        if let Some(policy) = rest.get_mut("AutoScalingPolicy") {
            policy["Status"] = json!({ "State": "ATTACHED" });
        }
        rest.entry("Name").or_insert_with(|| json!(default_name(self.instance_role)));
        rest.entry("Configurations").or_insert_with(|| json!([]));
        rest.insert("ConfigurationsVersion".to_owned(), json!(0));
        rest.insert("ShrinkPolicy".to_owned(), json!({}));
        describe_ebs(&mut rest, self.ebs_configuration.as_ref());
        if let Some(price) = &self.bid_price {
            rest.insert("BidPrice".to_owned(), json!(price));
        }
        InstanceGroup {
            id: ids::new("ig"),
            instance_group_type: self.instance_role,
            // A bid price alone makes a spot group.
            market: if self.bid_price.is_some() { Market::Spot } else { self.market },
            instance_type: self.instance_type.clone(),
            requested_instance_count: self.instance_count,
            running_instance_count: 0,
            status: Status {
                state_change_reason: Reason::of_message(""),
                ..Status::new(GroupState::Provisioning, now)
            },
            rest,
        }
    }
}

fn default_name(role: Role) -> &'static str {
    match role {
        Role::Master => "Master Instance Group",
        Role::Core => "Core Instance Group",
        Role::Task => "Task Instance Group",
    }
}

impl InstanceFleetConfig {
    /// The target capacity of both markets together.
    pub(crate) fn capacity(&self) -> usize {
        self.target_on_demand_capacity.saturating_add(self.target_spot_capacity)
    }

    /// The description of a new fleet.
    pub(crate) fn fleet(&self, now: Timestamp) -> InstanceFleet {
        InstanceFleet {
            id: ids::new("if"),
            instance_fleet_type: self.instance_fleet_type,
            target_on_demand_capacity: Some(self.target_on_demand_capacity),
            target_spot_capacity: Some(self.target_spot_capacity),
            provisioned_on_demand_capacity: 0,
            provisioned_spot_capacity: 0,
            instance_type_specifications: self
                .instance_type_configs
                .iter()
                .map(InstanceTypeConfig::specification)
                .collect(),
            status: Status {
                state_change_reason: Reason::of_message(""),
                ..Status::new(GroupState::Provisioning, now)
            },
            rest: self.rest.clone(),
        }
    }
}

impl InstanceTypeConfig {
    /// Refuses an instance type with two bids.
    pub(crate) fn check_bid(&self) -> Result<(), Error> {
        let has = |member: &str| self.rest.get(member).is_some_and(|bid| !bid.is_null());
        if has("BidPrice") && has("BidPriceAsPercentageOfOnDemandPrice") {
            return Err(Error::validation(
                "Specify at most one of bidPrice or bidPriceAsPercentageOfOnDemandPrice value for the Spot Instance \
                 fleet : request.",
            ));
        }
        Ok(())
    }

    fn specification(&self) -> InstanceTypeSpecification {
        let mut rest = self.rest.clone();
        // EMR bids the on-demand price if the request has no bid.
        if !rest.contains_key("BidPrice") {
            rest.entry("BidPriceAsPercentageOfOnDemandPrice").or_insert_with(|| json!(100.0));
        }
        describe_ebs(&mut rest, self.ebs_configuration.as_ref());
        InstanceTypeSpecification {
            instance_type: self.instance_type.clone(),
            weighted_capacity: self.weighted_capacity,
            rest,
        }
    }
}

/// Describes volumes one by one, as EMR does; the request has a count per kind.
fn describe_ebs(rest: &mut Map<String, Value>, configuration: Option<&Value>) {
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

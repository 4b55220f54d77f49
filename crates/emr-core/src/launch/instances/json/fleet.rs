//! Instance fleets.

use serde::Deserialize;
use serde_json::Value;

use super::allocation::{
    LaunchSpecifications, OnDemandResize, OnDemandSpecification, ResizeSpecifications, SpotResize, SpotSpecification,
};
use super::ebs::{EbsConfiguration, ebs};
use super::{scalar, setup, type_name};
use crate::launch::instances;
use crate::model::instances::{Bid, InstanceFleet, Role, TypeConfig};

/// Instance types that a fleet may have without an allocation strategy.
const TYPES: usize = 5;

/// Instance types that a fleet may have with an allocation strategy.
const TYPES_WITH_STRATEGY: usize = 30;

/// `InstanceFleetConfig`.
#[derive(Deserialize)]
#[serde(rename_all = "PascalCase", deny_unknown_fields)]
pub(super) struct Fleet {
    name: Option<String>,
    #[serde(deserialize_with = "scalar::role")]
    instance_fleet_type: Role,
    #[serde(default, deserialize_with = "scalar::number")]
    target_on_demand_capacity: u32,
    #[serde(default, deserialize_with = "scalar::number")]
    target_spot_capacity: u32,
    instance_type_configs: Vec<TypeEntry>,
    launch_specifications: Option<LaunchSpecifications>,
    resize_specifications: Option<ResizeSpecifications>,
    context: Option<String>,
}

impl Fleet {
    /// The fleet.
    pub(super) fn model(self) -> Result<InstanceFleet, String> {
        let launch = self.launch_specifications.unwrap_or_default();
        let resize = self.resize_specifications.unwrap_or_default();
        let fleet = InstanceFleet {
            role: self.instance_fleet_type,
            name: self.name,
            on_demand: self.target_on_demand_capacity,
            spot: self.target_spot_capacity,
            types: self.instance_type_configs.into_iter().map(TypeEntry::model).collect::<Result<_, _>>()?,
            spot_provisioning: launch.spot_specification.map(SpotSpecification::model).transpose()?,
            on_demand_provisioning: launch.on_demand_specification.map(OnDemandSpecification::model).transpose()?,
            spot_resizing: resize.spot_resize_specification.map(SpotResize::model).transpose()?,
            on_demand_resizing: resize.on_demand_resize_specification.map(OnDemandResize::model).transpose()?,
            context: self.context,
        };
        check_types(&fleet)?;
        Ok(fleet)
    }
}

/// Refuses more types than EMR takes, which are more where an allocation strategy chooses among them.
fn check_types(fleet: &InstanceFleet) -> Result<(), String> {
    let spot = fleet.spot_provisioning.as_ref().and_then(|spot| spot.allocation_strategy.as_ref());
    let has_strategy = spot.is_some() || fleet.on_demand_provisioning.is_some();
    let most = if has_strategy { TYPES_WITH_STRATEGY } else { TYPES };
    if fleet.types.len() <= most {
        return Ok(());
    }
    let hint = if has_strategy { "" } else { ", and 30 with an AllocationStrategy" };
    Err(format!("{} instance types are too many: a fleet has up to {most}{hint}", fleet.types.len()))
}

#[derive(Deserialize)]
#[serde(rename_all = "PascalCase", deny_unknown_fields)]
struct TypeEntry {
    instance_type: String,
    #[serde(default, deserialize_with = "scalar::maybe_number")]
    weighted_capacity: Option<u32>,
    #[serde(default, deserialize_with = "scalar::text")]
    bid_price: Option<String>,
    #[serde(default, deserialize_with = "scalar::maybe_number")]
    bid_price_as_percentage_of_on_demand_price: Option<f64>,
    ebs_configuration: Option<EbsConfiguration>,
    #[serde(default, deserialize_with = "scalar::maybe_number")]
    priority: Option<f64>,
    configurations: Option<Value>,
    custom_ami_id: Option<String>,
}

impl TypeEntry {
    fn model(self) -> Result<TypeConfig, String> {
        let bid = match (self.bid_price, self.bid_price_as_percentage_of_on_demand_price) {
            (None, None) => Bid::OnDemandPrice,
            (Some(price), None) if instances::is_price(&price) => Bid::Usd(price),
            (Some(price), None) => return Err(format!("the BidPrice '{price}' is no price such as 0.42")),
            (None, Some(percent)) if percent.is_finite() && percent > 0.0 => Bid::Percent(percent),
            (None, Some(percent)) => return Err(format!("a bid of {percent} % is not possible")),
            (Some(_), Some(_)) => return Err("a bid in dollars and one in per cent exclude each other".into()),
        };
        if self.weighted_capacity == Some(0) {
            return Err("a WeightedCapacity of 0 is not possible".into());
        }
        if self.priority.is_some_and(|priority| !priority.is_finite() || priority < 0.0) {
            return Err("a Priority is a number from 0 on".into());
        }
        Ok(TypeConfig {
            instance_type: type_name(self.instance_type)?,
            weight: self.weighted_capacity.unwrap_or(1),
            bid,
            ebs: ebs(self.ebs_configuration)?,
            priority: self.priority,
            setup: setup(self.configurations.as_ref(), self.custom_ami_id)?,
        })
    }
}

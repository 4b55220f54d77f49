//! Parses `InstanceFleetConfig`.

use serde::Deserialize;
use serde_json::{Map, Value};

use super::ebs::ebs;
use super::rest::rest;
use super::{allocation, member, scalar};
use crate::model::bid::Bid;
use crate::model::instances::{InstanceFleet, Role, TypeConfig};

/// The most instance types of a fleet, without and with an allocation strategy.
///
/// Source: <https://docs.aws.amazon.com/emr/latest/ManagementGuide/emr-instance-fleet.html>
const TYPES: usize = 5;
const TYPES_WITH_STRATEGY: usize = 30;

/// `InstanceFleetConfig`.
#[derive(Deserialize)]
#[serde(rename_all = "PascalCase")]
pub(super) struct Fleet {
    #[serde(deserialize_with = "scalar::role")]
    instance_fleet_type: Role,
    #[serde(default, deserialize_with = "scalar::number")]
    target_on_demand_capacity: u32,
    #[serde(default, deserialize_with = "scalar::number")]
    target_spot_capacity: u32,
    instance_type_configs: Vec<TypeEntry>,
    #[serde(flatten)]
    rest: Map<String, Value>,
}

impl Fleet {
    /// The fleet.
    pub(super) fn model(self) -> Result<InstanceFleet, String> {
        let fleet = InstanceFleet {
            role: self.instance_fleet_type,
            on_demand: self.target_on_demand_capacity,
            spot: self.target_spot_capacity,
            types: self.instance_type_configs.into_iter().map(TypeEntry::model).collect::<Result<_, _>>()?,
            rest: rest(self.rest, None),
        };
        allocation::check(&fleet.rest)?;
        check_types(&fleet)?;
        Ok(fleet)
    }
}

/// Refuses more types than EMR accepts. With an allocation strategy it accepts more.
fn check_types(fleet: &InstanceFleet) -> Result<(), String> {
    let has_strategy = fleet.has_allocation_strategy();
    let most = if has_strategy { TYPES_WITH_STRATEGY } else { TYPES };
    if fleet.types.len() <= most {
        return Ok(());
    }
    let hint = if has_strategy { "" } else { ", and 30 with an AllocationStrategy" };
    Err(format!("{} instance types are too many: a fleet has up to {most}{hint}", fleet.types.len()))
}

/// `InstanceTypeConfig`.
#[derive(Deserialize)]
#[serde(rename_all = "PascalCase")]
struct TypeEntry {
    instance_type: String,
    #[serde(default, deserialize_with = "scalar::maybe_number")]
    weighted_capacity: Option<u32>,
    #[serde(default, deserialize_with = "scalar::text")]
    bid_price: Option<String>,
    #[serde(default, deserialize_with = "scalar::maybe_number")]
    bid_price_as_percentage_of_on_demand_price: Option<f64>,
    ebs_configuration: Option<Value>,
    configurations: Option<Value>,
    custom_ami_id: Option<String>,
    #[serde(flatten)]
    rest: Map<String, Value>,
}

impl TypeEntry {
    fn model(self) -> Result<TypeConfig, String> {
        if self.weighted_capacity == Some(0) {
            return Err("a WeightedCapacity of 0 is not possible".into());
        }
        let (ebs, unknown_ebs) = ebs(self.ebs_configuration)?;
        let rest = rest(self.rest, unknown_ebs);
        if rest.get("Priority").is_some_and(|priority| priority.as_f64().is_none_or(|priority| priority < 0.0)) {
            return Err("a Priority is a number from 0 on".into());
        }
        Ok(TypeConfig {
            instance_type: member::type_name(self.instance_type)?,
            weight: self.weighted_capacity.unwrap_or(1),
            bid: bid(self.bid_price, self.bid_price_as_percentage_of_on_demand_price)?,
            ebs,
            setup: member::setup(self.configurations.as_ref(), self.custom_ami_id)?,
            rest,
        })
    }
}

/// EMR's default is the on-demand price.
fn bid(usd: Option<String>, percent: Option<f64>) -> Result<Bid, String> {
    match (usd, percent) {
        (None, None) => Ok(Bid::OnDemandPrice),
        (Some(price), None) => member::bid(&price),
        (None, Some(percent)) if percent.is_finite() && percent > 0.0 => Ok(Bid::Percent(percent)),
        (None, Some(percent)) => Err(format!("a bid of {percent} % is not possible")),
        (Some(_), Some(_)) => Err("a bid in dollars and one in per cent exclude each other".into()),
    }
}

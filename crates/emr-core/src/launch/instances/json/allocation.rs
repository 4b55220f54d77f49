//! How a fleet gets its instances: allocation strategies, time-outs and capacity reservations, with EMR's limits.
//!
//! Sources: <https://docs.aws.amazon.com/emr/latest/APIReference/API_SpotProvisioningSpecification.html>,
//! <https://docs.aws.amazon.com/emr/latest/APIReference/API_OnDemandProvisioningSpecification.html> and
//! <https://docs.aws.amazon.com/emr/latest/APIReference/API_InstanceFleetResizingSpecifications.html>.

use std::ops::RangeInclusive;

use serde::Deserialize;

use super::scalar;
use crate::model::instances::{Allocation, CapacityReservations, SpotProvisioning};

/// Minutes that EMR may wait for spot instances when a cluster starts.
const AT_START: RangeInclusive<u32> = 5..=1440;

/// Minutes that EMR may wait for instances when a fleet grows.
const WHEN_RESIZED: RangeInclusive<u32> = 5..=10_080;

const SPOT_STRATEGIES: &[&str] = &[
    "capacity-optimized",
    "price-capacity-optimized",
    "lowest-price",
    "diversified",
    "capacity-optimized-prioritized",
];
const ON_DEMAND_STRATEGIES: &[&str] = &["lowest-price", "prioritized"];
const TIMEOUT_ACTIONS: &[&str] = &["SWITCH_TO_ON_DEMAND", "TERMINATE_CLUSTER"];
const USAGE_STRATEGIES: &[&str] = &["use-capacity-reservations-first"];
const PREFERENCES: &[&str] = &["open", "none"];

/// `InstanceFleetProvisioningSpecifications`: how a fleet starts.
#[derive(Default, Deserialize)]
#[serde(rename_all = "PascalCase", deny_unknown_fields)]
pub(super) struct LaunchSpecifications {
    pub(super) spot_specification: Option<SpotSpecification>,
    pub(super) on_demand_specification: Option<OnDemandSpecification>,
}

/// `InstanceFleetResizingSpecifications`: how a fleet grows.
#[derive(Default, Deserialize)]
#[serde(rename_all = "PascalCase", deny_unknown_fields)]
pub(super) struct ResizeSpecifications {
    pub(super) spot_resize_specification: Option<SpotResize>,
    pub(super) on_demand_resize_specification: Option<OnDemandResize>,
}

/// `SpotProvisioningSpecification`.
#[derive(Deserialize)]
#[serde(rename_all = "PascalCase", deny_unknown_fields)]
pub(super) struct SpotSpecification {
    #[serde(deserialize_with = "scalar::number")]
    timeout_duration_minutes: u32,
    timeout_action: String,
    #[serde(default, deserialize_with = "scalar::text")]
    block_duration_minutes: Option<String>,
    allocation_strategy: Option<String>,
}

impl SpotSpecification {
    /// How the fleet's spot instances are got.
    pub(super) fn model(self) -> Result<SpotProvisioning, String> {
        if self.block_duration_minutes.is_some() {
            return Err("BlockDurationMinutes: AWS has sold no spot blocks since 2022, leave it out".to_owned());
        }
        minutes(&AT_START, Some(self.timeout_duration_minutes))?;
        one_of("TimeoutAction", TIMEOUT_ACTIONS, Some(&self.timeout_action))?;
        one_of("AllocationStrategy of spot instances", SPOT_STRATEGIES, self.allocation_strategy.as_ref())?;
        Ok(SpotProvisioning {
            timeout_minutes: self.timeout_duration_minutes,
            timeout_action: self.timeout_action,
            allocation_strategy: self.allocation_strategy,
        })
    }
}

/// `OnDemandProvisioningSpecification`.
#[derive(Deserialize)]
#[serde(rename_all = "PascalCase", deny_unknown_fields)]
pub(super) struct OnDemandSpecification {
    allocation_strategy: String,
    capacity_reservation_options: Option<Reservations>,
}

impl OnDemandSpecification {
    /// How the fleet's on-demand instances are got.
    pub(super) fn model(self) -> Result<Allocation, String> {
        on_demand(None, Some(self.allocation_strategy), self.capacity_reservation_options)
    }
}

/// `SpotResizingSpecification`.
#[derive(Deserialize)]
#[serde(rename_all = "PascalCase", deny_unknown_fields)]
pub(super) struct SpotResize {
    #[serde(default, deserialize_with = "scalar::maybe_number")]
    timeout_duration_minutes: Option<u32>,
    allocation_strategy: Option<String>,
}

impl SpotResize {
    /// How more spot instances are got.
    pub(super) fn model(self) -> Result<Allocation, String> {
        let (timeout_minutes, strategy) = (self.timeout_duration_minutes, self.allocation_strategy);
        minutes(&WHEN_RESIZED, timeout_minutes)?;
        one_of("AllocationStrategy of spot instances", SPOT_STRATEGIES, strategy.as_ref())?;
        Ok(Allocation { timeout_minutes, strategy, reservations: None })
    }
}

/// `OnDemandResizingSpecification`.
#[derive(Deserialize)]
#[serde(rename_all = "PascalCase", deny_unknown_fields)]
pub(super) struct OnDemandResize {
    #[serde(default, deserialize_with = "scalar::maybe_number")]
    timeout_duration_minutes: Option<u32>,
    allocation_strategy: Option<String>,
    capacity_reservation_options: Option<Reservations>,
}

impl OnDemandResize {
    /// How more on-demand instances are got.
    pub(super) fn model(self) -> Result<Allocation, String> {
        on_demand(self.timeout_duration_minutes, self.allocation_strategy, self.capacity_reservation_options)
    }
}

/// `OnDemandCapacityReservationOptions`.
#[derive(Deserialize)]
#[serde(rename_all = "PascalCase", deny_unknown_fields)]
struct Reservations {
    usage_strategy: Option<String>,
    capacity_reservation_preference: Option<String>,
    capacity_reservation_resource_group_arn: Option<String>,
}

impl Reservations {
    fn model(self) -> Result<CapacityReservations, String> {
        one_of("UsageStrategy", USAGE_STRATEGIES, self.usage_strategy.as_ref())?;
        one_of("CapacityReservationPreference", PREFERENCES, self.capacity_reservation_preference.as_ref())?;
        Ok(CapacityReservations {
            usage_strategy: self.usage_strategy,
            preference: self.capacity_reservation_preference,
            resource_group: self.capacity_reservation_resource_group_arn,
        })
    }
}

fn on_demand(
    timeout_minutes: Option<u32>,
    strategy: Option<String>,
    reservations: Option<Reservations>,
) -> Result<Allocation, String> {
    minutes(&WHEN_RESIZED, timeout_minutes)?;
    one_of("AllocationStrategy of on-demand instances", ON_DEMAND_STRATEGIES, strategy.as_ref())?;
    Ok(Allocation { timeout_minutes, strategy, reservations: reservations.map(Reservations::model).transpose()? })
}

fn minutes(allowed: &RangeInclusive<u32>, given: Option<u32>) -> Result<(), String> {
    match given {
        Some(minutes) if !allowed.contains(&minutes) => {
            Err(format!("TimeoutDurationMinutes is {minutes}: EMR takes {} to {}", allowed.start(), allowed.end()))
        }
        _ => Ok(()),
    }
}

fn one_of(member: &str, allowed: &[&str], given: Option<&String>) -> Result<(), String> {
    match given {
        Some(name) if !allowed.contains(&name.as_str()) => {
            Err(format!("the {member} '{name}' is none of {}", allowed.join(", ")))
        }
        _ => Ok(()),
    }
}

//! How a fleet gets its instances, in EMR's shapes.

use aws_sdk_emr::types as sdk;
use emr_core::error::Result;
use emr_core::model::instances::{Allocation, CapacityReservations, InstanceFleet, SpotProvisioning};

use super::instances::number;

/// What is said of the start of `fleet`.
pub(super) fn at_start(fleet: &InstanceFleet) -> Result<Option<sdk::InstanceFleetProvisioningSpecifications>> {
    let spot = fleet.spot_provisioning.as_ref().map(spot_provisioning).transpose()?;
    let on_demand = fleet.on_demand_provisioning.as_ref().map(|allocation| {
        sdk::OnDemandProvisioningSpecification::builder()
            .set_allocation_strategy(allocation.strategy.as_deref().map(Into::into))
            .set_capacity_reservation_options(allocation.reservations.as_ref().map(reservations))
            .build()
    });
    let is_said = spot.is_some() || on_demand.is_some();
    Ok(is_said.then(|| {
        sdk::InstanceFleetProvisioningSpecifications::builder()
            .set_spot_specification(spot)
            .set_on_demand_specification(on_demand)
            .build()
    }))
}

/// What is said of the growth of `fleet`.
pub(super) fn when_resized(fleet: &InstanceFleet) -> Result<Option<sdk::InstanceFleetResizingSpecifications>> {
    let spot = fleet.spot_resizing.as_ref().map(spot_resizing).transpose()?;
    let on_demand = fleet.on_demand_resizing.as_ref().map(on_demand_resizing).transpose()?;
    let is_said = spot.is_some() || on_demand.is_some();
    Ok(is_said.then(|| {
        sdk::InstanceFleetResizingSpecifications::builder()
            .set_spot_resize_specification(spot)
            .set_on_demand_resize_specification(on_demand)
            .build()
    }))
}

fn spot_provisioning(spot: &SpotProvisioning) -> Result<sdk::SpotProvisioningSpecification> {
    Ok(sdk::SpotProvisioningSpecification::builder()
        .timeout_duration_minutes(number(spot.timeout_minutes)?)
        .timeout_action(spot.timeout_action.as_str().into())
        .set_allocation_strategy(spot.allocation_strategy.as_deref().map(Into::into))
        .build())
}

fn spot_resizing(allocation: &Allocation) -> Result<sdk::SpotResizingSpecification> {
    Ok(sdk::SpotResizingSpecification::builder()
        .set_timeout_duration_minutes(allocation.timeout_minutes.map(number).transpose()?)
        .set_allocation_strategy(allocation.strategy.as_deref().map(Into::into))
        .build())
}

fn on_demand_resizing(allocation: &Allocation) -> Result<sdk::OnDemandResizingSpecification> {
    Ok(sdk::OnDemandResizingSpecification::builder()
        .set_timeout_duration_minutes(allocation.timeout_minutes.map(number).transpose()?)
        .set_allocation_strategy(allocation.strategy.as_deref().map(Into::into))
        .set_capacity_reservation_options(allocation.reservations.as_ref().map(reservations))
        .build())
}

fn reservations(reservations: &CapacityReservations) -> sdk::OnDemandCapacityReservationOptions {
    let CapacityReservations { usage_strategy, preference, resource_group } = reservations;
    sdk::OnDemandCapacityReservationOptions::builder()
        .set_usage_strategy(usage_strategy.as_deref().map(Into::into))
        .set_capacity_reservation_preference(preference.as_deref().map(Into::into))
        .set_capacity_reservation_resource_group_arn(resource_group.clone())
        .build()
}

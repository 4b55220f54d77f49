//! Instance groups and fleets as `RunJobFlow` is told of them.

use aws_sdk_emr::types as sdk;
use aws_sdk_emr::types::builders::JobFlowInstancesConfigBuilder;

use crate::error::{Error, Result};
use crate::model::instances::{
    Bid, Ebs, InstanceFleet, InstanceGroup, Instances, Market, SpotProvisioning, TypeConfig, Volume,
};

/// The part of the request that says which instances there are to be.
pub(super) fn config(instances: &Instances) -> Result<JobFlowInstancesConfigBuilder> {
    let config = sdk::JobFlowInstancesConfig::builder();
    Ok(match instances {
        Instances::Groups(groups) => config.set_instance_groups(Some(each(groups, group)?)),
        Instances::Fleets(fleets) => config.set_instance_fleets(Some(each(fleets, fleet)?)),
    })
}

fn each<T, U>(all: &[T], one: impl Fn(&T) -> Result<U>) -> Result<Vec<U>> {
    all.iter().map(one).collect()
}

fn group(group: &InstanceGroup) -> Result<sdk::InstanceGroupConfig> {
    let (market, bid) = match &group.market {
        Market::OnDemand => (sdk::MarketType::OnDemand, None),
        Market::Spot(bid) => (sdk::MarketType::Spot, dollars(bid)),
    };
    Ok(sdk::InstanceGroupConfig::builder()
        .name(group.name.as_deref().unwrap_or(group.role.group_name()))
        .instance_role(group.role.as_str().into())
        .market(market)
        .set_bid_price(bid)
        .instance_type(&group.instance_type)
        .instance_count(number(group.count)?)
        .set_ebs_configuration(ebs(&group.ebs)?)
        .build())
}

fn fleet(fleet: &InstanceFleet) -> Result<sdk::InstanceFleetConfig> {
    Ok(sdk::InstanceFleetConfig::builder()
        .set_name(fleet.name.clone())
        .instance_fleet_type(fleet.role.as_str().into())
        .target_on_demand_capacity(number(fleet.on_demand)?)
        .target_spot_capacity(number(fleet.spot)?)
        .set_instance_type_configs(Some(each(&fleet.types, type_config)?))
        .set_launch_specifications(launch_specifications(fleet)?)
        .build())
}

fn type_config(config: &TypeConfig) -> Result<sdk::InstanceTypeConfig> {
    let percent = if let Bid::Percent(percent) = config.bid { Some(percent) } else { None };
    Ok(sdk::InstanceTypeConfig::builder()
        .instance_type(&config.instance_type)
        .weighted_capacity(number(config.weight)?)
        .set_bid_price(dollars(&config.bid))
        .set_bid_price_as_percentage_of_on_demand_price(percent)
        .set_ebs_configuration(ebs(&config.ebs)?)
        .set_priority(config.priority)
        .build())
}

fn launch_specifications(fleet: &InstanceFleet) -> Result<Option<sdk::InstanceFleetProvisioningSpecifications>> {
    let spot = fleet.spot_provisioning.as_ref().map(spot_provisioning).transpose()?;
    let on_demand = fleet
        .on_demand_allocation
        .as_deref()
        .map(|strategy| sdk::OnDemandProvisioningSpecification::builder().allocation_strategy(strategy.into()).build());
    let said = spot.is_some() || on_demand.is_some();
    Ok(said.then(|| {
        sdk::InstanceFleetProvisioningSpecifications::builder()
            .set_spot_specification(spot)
            .set_on_demand_specification(on_demand)
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

fn ebs(ebs: &Ebs) -> Result<Option<sdk::EbsConfiguration>> {
    if *ebs == Ebs::default() {
        return Ok(None);
    }
    let volumes = each(&ebs.volumes, volume)?;
    Ok(Some(
        sdk::EbsConfiguration::builder()
            .set_ebs_block_device_configs((!volumes.is_empty()).then_some(volumes))
            .set_ebs_optimized(ebs.optimized)
            .build(),
    ))
}

fn volume(volume: &Volume) -> Result<sdk::EbsBlockDeviceConfig> {
    let specification = sdk::VolumeSpecification::builder()
        .volume_type(&volume.volume_type)
        .size_in_gb(number(volume.size_gib)?)
        .set_iops(volume.iops.map(number).transpose()?)
        .set_throughput(volume.throughput.map(number).transpose()?)
        .build();
    Ok(sdk::EbsBlockDeviceConfig::builder().volume_specification(specification).volumes_per_instance(1).build())
}

fn dollars(bid: &Bid) -> Option<String> {
    if let Bid::Usd(price) = bid { Some(price.clone()) } else { None }
}

fn number(number: u32) -> Result<i32> {
    i32::try_from(number).map_err(|_| Error::usage(format!("{number} instances, units or GiB are too many")))
}

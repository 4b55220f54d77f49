//! Instance groups and fleets for `RunJobFlow`, without the members that the overlay adds.

use aws_sdk_emr::types as sdk;
use aws_sdk_emr::types::builders::JobFlowInstancesConfigBuilder;
use emr_core::error::Result;
use emr_core::model::bid::Bid;
use emr_core::model::configuration::Configuration;
use emr_core::model::id::JobFlowId;
use emr_core::model::instances::{Ebs, InstanceFleet, InstanceGroup, Instances, Market, TypeConfig, Volume};
use emr_core::model::job_flow::JobFlow;
use emr_core::pool::Offer;

use super::Emr;
use crate::convert::number;

impl Emr {
    /// The instances of `job_flow` and how many of them run, from its fleets if it `has_fleets`, else from its groups.
    pub async fn offer(&self, job_flow: &JobFlowId, has_fleets: bool) -> Result<Offer> {
        if has_fleets { self.instance_fleets(job_flow).await } else { self.instance_groups(job_flow).await }
    }

    /// The same, where fleets are but a guess: EMR refuses to list the groups of a cluster with fleets, and the fleets of
    /// one with groups.
    pub async fn offer_of_either(&self, job_flow: &JobFlowId, has_fleets: bool) -> Result<Offer> {
        match self.offer(job_flow, has_fleets).await {
            Err(error) if error.is_refused() => self.offer(job_flow, !has_fleets).await.map_err(|_| error),
            offer => offer,
        }
    }
}

/// The part of the request about instances and their place. For fleets it takes lists of subnets and zones, among which
/// EMR chooses.
pub(super) fn config(job_flow: &JobFlow) -> Result<JobFlowInstancesConfigBuilder> {
    let config = sdk::JobFlowInstancesConfig::builder();
    let place = sdk::PlacementType::builder();
    let (zone, subnets) = (job_flow.zone.clone(), job_flow.subnets.clone());
    Ok(match &job_flow.instances {
        Instances::Groups(groups) => config
            .set_instance_groups(Some(each(groups, group)?))
            .set_ec2_subnet_id(subnets.into_iter().next())
            .set_placement(zone.map(|zone| place.availability_zone(zone).build())),
        Instances::Fleets(fleets) => config
            .set_instance_fleets(Some(each(fleets, fleet)?))
            .set_ec2_subnet_ids((!subnets.is_empty()).then_some(subnets))
            .set_placement(zone.map(|zone| place.availability_zones(zone).build())),
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
        .name(group.role.group_name())
        .instance_role(group.role.as_str().into())
        .market(market)
        .set_bid_price(bid)
        .instance_type(&group.instance_type)
        .instance_count(number(group.count)?)
        .set_ebs_configuration(ebs(&group.ebs)?)
        .set_configurations(configurations(&group.setup.configurations))
        .set_custom_ami_id(group.setup.image.clone())
        .build())
}

fn fleet(fleet: &InstanceFleet) -> Result<sdk::InstanceFleetConfig> {
    Ok(sdk::InstanceFleetConfig::builder()
        .instance_fleet_type(fleet.role.as_str().into())
        .target_on_demand_capacity(number(fleet.on_demand)?)
        .target_spot_capacity(number(fleet.spot)?)
        .set_instance_type_configs(Some(each(&fleet.types, type_config)?))
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
        .set_configurations(configurations(&config.setup.configurations))
        .set_custom_ami_id(config.setup.image.clone())
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

/// Configurations for a request; `None` for an empty list.
pub(super) fn configurations(configurations: &[Configuration]) -> Option<Vec<sdk::Configuration>> {
    let one = |one: &Configuration| {
        let properties = one.properties.iter().map(|(key, value)| (key.clone(), value.clone()));
        sdk::Configuration::builder()
            .classification(&one.classification)
            .set_properties(Some(properties.collect()))
            .set_configurations(self::configurations(&one.configurations))
            .build()
    };
    (!configurations.is_empty()).then(|| configurations.iter().map(one).collect())
}

fn dollars(bid: &Bid) -> Option<String> {
    if let Bid::Usd(price) = bid { Some(price.clone()) } else { None }
}

//! Instance groups and fleets as `RunJobFlow` takes them, from JSON or from a configuration file.
//!
//! Sources: <https://docs.aws.amazon.com/emr/latest/APIReference/API_InstanceGroupConfig.html> and
//! <https://docs.aws.amazon.com/emr/latest/APIReference/API_InstanceFleetConfig.html>. A member that is not understood
//! is an error, because a cluster without it would be another one.

mod scalar;

use serde::Deserialize;
use serde::de::DeserializeOwned;
use serde_json::Value;

use crate::model::instance_type;
use crate::model::instances::{
    Bid, Ebs, InstanceFleet, InstanceGroup, Market, Role, SpotProvisioning, TypeConfig, Volume,
};

/// EMR attaches no more volumes than this to an instance.
const VOLUMES: u32 = 25;

/// The instance groups in `value`, a list or the text of one. The error is a fragment that says what is wrong with it.
pub(super) fn groups(value: &Value) -> Result<Vec<InstanceGroup>, String> {
    each(value, |group: Group| group.model())
}

/// The instance fleets in `value`, a list or the text of one.
pub(super) fn fleets(value: &Value) -> Result<Vec<InstanceFleet>, String> {
    each(value, |fleet: Fleet| fleet.model())
}

fn each<J: DeserializeOwned, T>(value: &Value, model: impl Fn(J) -> Result<T, String>) -> Result<Vec<T>, String> {
    let parsed;
    let value = match value {
        Value::String(text) => {
            parsed = serde_json::from_str(text).map_err(|cause| format!("is not JSON: {cause}"))?;
            &parsed
        }
        value => value,
    };
    let entries = value.as_array().ok_or("is not a list")?;
    let entry = |(place, entry): (usize, &Value)| {
        let read = J::deserialize(entry).map_err(|cause| cause.to_string());
        read.and_then(&model).map_err(|what| format!("is wrong in entry {}: {what}", place + 1))
    };
    entries.iter().enumerate().map(entry).collect()
}

#[derive(Deserialize)]
#[serde(rename_all = "PascalCase", deny_unknown_fields)]
struct Group {
    name: Option<String>,
    #[serde(alias = "InstanceGroupType", deserialize_with = "scalar::role")]
    instance_role: Role,
    instance_type: String,
    #[serde(deserialize_with = "scalar::number")]
    instance_count: u32,
    market: Option<String>,
    #[serde(default, deserialize_with = "scalar::text")]
    bid_price: Option<String>,
    ebs_configuration: Option<EbsConfiguration>,
}

impl Group {
    fn model(self) -> Result<InstanceGroup, String> {
        let market = match (self.market.as_deref(), self.bid_price) {
            (None | Some("ON_DEMAND"), None) => Market::OnDemand,
            (None | Some("SPOT"), Some(price)) => Market::Spot(Bid::Usd(price)),
            (Some("SPOT"), None) => Market::Spot(Bid::OnDemandPrice),
            (Some("ON_DEMAND"), Some(_)) => return Err("a BidPrice and the market ON_DEMAND exclude each other".into()),
            (Some(other), _) => return Err(format!("the market '{other}' is neither ON_DEMAND nor SPOT")),
        };
        Ok(InstanceGroup {
            role: self.instance_role,
            name: self.name,
            instance_type: type_name(self.instance_type)?,
            count: self.instance_count,
            market,
            ebs: ebs(self.ebs_configuration)?,
        })
    }
}

#[derive(Deserialize)]
#[serde(rename_all = "PascalCase", deny_unknown_fields)]
struct Fleet {
    name: Option<String>,
    #[serde(deserialize_with = "scalar::role")]
    instance_fleet_type: Role,
    #[serde(default, deserialize_with = "scalar::number")]
    target_on_demand_capacity: u32,
    #[serde(default, deserialize_with = "scalar::number")]
    target_spot_capacity: u32,
    instance_type_configs: Vec<TypeEntry>,
    launch_specifications: Option<LaunchSpecifications>,
}

impl Fleet {
    fn model(self) -> Result<InstanceFleet, String> {
        let launch = self.launch_specifications.unwrap_or_default();
        Ok(InstanceFleet {
            role: self.instance_fleet_type,
            name: self.name,
            on_demand: self.target_on_demand_capacity,
            spot: self.target_spot_capacity,
            types: self.instance_type_configs.into_iter().map(TypeEntry::model).collect::<Result<_, _>>()?,
            spot_provisioning: launch.spot_specification.map(SpotSpecification::model),
            on_demand_allocation: launch.on_demand_specification.map(|on_demand| on_demand.allocation_strategy),
        })
    }
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
}

impl TypeEntry {
    fn model(self) -> Result<TypeConfig, String> {
        let bid = match (self.bid_price, self.bid_price_as_percentage_of_on_demand_price) {
            (None, None) => Bid::OnDemandPrice,
            (Some(price), None) => Bid::Usd(price),
            (None, Some(percent)) if percent.is_finite() && percent > 0.0 => Bid::Percent(percent),
            (None, Some(percent)) => return Err(format!("a bid of {percent} % is not possible")),
            (Some(_), Some(_)) => return Err("a bid in dollars and one in per cent exclude each other".into()),
        };
        if self.weighted_capacity == Some(0) {
            return Err("a WeightedCapacity of 0 is not possible".into());
        }
        Ok(TypeConfig {
            instance_type: type_name(self.instance_type)?,
            weight: self.weighted_capacity.unwrap_or(1),
            bid,
            ebs: ebs(self.ebs_configuration)?,
            priority: self.priority,
        })
    }
}

#[derive(Default, Deserialize)]
#[serde(rename_all = "PascalCase", deny_unknown_fields)]
struct LaunchSpecifications {
    spot_specification: Option<SpotSpecification>,
    on_demand_specification: Option<OnDemandSpecification>,
}

#[derive(Deserialize)]
#[serde(rename_all = "PascalCase", deny_unknown_fields)]
struct SpotSpecification {
    #[serde(deserialize_with = "scalar::number")]
    timeout_duration_minutes: u32,
    timeout_action: String,
    allocation_strategy: Option<String>,
}

impl SpotSpecification {
    fn model(self) -> SpotProvisioning {
        SpotProvisioning {
            timeout_minutes: self.timeout_duration_minutes,
            timeout_action: self.timeout_action,
            allocation_strategy: self.allocation_strategy,
        }
    }
}

#[derive(Deserialize)]
#[serde(rename_all = "PascalCase", deny_unknown_fields)]
struct OnDemandSpecification {
    allocation_strategy: String,
}

#[derive(Deserialize)]
#[serde(rename_all = "PascalCase", deny_unknown_fields)]
struct EbsConfiguration {
    #[serde(default)]
    ebs_block_device_configs: Vec<Device>,
    #[serde(default, deserialize_with = "scalar::maybe_flag")]
    ebs_optimized: Option<bool>,
}

#[derive(Deserialize)]
#[serde(rename_all = "PascalCase", deny_unknown_fields)]
struct Device {
    volume_specification: VolumeSpecification,
    #[serde(default, deserialize_with = "scalar::maybe_number")]
    volumes_per_instance: Option<u32>,
}

#[derive(Deserialize)]
#[serde(rename_all = "PascalCase", deny_unknown_fields)]
struct VolumeSpecification {
    volume_type: String,
    #[serde(rename = "SizeInGB", deserialize_with = "scalar::number")]
    size_gib: u32,
    #[serde(default, deserialize_with = "scalar::maybe_number")]
    iops: Option<u32>,
    #[serde(default, deserialize_with = "scalar::maybe_number")]
    throughput: Option<u32>,
}

fn ebs(configuration: Option<EbsConfiguration>) -> Result<Ebs, String> {
    let Some(configuration) = configuration else { return Ok(Ebs::default()) };
    let mut volumes = Vec::new();
    for device in configuration.ebs_block_device_configs {
        let VolumeSpecification { volume_type, size_gib, iops, throughput } = device.volume_specification;
        let volume = Volume { volume_type, size_gib, iops, throughput };
        let count = device.volumes_per_instance.unwrap_or(1).min(VOLUMES + 1);
        volumes.extend((0..count).map(|_| volume.clone()));
        if volumes.len() > VOLUMES as usize {
            return Err(format!("more than {VOLUMES} volumes per instance are not possible"));
        }
    }
    Ok(Ebs { volumes, optimized: configuration.ebs_optimized })
}

fn type_name(name: String) -> Result<String, String> {
    if instance_type::is_well_formed(&name) {
        return Ok(name);
    }
    Err(format!("'{name}' is not an instance type, which look like m5.xlarge"))
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;

    #[test]
    fn groups_are_read_from_json_and_from_yaml_alike() {
        let typed = r#"[{"InstanceRole": "CORE", "InstanceType": "m5.xlarge", "InstanceCount": 2, "BidPrice": "0.420",
            "EbsConfiguration": {"EbsOptimized": true, "EbsBlockDeviceConfigs": [
                {"VolumesPerInstance": 2, "VolumeSpecification": {"VolumeType": "gp3", "SizeInGB": 100}}]}}]"#;
        let written = json!([{ "InstanceRole": "CORE", "InstanceType": "m5.xlarge", "InstanceCount": "2",
            "BidPrice": "0.420", "EbsConfiguration": { "EbsOptimized": "yes", "EbsBlockDeviceConfigs": [
                { "VolumesPerInstance": "2", "VolumeSpecification": { "VolumeType": "gp3", "SizeInGB": "100" } }] } }]);
        let volume = Volume { volume_type: "gp3".to_owned(), size_gib: 100, iops: None, throughput: None };
        let expected = InstanceGroup {
            role: Role::Core,
            name: None,
            instance_type: "m5.xlarge".to_owned(),
            count: 2,
            market: Market::Spot(Bid::Usd("0.420".to_owned())),
            ebs: Ebs { volumes: vec![volume.clone(), volume], optimized: Some(true) },
        };
        assert_eq!(groups(&json!(typed)), groups(&written));
        assert_eq!(groups(&written).unwrap(), [expected]);
    }

    #[test]
    fn a_spot_group_without_a_bid_is_capped_at_the_on_demand_price() {
        let group = |more: &str| {
            let text = format!(r#"[{{"InstanceRole":"TASK","InstanceType":"m5.xlarge","InstanceCount":1{more}}}]"#);
            groups(&json!(text)).map(|groups| groups[0].market.clone())
        };
        assert_eq!(group(r#","Market":"SPOT""#), Ok(Market::Spot(Bid::OnDemandPrice)));
        assert_eq!(group(r#","BidPrice":0.5"#), Ok(Market::Spot(Bid::Usd("0.5".to_owned()))));
        assert_eq!(group(""), Ok(Market::OnDemand));
        assert!(group(r#","Market":"ON_DEMAND","BidPrice":"1""#).is_err());
    }

    #[test]
    fn fleets_are_read_with_weights_bids_and_launch_specifications() {
        let value = json!([{ "InstanceFleetType": "TASK", "TargetSpotCapacity": "50", "InstanceTypeConfigs": [
            { "InstanceType": "m5.xlarge", "BidPriceAsPercentageOfOnDemandPrice": "50", "Priority": 1 },
            { "InstanceType": "m5.2xlarge", "WeightedCapacity": 2 }],
            "LaunchSpecifications": { "SpotSpecification": {
                "TimeoutDurationMinutes": 20, "TimeoutAction": "SWITCH_TO_ON_DEMAND" } } }]);
        let fleet = fleets(&value).unwrap().remove(0);
        assert_eq!((fleet.on_demand, fleet.spot), (0, 50));
        assert_eq!(fleet.types[0].bid, Bid::Percent(50.0));
        assert_eq!((fleet.types[1].weight, &fleet.types[1].bid), (2, &Bid::OnDemandPrice));
        assert_eq!(fleet.spot_provisioning.map(|spot| spot.timeout_minutes), Some(20));
    }

    #[test]
    fn what_is_not_understood_is_told_with_its_place() {
        let entry = |more: &str| json!(format!(r#"[{{"InstanceRole":"CORE","InstanceType":"m5.xlarge"{more}}}]"#));
        for (value, expected) in [
            (json!("["), "is not JSON"),
            (json!("{}"), "is not a list"),
            (entry(""), "is wrong in entry 1: missing field `InstanceCount`"),
            (entry(r#","InstanceCount":"x""#), "the number 'x'"),
            (entry(r#","InstanceCount":1,"AutoScalingPolicy":{}"#), "unknown field `AutoScalingPolicy`"),
            (entry(r#","InstanceCount":1,"Market":"FREE""#), "the market 'FREE'"),
        ] {
            let error = groups(&value).unwrap_err();
            assert!(error.contains(expected), "{error}");
        }
    }
}

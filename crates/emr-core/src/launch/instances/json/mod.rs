//! Parses instance groups and fleets for `RunJobFlow` from JSON or a configuration file.
//!
//! Only members that pools compare are parsed. All others reach EMR as written, so that new features of EMR need no new
//! version of these tools.
//!
//! Sources: <https://docs.aws.amazon.com/emr/latest/APIReference/API_InstanceGroupConfig.html> and
//! <https://docs.aws.amazon.com/emr/latest/APIReference/API_InstanceFleetConfig.html>

mod allocation;
mod ebs;
mod fleet;
mod group;
mod member;
mod rest;
mod scalar;

use serde::de::DeserializeOwned;
use serde_json::Value;

use crate::model::instances::{InstanceFleet, InstanceGroup};

/// Parses the instance groups in `value`, a list or the text of one. The error is a fragment that follows its name.
pub(super) fn groups(value: &Value) -> Result<Vec<InstanceGroup>, String> {
    each(value, |group: group::Group| group.model())
}

/// Parses the instance fleets in `value`, a list or the text of one.
pub(super) fn fleets(value: &Value) -> Result<Vec<InstanceFleet>, String> {
    each(value, |fleet: fleet::Fleet| fleet.model())
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

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;
    use crate::model::bid::Bid;
    use crate::model::instances::{Ebs, Market, Role, Volume};

    #[test]
    fn groups_from_json_and_from_yaml_are_equal() {
        let typed = r#"[{"InstanceRole": "CORE", "InstanceType": "m5.xlarge", "InstanceCount": 2, "BidPrice": "0.420",
            "EbsConfiguration": {"EbsOptimized": true, "EbsBlockDeviceConfigs": [
                {"VolumesPerInstance": 2, "VolumeSpecification": {"VolumeType": "gp3", "SizeInGB": 100}}]}}]"#;
        let written = json!([{ "InstanceRole": "CORE", "InstanceType": "m5.xlarge", "InstanceCount": "2",
            "BidPrice": "0.420", "EbsConfiguration": { "EbsOptimized": "yes", "EbsBlockDeviceConfigs": [
                { "VolumesPerInstance": "2", "VolumeSpecification": { "VolumeType": "gp3", "SizeInGB": "100" } }] } }]);
        let volume = Volume { volume_type: "gp3".to_owned(), size_gib: 100, iops: None, throughput: None };
        let market = Market::Spot(Bid::Usd("0.420".to_owned()));
        let expected = InstanceGroup {
            ebs: Ebs { volumes: vec![volume.clone(), volume], optimized: Some(true) },
            ..InstanceGroup::new(Role::Core, "m5.xlarge".to_owned(), 2, market)
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
    fn fleets_are_parsed_with_weights_bids_and_launch_specifications() {
        let value = json!([{ "InstanceFleetType": "TASK", "TargetSpotCapacity": "50", "InstanceTypeConfigs": [
            { "InstanceType": "m5.xlarge", "BidPriceAsPercentageOfOnDemandPrice": "50", "Priority": 1 },
            { "InstanceType": "m5.2xlarge", "WeightedCapacity": 2 }],
            "LaunchSpecifications": { "SpotSpecification": {
                "TimeoutDurationMinutes": 20, "TimeoutAction": "SWITCH_TO_ON_DEMAND" } } }]);
        let fleet = fleets(&value).unwrap().remove(0);
        assert_eq!((fleet.on_demand, fleet.spot), (0, 50));
        assert_eq!(fleet.types[0].bid, Bid::Percent(50.0));
        assert_eq!((fleet.types[1].weight, &fleet.types[1].bid), (2, &Bid::OnDemandPrice));
        let spot = json!({"TimeoutDurationMinutes": 20, "TimeoutAction": "SWITCH_TO_ON_DEMAND"});
        assert_eq!(fleet.rest["LaunchSpecifications"], json!({ "SpotSpecification": spot }));
    }

    #[test]
    fn errors_name_the_entry() {
        let entry = |more: &str| json!(format!(r#"[{{"InstanceRole":"CORE","InstanceType":"m5.xlarge"{more}}}]"#));
        for (value, expected) in [
            (json!("["), "is not JSON"),
            (json!("{}"), "is not a list"),
            (entry(""), "is wrong in entry 1: missing field `InstanceCount`"),
            (entry(r#","InstanceCount":"x""#), "the number 'x'"),
            (entry(r#","InstanceCount":1,"AutoScalingPolicy":{}"#), "its AutoScalingPolicy has no Constraints"),
            (entry(r#","InstanceCount":1,"BidPrice":"0""#), "the BidPrice '0' is no price"),
            (entry(r#","InstanceCount":1,"Configurations":[{"Properties":{}}]"#), "missing field `Classification`"),
            (entry(r#","InstanceCount":1,"Market":"FREE""#), "the market 'FREE'"),
        ] {
            let error = groups(&value).unwrap_err();
            assert!(error.contains(expected), "{error}");
        }
    }

    /// A master fleet with the members `more`.
    fn fleet(more: &Value) -> Result<InstanceFleet, String> {
        let mut fleet = json!({"InstanceFleetType": "MASTER", "TargetSpotCapacity": 1,
            "InstanceTypeConfigs": [{"InstanceType": "m5.xlarge"}]});
        fleet.as_object_mut().unwrap().extend(more.as_object().unwrap().clone());
        fleets(&json!([fleet])).map(|mut fleets| fleets.remove(0))
    }

    #[test]
    fn values_that_emr_refuses_are_errors_with_the_allowed_values() {
        let spot = |member: &str, value: Value| {
            let mut spot = json!({"TimeoutDurationMinutes": 5, "TimeoutAction": "TERMINATE_CLUSTER"});
            spot[member] = value;
            json!({"LaunchSpecifications": {"SpotSpecification": spot}})
        };
        let resize = |value: Value| json!({"ResizeSpecifications": {"SpotResizeSpecification": value}});
        let types = |count: usize| json!({"InstanceTypeConfigs": vec![json!({"InstanceType": "m5.xlarge"}); count]});
        for (more, words) in [
            (spot("TimeoutDurationMinutes", json!(4)), "TimeoutDurationMinutes is 4: EMR takes 5 to 1440"),
            (spot("TimeoutDurationMinutes", json!("1441")), "TimeoutDurationMinutes is 1441"),
            (spot("BlockDurationMinutes", json!(60)), "no spot blocks since 2022"),
            (resize(json!({"TimeoutDurationMinutes": 10_081})), "is 10081: EMR takes 5 to 10080"),
            (types(6), "6 instance types are too many: a fleet has up to 5, and 30 with"),
            (json!({"InstanceTypeConfigs": [{"InstanceType": "m5.xlarge", "Priority": -1}]}), "a Priority is"),
            (json!({"InstanceTypeConfigs": [{"InstanceType": "m5.xlarge", "BidPrice": "$1"}]}), "'$1' is no price"),
        ] {
            let error = fleet(&more).unwrap_err();
            assert!(error.starts_with("is wrong in entry 1: ") && error.contains(words), "{error}");
        }
        let mut many = types(30);
        many["LaunchSpecifications"] = json!({"OnDemandSpecification": {"AllocationStrategy": "prioritized"}});
        assert_eq!(fleet(&many).unwrap().types.len(), 30);
    }
    #[test]
    fn unknown_members_go_to_emr_as_written() {
        let launch = json!({"SpotSpecification": {"TimeoutAction": "WAIT", "AllocationStrategy": "newest"},
            "OnDemandSpecification": {"AllocationStrategy": "newest", "CapacityReservationOptions":
                {"CapacityReservationPreference": "closed"}}, "TomorrowSpecification": {"A": [1, null]}});
        let fleet = fleet(&json!({"LaunchSpecifications": launch, "Colour": "red", "Context": null})).unwrap();
        assert_eq!(Value::Object(fleet.rest), json!({"LaunchSpecifications": launch, "Colour": "red"}));
        let group = json!([{"InstanceGroupType": "MASTER", "InstanceType": "m5.xlarge", "InstanceCount": "1",
            "Name": "all", "Colour": {"Depth": 8}, "Market": null}]);
        let group = groups(&group).unwrap().remove(0);
        assert_eq!(Value::Object(group.rest), json!({"Name": "all", "Colour": {"Depth": 8}}));
    }

    #[test]
    fn volumes_with_unknown_members_go_to_emr_as_written() {
        let ebs = |more: &Value| {
            let mut volume = json!({"VolumeType": "gp3", "SizeInGB": "100"});
            volume.as_object_mut().unwrap().extend(more.as_object().unwrap().clone());
            let device = json!({"VolumesPerInstance": "2", "VolumeSpecification": volume});
            let types = json!([{"InstanceType": "m5.xlarge", "EbsConfiguration": {"EbsBlockDeviceConfigs": [device]}}]);
            fleet(&json!({ "InstanceTypeConfigs": types })).unwrap().types.remove(0)
        };
        let (known, unknown) = (ebs(&json!({})), ebs(&json!({"Encrypted": true})));
        assert_eq!((known.ebs, known.rest), (unknown.ebs, serde_json::Map::new()));
        let device = json!({"VolumesPerInstance": 2, "VolumeSpecification":
            {"VolumeType": "gp3", "SizeInGB": 100, "Encrypted": true}});
        assert_eq!(unknown.rest["EbsConfiguration"], json!({"EbsBlockDeviceConfigs": [device]}));
    }
}

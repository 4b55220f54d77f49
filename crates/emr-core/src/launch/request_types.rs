//! Converts text in a `RunJobFlow` request to numbers and booleans, by the names of members.
//!
//! Values in configuration files, and of the old query API, are all text, and EMR's JSON API refuses text for a number.
//! The name of a member determines its type: no name is text in one place and a number in another. A test compares
//! these lists with AWS's model of the API.
//!
//! Source: <https://docs.aws.amazon.com/emr/latest/APIReference/API_RunJobFlow.html>

use serde_json::{Number, Value};

/// Members that are numbers.
const NUMBERS: &[&str] = &[
    "BidPriceAsPercentageOfOnDemandPrice",
    "BlockDurationMinutes",
    "CoolDown",
    "EbsRootVolumeIops",
    "EbsRootVolumeSize",
    "EbsRootVolumeThroughput",
    "EvaluationPeriods",
    "IdleTimeout",
    "InstanceCount",
    "Iops",
    "MaxCapacity",
    "MaximumCapacityUnits",
    "MaximumCoreCapacityUnits",
    "MaximumOnDemandCapacityUnits",
    "MinCapacity",
    "MinimumCapacityUnits",
    "Period",
    "Priority",
    "ScalingAdjustment",
    "SizeInGB",
    "StepConcurrencyLevel",
    "TargetOnDemandCapacity",
    "TargetSpotCapacity",
    "Threshold",
    "Throughput",
    "TimeoutDurationMinutes",
    "UtilizationPerformanceIndex",
    "VolumesPerInstance",
    "WeightedCapacity",
];

/// Members that are booleans.
const FLAGS: &[&str] = &[
    "EbsOptimized",
    "Enabled",
    "ExtendedSupport",
    "KeepJobFlowAliveWhenNoSteps",
    "SessionEnabled",
    "TerminationProtected",
    "UnhealthyNodeReplacement",
    "VisibleToAllUsers",
];

/// Members that are text, even if the text looks like a number.
const TEXTS: &[&str] = &["Context", "Description", "Name", "Value"];

/// Mappings from names of the user's choice to text.
const MAPPINGS: &[&str] = &["AdditionalInfo", "LogTypeUploadPolicy", "LogTypes", "Properties"];

/// Converts `value`, the member `name`, to the types that EMR expects. Other text stays text; EMR then refuses the
/// member by name.
pub(super) fn set(name: &str, value: &mut Value) {
    match value {
        Value::Object(members) if !MAPPINGS.contains(&name) => {
            members.iter_mut().for_each(|(name, value)| set(name, value));
        }
        Value::Object(members) => members.values_mut().for_each(|value| {
            if matches!(value, Value::Number(_) | Value::Bool(_)) {
                *value = value.to_string().into();
            }
        }),
        Value::Array(entries) => entries.iter_mut().for_each(|entry| set(name, entry)),
        Value::String(text) => {
            if let Some(typed) = typed(name, text.trim()) {
                *value = typed;
            }
        }
        Value::Number(_) | Value::Bool(_) if TEXTS.contains(&name) => *value = value.to_string().into(),
        _ => {}
    }
}

fn typed(name: &str, text: &str) -> Option<Value> {
    if NUMBERS.contains(&name) {
        let whole = text.parse::<i64>().ok().map(Number::from);
        return whole.or_else(|| Number::from_f64(text.parse().ok()?)).map(Value::Number);
    }
    let is_flag = FLAGS.contains(&name);
    match text.to_ascii_lowercase().as_str() {
        "true" | "yes" | "on" if is_flag => Some(true.into()),
        "false" | "no" | "off" if is_flag => Some(false.into()),
        _ => None,
    }
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;

    #[test]
    fn text_is_converted_to_the_type_of_its_member() {
        let mut value = json!({"Instances": {"TerminationProtected": "yes", "Ec2KeyName": "7"}, "Priority": "x",
            "Steps": [{"Name": "1"}], "ManagedScalingPolicy": {"ComputeLimits": {"MinimumCapacityUnits": " 2 "}},
            "Configurations": [{"Properties": {"Enabled": true}}], "Threshold": "0.5", "Name": 7});
        set("", &mut value);
        let expected = json!({"Instances": {"TerminationProtected": true, "Ec2KeyName": "7"}, "Priority": "x",
            "Steps": [{"Name": "1"}], "ManagedScalingPolicy": {"ComputeLimits": {"MinimumCapacityUnits": 2}},
            "Configurations": [{"Properties": {"Enabled": "true"}}], "Threshold": 0.5,
            "Name": "7"});
        assert_eq!(value, expected);
    }
}

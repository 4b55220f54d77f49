//! Which members of `RunJobFlow`'s request are no text.
//!
//! Configuration files, and the old API whose parameters they have, know text alone; EMR's JSON wants numbers and truth
//! values. Names are enough to tell: no name in the request is text in one place and a number in another.
//!
//! Source: <https://docs.aws.amazon.com/emr/latest/APIReference/API_RunJobFlow.html>

use serde_json::{Number, Value};

/// Members that are numbers, wherever they stand.
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

/// Members that are truth values.
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

/// Members whose own members are named by the user, and are text.
const MAPPINGS: &[&str] = &["AdditionalInfo", "LogTypeUploadPolicy", "LogTypes", "Properties"];

/// Gives `value`, which is the member `name`, and all in it the type that EMR wants. What is none stays as it is.
pub(super) fn set(name: &str, value: &mut Value) {
    match value {
        Value::Object(members) if !MAPPINGS.contains(&name) => {
            members.iter_mut().for_each(|(name, value)| set(name, value));
        }
        Value::Array(entries) => entries.iter_mut().for_each(|entry| set(name, entry)),
        Value::String(text) => {
            if let Some(typed) = typed(name, text.trim()) {
                *value = typed;
            }
        }
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
    fn text_becomes_what_emr_wants_where_it_can() {
        let mut value = json!({"Instances": {"TerminationProtected": "yes", "Ec2KeyName": "7"}, "Priority": "x",
            "Steps": [{"Name": "1"}], "ManagedScalingPolicy": {"ComputeLimits": {"MinimumCapacityUnits": " 2 "}},
            "Configurations": [{"Properties": {"Enabled": "true"}}], "Threshold": "0.5"});
        set("", &mut value);
        let expected = json!({"Instances": {"TerminationProtected": true, "Ec2KeyName": "7"}, "Priority": "x",
            "Steps": [{"Name": "1"}], "ManagedScalingPolicy": {"ComputeLimits": {"MinimumCapacityUnits": 2}},
            "Configurations": [{"Properties": {"Enabled": "true"}}], "Threshold": 0.5});
        assert_eq!(value, expected);
    }
}

//! Checks the documented limits on how a fleet gets its instances. EMR itself checks allocation strategies.

use std::ops::RangeInclusive;

use serde_json::{Map, Value};

/// The minutes that EMR may wait for instances, by the path of the specification in the fleet.
///
/// Sources: <https://docs.aws.amazon.com/emr/latest/APIReference/API_SpotProvisioningSpecification.html>,
/// <https://docs.aws.amazon.com/emr/latest/APIReference/API_SpotResizingSpecification.html> and
/// <https://docs.aws.amazon.com/emr/latest/APIReference/API_OnDemandResizingSpecification.html>
const TIMEOUTS: [(&str, &str, RangeInclusive<u64>); 3] = [
    ("LaunchSpecifications", "SpotSpecification", 5..=1440),
    ("ResizeSpecifications", "SpotResizeSpecification", 5..=10_080),
    ("ResizeSpecifications", "OnDemandResizeSpecification", 5..=10_080),
];

/// Refuses values in the `rest` of a fleet that EMR is documented to refuse.
pub(super) fn check(rest: &Map<String, Value>) -> Result<(), String> {
    for (when, what, allowed) in TIMEOUTS {
        let specification = rest.get(when).map_or(&Value::Null, |specifications| &specifications[what]);
        if !specification["BlockDurationMinutes"].is_null() {
            return Err("BlockDurationMinutes: AWS has sold no spot blocks since 2022, leave it out".to_owned());
        }
        let minutes = &specification["TimeoutDurationMinutes"];
        if !minutes.is_null() && !minutes.as_u64().is_some_and(|minutes| allowed.contains(&minutes)) {
            let (least, most) = allowed.into_inner();
            return Err(format!("TimeoutDurationMinutes is {minutes}: EMR takes {least} to {most}"));
        }
    }
    Ok(())
}

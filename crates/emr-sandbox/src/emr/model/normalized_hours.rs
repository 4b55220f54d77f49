//! Normalized instance hours: the use of a cluster in hours of the smallest instance. The weights are from
//! <https://aws.amazon.com/emr/faqs/>.

use super::instances::Instance;
use super::timestamp::Timestamp;

const HOUR_MS: u64 = 3_600_000;

/// The sum of each instance's hours times the weight of its size. Only full hours count: in the first hour EMR answers
/// 0.
pub(crate) fn of(instances: &[Instance], now: Timestamp) -> u64 {
    instances
        .iter()
        .map(|instance| hours(instance, now) * weight(instance.instance_type.as_deref().unwrap_or_default()))
        .sum()
}

fn hours(instance: &Instance, now: Timestamp) -> u64 {
    let timeline = &instance.status.timeline;
    let Some(ready) = timeline.ready_date_time else {
        return 0;
    };
    let end = timeline.end_date_time.unwrap_or(now);
    end.milliseconds_since(ready) / HOUR_MS
}

/// The weight of an instance type's size: 1 for `small`, 8 for `xlarge`, 8 × N for `Nxlarge`.
fn weight(instance_type: &str) -> u64 {
    let size = instance_type.split_once('.').map_or("", |(_, size)| size);
    match size {
        "medium" => 2,
        "large" => 4,
        "xlarge" => 8,
        _ => size
            .strip_suffix("xlarge")
            .and_then(|times| times.parse::<u64>().ok())
            .map_or(1, |times| times.saturating_mul(8)),
    }
}

#[cfg(test)]
mod tests {
    use super::weight;

    #[test]
    fn weights_grow_with_the_size() {
        let types = ["m1.small", "m1.large", "m5.xlarge", "m5.4xlarge", "r5.metal"];
        assert_eq!(types.map(weight), [1, 4, 8, 32, 1]);
    }
}

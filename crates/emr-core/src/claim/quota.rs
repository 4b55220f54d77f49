//! EMR's request quotas as token buckets. A tool waits by itself, because EMR throttles the whole account.
//!
//! The numbers are the defaults of Service Quotas. With raised quotas the tools are slower than they could be. Other
//! callers in the account share the quotas, so EMR may still throttle; then calls are retried.
//!
//! Source: <https://docs.aws.amazon.com/general/latest/gr/emr.html>

use std::collections::HashMap;
use std::time::Duration;

/// The size of a token bucket, in calls, and how fast it refills, in calls a second.
#[derive(Debug, Clone, Copy, PartialEq)]
struct Quota {
    burst: f64,
    per_second: f64,
}

/// The quota of all EMR calls together.
const ACCOUNT: Quota = Quota { burst: 25.0, per_second: 5.0 };

/// The quota of one API.
fn quota(api: &str) -> Quota {
    let (burst, per_second) = match api {
        "ListClusters" => (20.0, 0.5),
        "DescribeCluster" | "ListInstanceGroups" | "ListBootstrapActions" => (10.0, 1.0),
        "ListInstanceFleets" | "AddTags" | "RemoveTags" => (5.0, 0.5),
        "SetTerminationProtection" => (5.0, 0.2),
        _ => (10.0, 0.5),
    };
    Quota { burst, per_second }
}

/// How long so many `calls` to `api` take at least, made one behind the other as its quota allows.
#[must_use]
pub fn duration(api: &str, calls: usize) -> Duration {
    let Quota { burst, per_second } = quota(api);
    let calls = f64::from(u32::try_from(calls).unwrap_or(u32::MAX));
    Duration::from_secs_f64((calls - burst).max(0.0) / per_second)
}

#[derive(Debug, Clone, Copy)]
struct Bucket {
    tokens: f64,
    filled_at: Duration,
}

impl Bucket {
    fn full(quota: Quota, now: Duration) -> Self {
        Self { tokens: quota.burst, filled_at: now }
    }

    /// Empties the bucket after a throttle: other callers have used the quota.
    fn drain(&mut self, now: Duration) {
        self.tokens = self.tokens.min(0.0);
        self.filled_at = now;
    }

    /// Takes a token, possibly in advance. Returns how long to wait until the bucket has refilled by it.
    fn take(&mut self, quota: Quota, now: Duration) -> Duration {
        let passed = now.saturating_sub(self.filled_at).as_secs_f64();
        self.tokens = (self.tokens + passed * quota.per_second).min(quota.burst) - 1.0;
        self.filled_at = now;
        Duration::from_secs_f64((-self.tokens / quota.per_second).max(0.0))
    }
}

impl Quota {
    /// One part in so many `parts` of it, and never less than a call at once.
    fn part(self, parts: u32) -> Self {
        let parts = f64::from(parts.max(1));
        Self { burst: (self.burst / parts).max(1.0), per_second: self.per_second / parts }
    }
}

/// What is left of each quota.
#[derive(Debug, Default)]
pub struct Quotas {
    /// Into how many parts the quotas are divided, of which this process takes one; 0 is as good as 1.
    parts: u32,
    account: Option<Bucket>,
    by_api: HashMap<&'static str, Bucket>,
}

impl Quotas {
    /// Takes one part in so many `parts` of each quota from now on, and leaves the others to whoever else asks.
    pub fn divide(&mut self, parts: u32) {
        *self = Self { parts, ..Self::default() };
    }

    /// Reserves a call to `api` at `now`, a time since any fixed point. Returns how long to wait before making it.
    pub fn reserve(&mut self, api: &'static str, now: Duration) -> Duration {
        let (own, all) = (quota(api).part(self.parts), ACCOUNT.part(self.parts));
        let account = self.account.get_or_insert(Bucket::full(all, now)).take(all, now);
        let api = self.by_api.entry(api).or_insert(Bucket::full(own, now)).take(own, now);
        account.max(api)
    }

    /// Notes that EMR throttled `api` at `now`.
    pub fn exhaust(&mut self, api: &'static str, now: Duration) {
        if let Some(bucket) = self.by_api.get_mut(api) {
            bucket.drain(now);
        }
    }
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    #[test]
    fn it_is_known_before_how_long_many_calls_take() {
        let seconds = |api, calls| duration(api, calls).as_secs();
        assert_eq!((seconds("ListSteps", 10), seconds("ListSteps", 11), seconds("ListSteps", 100)), (0, 2, 180));
        assert_eq!(seconds("DescribeCluster", 100), 90);
    }

    #[test]
    fn a_burst_is_free_and_later_calls_wait_for_the_refill() {
        let mut quotas = Quotas::default();
        let waits: Vec<_> = (0..12).map(|_| quotas.reserve("ListSteps", Duration::ZERO).as_secs()).collect();
        assert_eq!(waits, [0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 2, 4]);
    }

    #[test]
    fn after_a_throttle_nothing_is_left_of_the_burst() {
        let mut quotas = Quotas::default();
        assert_eq!(quotas.reserve("ListSteps", Duration::ZERO), Duration::ZERO);
        quotas.exhaust("ListSteps", Duration::ZERO);
        assert_eq!(quotas.reserve("ListSteps", Duration::ZERO), Duration::from_secs(2));
        assert_eq!(quotas.reserve("ListClusters", Duration::ZERO), Duration::ZERO);
    }

    #[test]
    fn all_apis_share_the_quota_of_the_account() {
        let mut quotas = Quotas::default();
        for _ in 0..10 {
            quotas.reserve("ListSteps", Duration::ZERO);
        }
        for _ in 0..15 {
            assert_eq!(quotas.reserve("ListClusters", Duration::ZERO), Duration::ZERO);
        }
        assert!(quotas.reserve("ListClusters", Duration::ZERO) > Duration::ZERO);
    }

    /// The time at which each of so many `calls` to `api` is made by a process that makes no other.
    fn times(mut quotas: Quotas, api: &'static str, calls: usize) -> Vec<f64> {
        let mut now = Duration::ZERO;
        let call = || {
            now += quotas.reserve(api, now);
            now.as_secs_f64()
        };
        std::iter::repeat_with(call).take(calls).collect()
    }

    #[test]
    fn who_takes_half_lists_ten_thousand_job_flows_in_thirteen_minutes() {
        let mut half = Quotas::default();
        half.divide(2);
        let times = times(half, "ListClusters", 200);
        assert_eq!((times[9], times[10], times[199]), (0.0, 4.0, 760.0));
    }

    #[test]
    fn a_part_of_a_small_quota_is_still_a_call_at_once() {
        let mut part = Quotas::default();
        part.divide(100);
        assert_eq!(part.reserve("ListInstanceFleets", Duration::ZERO), Duration::ZERO);
        assert_eq!(part.reserve("ListInstanceFleets", Duration::ZERO), Duration::from_secs(200));
    }

    proptest! {
        #[test]
        fn calls_that_wait_as_told_stay_within_the_quota(
            gaps in prop::collection::vec((0_u64..3000, prop::bool::weighted(0.1)), 1..60),
        ) {
            let mut quotas = Quotas::default();
            let mut now = Duration::ZERO;
            let mut made: Vec<f64> = Vec::new();
            for (gap, is_throttled) in gaps {
                now += Duration::from_millis(gap);
                let is_throttled = is_throttled && !made.is_empty();
                if is_throttled {
                    quotas.exhaust("ListSteps", now);
                }
                made.push((now + quotas.reserve("ListSteps", now)).as_secs_f64());
                prop_assert!(!is_throttled || made[made.len() - 1] >= now.as_secs_f64() + 2.0 - 1e-6);
            }
            for (first, start) in made.iter().enumerate() {
                for (later, end) in made.iter().enumerate().skip(first) {
                    let calls = f64::from(u32::try_from(later - first + 1).unwrap());
                    prop_assert!(calls <= 10.0 + 0.5 * (end - start) + 1e-6);
                }
            }
        }
    }
}

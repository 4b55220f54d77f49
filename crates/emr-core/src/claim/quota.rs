//! EMR's request quotas as token buckets: a tool waits by itself before EMR throttles the whole account.
//!
//! The figures are the defaults of Service Quotas. With raised quotas the tools are slower than they could be. Other
//! callers in the account use the same quotas, so EMR may throttle all the same; then calls are retried.
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

    /// Empties the bucket: EMR says that it is, so others have taken from it.
    fn drain(&mut self, now: Duration) {
        self.tokens = self.tokens.min(0.0);
        self.filled_at = now;
    }

    /// Takes a token, possibly in advance, and returns how long until the bucket has refilled by it.
    fn take(&mut self, quota: Quota, now: Duration) -> Duration {
        let passed = now.saturating_sub(self.filled_at).as_secs_f64();
        self.tokens = (self.tokens + passed * quota.per_second).min(quota.burst) - 1.0;
        self.filled_at = now;
        Duration::from_secs_f64((-self.tokens / quota.per_second).max(0.0))
    }
}

/// What this process has left of each quota.
#[derive(Debug, Default)]
pub struct Quotas {
    account: Option<Bucket>,
    by_api: HashMap<&'static str, Bucket>,
}

impl Quotas {
    /// Reserves a call to `api` at `now` (the time since any fixed start), and returns how long to wait before making
    /// it.
    pub fn reserve(&mut self, api: &'static str, now: Duration) -> Duration {
        let own = quota(api);
        let account = self.account.get_or_insert(Bucket::full(ACCOUNT, now)).take(ACCOUNT, now);
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
    fn a_burst_is_free_and_what_follows_waits_for_the_refill() {
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
    fn apis_share_the_account_s_quota() {
        let mut quotas = Quotas::default();
        for _ in 0..10 {
            quotas.reserve("ListSteps", Duration::ZERO);
        }
        for _ in 0..15 {
            assert_eq!(quotas.reserve("ListClusters", Duration::ZERO), Duration::ZERO);
        }
        assert!(quotas.reserve("ListClusters", Duration::ZERO) > Duration::ZERO);
    }

    proptest! {
        #[test]
        fn calls_that_wait_as_long_as_asked_stay_within_the_quota(gaps in prop::collection::vec(0_u64..3000, 1..60)) {
            let mut quotas = Quotas::default();
            let mut now = Duration::ZERO;
            let mut made: Vec<f64> = Vec::new();
            for gap in gaps {
                now += Duration::from_millis(gap);
                made.push((now + quotas.reserve("ListSteps", now)).as_secs_f64());
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

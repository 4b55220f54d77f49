//! EMR's quotas as token buckets: one per operation and one for the account. Pure: the time is an argument.

use std::collections::HashMap;
use std::time::Duration;

/// Burst, and refill per second, of all operations together.
const ACCOUNT: (f64, f64) = (25.0, 5.0);

/// Burst, and refill per second, of an operation: the defaults in AWS's Service Quotas. An operation that it does not
/// list has the account's quota only.
fn of(operation: &str) -> Option<(f64, f64)> {
    let quota = match operation {
        "ListClusters" => (20.0, 0.5),
        "DescribeCluster" | "ListInstanceGroups" | "ListBootstrapActions" => (10.0, 1.0),
        "AddJobFlowSteps" | "CancelSteps" | "DescribeStep" | "ListInstances" | "ListSteps" | "ModifyCluster"
        | "RunJobFlow" | "TerminateJobFlows" => (10.0, 0.5),
        "AddInstanceFleet"
        | "AddTags"
        | "CreateSecurityConfiguration"
        | "DeleteSecurityConfiguration"
        | "DescribeSecurityConfiguration"
        | "ListInstanceFleets"
        | "ListSecurityConfigurations"
        | "ModifyInstanceFleet"
        | "ModifyInstanceGroups"
        | "RemoveTags" => (5.0, 0.5),
        "AddInstanceGroups" | "SetTerminationProtection" => (5.0, 0.2),
        _ => return None,
    };
    Some(quota)
}

/// A bucket of tokens that fills with time.
#[derive(Debug)]
struct Bucket {
    burst: f64,
    /// Tokens per second.
    refill: f64,
    tokens: f64,
    filled_at: Duration,
}

impl Bucket {
    fn full((burst, refill): (f64, f64), now: Duration) -> Self {
        Self { burst, refill, tokens: burst, filled_at: now }
    }

    fn fill(&mut self, now: Duration) {
        let since = now.saturating_sub(self.filled_at).as_secs_f64();
        self.tokens = (self.tokens + since * self.refill).min(self.burst);
        self.filled_at = now;
    }
}

/// The buckets of the account.
#[derive(Debug)]
pub(crate) struct Quotas {
    account: Bucket,
    operations: HashMap<String, Bucket>,
}

impl Quotas {
    /// Full buckets. Times are durations since any fixed moment.
    pub(crate) fn new(now: Duration) -> Self {
        Self { account: Bucket::full(ACCOUNT, now), operations: HashMap::new() }
    }

    /// Takes a token from each bucket of a request at `now`. Returns whether there were any.
    pub(crate) fn allow(&mut self, operation: &str, now: Duration) -> bool {
        self.account.fill(now);
        if self.account.tokens < 1.0 {
            return false;
        }
        if let Some(quota) = of(operation) {
            let bucket = self.operations.entry(operation.to_owned());
            let bucket = bucket.or_insert_with(|| Bucket::full(quota, now));
            bucket.fill(now);
            if bucket.tokens < 1.0 {
                return false;
            }
            bucket.tokens -= 1.0;
        }
        self.account.tokens -= 1.0;
        true
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn allowed(quotas: &mut Quotas, operation: &str, calls: u32, now: Duration) -> usize {
        (0..calls).filter(|_| quotas.allow(operation, now)).count()
    }

    #[test]
    fn a_burst_is_followed_by_the_refill() {
        let mut quotas = Quotas::new(Duration::ZERO);
        assert_eq!(allowed(&mut quotas, "RunJobFlow", 20, Duration::ZERO), 10);
        assert_eq!(allowed(&mut quotas, "RunJobFlow", 20, Duration::from_secs(4)), 2);
    }

    #[test]
    fn all_operations_share_the_accounts_bucket() {
        let mut quotas = Quotas::new(Duration::ZERO);
        assert_eq!(allowed(&mut quotas, "ListClusters", 20, Duration::ZERO), 20);
        assert_eq!(allowed(&mut quotas, "DescribeCluster", 20, Duration::ZERO), 5);
        assert_eq!(allowed(&mut quotas, "ListReleaseLabels", 20, Duration::from_secs(1)), 5);
    }

    #[test]
    fn a_bucket_never_holds_more_than_its_burst() {
        let mut quotas = Quotas::new(Duration::ZERO);
        assert_eq!(allowed(&mut quotas, "AddTags", 20, Duration::from_hours(1)), 5);
    }
}

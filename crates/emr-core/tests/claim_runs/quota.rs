//! Runs the token buckets at random: processes that share an account, and EMR's own buckets.

use std::collections::BTreeMap;
use std::time::Duration;

use emr_core::claim::backoff;
use emr_core::claim::quota::{Quotas, duration};
use fastrand::Rng;

use crate::flaw::Flaw;
use crate::property::{Finding, Property};

/// EMR's buckets as its documentation has them: burst, and calls a second.
///
/// Source: <https://docs.aws.amazon.com/general/latest/gr/emr.html>
const BUCKETS: [(&str, f64, f64); 11] = [
    ("ListClusters", 20.0, 0.5),
    ("DescribeCluster", 10.0, 1.0),
    ("ListInstanceGroups", 10.0, 1.0),
    ("ListBootstrapActions", 10.0, 1.0),
    ("ListInstanceFleets", 5.0, 0.5),
    ("AddTags", 5.0, 0.5),
    ("RemoveTags", 5.0, 0.5),
    ("SetTerminationProtection", 5.0, 0.2),
    ("ListSteps", 10.0, 0.5),
    ("RunJobFlow", 10.0, 0.5),
    ("AddJobFlowSteps", 10.0, 0.5),
];

/// The bucket of all calls together.
const ALL: (&str, f64, f64) = ("all calls", 25.0, 5.0);

/// EMR's side: what is left in each bucket, and since when.
#[derive(Default)]
struct Buckets(BTreeMap<&'static str, (f64, Duration)>);

impl Buckets {
    /// Takes a call out of a bucket. Returns whether there was one.
    fn take(&mut self, (name, burst, per_second): (&'static str, f64, f64), now: Duration) -> bool {
        let (left, since) = self.0.entry(name).or_insert((burst, now));
        *left = (*left + now.saturating_sub(*since).as_secs_f64() * per_second).min(burst) - 1.0;
        *since = now;
        *left > -1e-6
    }
}

/// Runs a seed, with a deliberate flaw if there is one.
pub(crate) fn run(seed: u64, flaw: Option<Flaw>) -> Option<Finding> {
    let mut rng = Rng::with_seed(seed);
    let finding = |property, at, what| Some(Finding { property, at, what });
    if let Some(what) = wrong_delay(flaw) {
        return finding(Property::BacksOff, Duration::ZERO, what);
    }
    // A part of a bucket is never less than one call, so few processes may share the small ones.
    let processes = rng.u32(1..=5);
    let mut callers: Vec<_> = (0..processes).map(|_| (Quotas::default(), Duration::ZERO, None)).collect();
    if (processes > 1 || rng.bool()) && flaw != Some(Flaw::TakesWholeQuota) {
        for (quotas, ..) in &mut callers {
            quotas.divide(processes);
        }
    }
    let few = [BUCKETS[rng.usize(..BUCKETS.len())], BUCKETS[rng.usize(..BUCKETS.len())]];
    let longest_gap = [0, 300, 5000][rng.usize(..3)];
    let mut emr = Buckets::default();
    for call in 0..rng.u32(20..400) {
        // The next call in the order of time.
        let which = (0..callers.len()).min_by_key(|which| callers[*which].1).unwrap_or_default();
        let (quotas, at, reserved) = &mut callers[which];
        if let Some(bucket) = reserved.take() {
            if !(emr.take(bucket, *at) & emr.take(ALL, *at)) {
                return finding(Property::WithinQuota, *at, format!("call {call} to {} is throttled", bucket.0));
            }
            if rng.u32(..50) == 0 {
                if flaw != Some(Flaw::ForgetsThrottle) {
                    quotas.exhaust(bucket.0, *at);
                }
                let (wait, wanted) = (quotas.reserve(bucket.0, *at).as_secs_f64(), f64::from(processes) / bucket.2);
                if wait + 1e-6 < wanted {
                    let what = format!("after a throttle of {} it waits {wait} s, and not {wanted} s", bucket.0);
                    return finding(Property::WithinQuota, *at, what);
                }
                break;
            }
        }
        *at += Duration::from_millis(rng.u64(..=longest_gap));
        let bucket = few[rng.usize(..2)];
        *at += quotas.reserve(bucket.0, *at);
        *reserved = Some(bucket);
    }
    slowness(&mut rng, flaw)
}

/// Whether calls without a pause take longer than the quota asks for.
fn slowness(rng: &mut Rng, flaw: Option<Flaw>) -> Option<Finding> {
    let (api, burst, per_second) = BUCKETS[rng.usize(..BUCKETS.len())];
    let (parts, calls) = (rng.u32(1..=4), rng.u32(1..60));
    let mut quotas = Quotas::default();
    quotas.divide(parts);
    let mut at = Duration::ZERO;
    for _ in 0..calls {
        let wait = quotas.reserve(api, at);
        at += if flaw == Some(Flaw::WaitsTooLong) { wait * 2 } else { wait };
    }
    let part = f64::from(parts);
    let wanted = ((f64::from(calls) - (burst / part).max(1.0)).max(0.0) * part / per_second)
        .max((f64::from(calls) - ALL.1 / part).max(0.0) * part / ALL.2);
    let alone = (f64::from(calls) - burst).max(0.0) / per_second;
    let told = duration(api, calls as usize).as_secs_f64();
    let is_wrong = (at.as_secs_f64() - wanted).abs() > 1e-3 || (told - alone).abs() > 1e-3;
    is_wrong.then(|| Finding {
        property: Property::QuotaIsUsed,
        at,
        what: format!("{calls} calls to {api} take {at:?} and are said to take {told} s, and need {wanted} s"),
    })
}

/// What is wrong with the waits before retries of EMR's calls: from 0.4 s they double up to 20 s, with full jitter.
fn wrong_delay(flaw: Option<Flaw>) -> Option<String> {
    let delay = |tries, chance| backoff::delay(if flaw == Some(Flaw::RetriesAtOnce) { 0 } else { tries }, chance);
    let is_wrong = |tries: u32| {
        let ceiling = Duration::from_millis(400 << tries.min(10)).min(Duration::from_secs(20));
        [0.0, 0.5, 1.0].map(|chance| delay(tries, chance)) != [Duration::ZERO, ceiling / 2, ceiling]
    };
    let tries = (0..40).find(|tries| is_wrong(*tries))?;
    Some(format!("after {tries} tries a call to EMR waits for up to {:?}", delay(tries, 1.0)))
}

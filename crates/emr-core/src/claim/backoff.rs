//! The wait before a retry: exponential backoff with full jitter.
//!
//! Full jitter, because callers that were throttled together would otherwise return together.
//!
//! Source: <https://aws.amazon.com/blogs/architecture/exponential-backoff-and-jitter/>

use std::time::Duration;

/// The longest first wait before a retry of an EMR call: about the duration of one call.
const FIRST: Duration = Duration::from_millis(400);
/// The longest wait before any retry, as in AWS's SDKs. EMR's quotas refill several calls in that time.
const LONGEST: Duration = Duration::from_secs(20);

/// The same for retries on one S3 object. S3 answers in tens of milliseconds.
const QUICK_FIRST: Duration = Duration::from_millis(50);
const QUICK_LONGEST: Duration = Duration::from_secs(2);

/// The wait after failed attempt number `attempt` (from 0), with `chance` uniform in 0..1.
#[must_use]
pub fn delay(attempt: u32, chance: f64) -> Duration {
    jittered(FIRST, LONGEST, attempt, chance)
}

/// The wait after inconclusive attempt number `attempt` (from 0) at an object on S3.
#[must_use]
pub fn quick_delay(attempt: u32, chance: f64) -> Duration {
    jittered(QUICK_FIRST, QUICK_LONGEST, attempt, chance)
}

fn jittered(first: Duration, longest: Duration, attempt: u32, chance: f64) -> Duration {
    let ceiling = first.saturating_mul(2_u32.saturating_pow(attempt)).min(longest);
    ceiling.mul_f64(chance.clamp(0.0, 1.0))
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    proptest! {
        #[test]
        fn a_delay_is_any_part_of_a_ceiling_that_doubles_up_to_the_longest(attempt in 0_u32..100, chance in 0.0..1.0) {
            let of_emr: fn(u32, f64) -> Duration = delay;
            for (delay, first, longest) in [(of_emr, FIRST, LONGEST), (quick_delay, QUICK_FIRST, QUICK_LONGEST)] {
                let ceiling = delay(attempt, 1.0);
                prop_assert_eq!(delay(0, 1.0), first);
                prop_assert_eq!(delay(attempt + 1, 1.0), (2 * ceiling).min(longest));
                prop_assert_eq!(delay(attempt, chance), ceiling.mul_f64(chance));
            }
        }
    }
}

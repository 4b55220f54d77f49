//! How long to wait before a call is tried again: exponential, with full jitter.
//!
//! Full jitter, because callers that were throttled together would otherwise come back together.

use std::time::Duration;

const FIRST: Duration = Duration::from_millis(400);
const LONGEST: Duration = Duration::from_secs(20);

/// What a race for one object is over within: S3 answers in milliseconds.
const QUICK_FIRST: Duration = Duration::from_millis(50);
const QUICK_LONGEST: Duration = Duration::from_secs(2);

/// The wait after the failed attempt number `attempt` (from 0), where `chance` is uniform in 0..1.
#[must_use]
pub fn delay(attempt: u32, chance: f64) -> Duration {
    jittered(FIRST, LONGEST, attempt, chance)
}

/// The wait after attempt number `attempt` (from 0) that settled nothing about an object on S3.
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
        fn a_delay_is_within_its_ceiling_and_the_ceiling_only_grows(attempt in 0_u32..100, chance in 0.0..1.0) {
            prop_assert!(delay(attempt, chance) <= delay(attempt, 1.0));
            prop_assert!(delay(attempt, 1.0) <= delay(attempt + 1, 1.0));
            prop_assert!(delay(attempt, chance) <= LONGEST);
        }
    }
}

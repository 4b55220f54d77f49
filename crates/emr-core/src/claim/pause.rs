//! The wait between two polls of something slow, such as a step: short at first, for what ends soon.

use std::time::Duration;

/// The first pause. A person does not notice half a second, and one call in it is within every quota.
const FIRST: Duration = Duration::from_millis(500);

/// How much longer each pause is than the one before. So what ends after some time is noticed at the latest a quarter
/// of that time later, for 15 calls in the first minute: EMR's quota for `ListSteps` allows 40.
const GROWTH: f64 = 1.25;

/// The pauses between looks, which grow up to `longest`.
pub fn pauses(longest: Duration) -> impl Iterator<Item = Duration> {
    std::iter::successors(Some(FIRST.min(longest)), move |pause| Some(pause.mul_f64(GROWTH).min(longest)))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn pauses_grow_up_to_the_longest_and_never_end() {
        let longest = Duration::from_secs(30);
        let pauses: Vec<_> = pauses(longest).take(100_000).collect();
        assert_eq!(pauses[0], FIRST);
        assert!(pauses.windows(2).all(|pair| pair[0] <= pair[1]));
        assert_eq!(pauses[19..], vec![longest; 100_000 - 19]);
    }

    #[test]
    fn the_longest_pause_may_be_zero() {
        assert_eq!(pauses(Duration::ZERO).nth(5), Some(Duration::ZERO));
    }
}

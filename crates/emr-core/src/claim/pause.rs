//! The wait between two polls of something slow, such as a step: short at first, for what ends soon.

use std::time::Duration;

/// The first pause. A person does not notice half a second, and one call in it is within every quota.
const FIRST: Duration = Duration::from_millis(500);

/// The pauses between polls: each is 1.5 times the one before, up to `longest`. So an event after a time is noticed at
/// the latest after 1.5 times that time.
pub fn pauses(longest: Duration) -> impl Iterator<Item = Duration> {
    std::iter::successors(Some(FIRST.min(longest)), move |pause| Some(pause.mul_f64(1.5).min(longest)))
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
        assert_eq!(pauses[11..], vec![longest; 100_000 - 11]);
    }

    #[test]
    fn the_longest_pause_may_be_zero() {
        assert_eq!(pauses(Duration::ZERO).nth(5), Some(Duration::ZERO));
    }
}

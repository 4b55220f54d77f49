//! Clocks that run at different rates and jump ahead.

use std::time::Duration;

/// How much faster or slower than true time a clock may run, in parts of a million. Clocks of computers drift by less
/// than 200.
pub(crate) const MOST_PPM: u64 = 500;

/// The clock of one process: monotonic, and going on while the machine sleeps.
#[derive(Debug, Clone)]
pub(crate) struct Clock {
    ahead: Duration,
    fast_ppm: u64,
}

impl Clock {
    /// A clock that is `ahead` of true time and gains up to twice [`MOST_PPM`] on the slowest clock.
    pub(crate) fn new(ahead: Duration, fast_ppm: u64) -> Self {
        Self { ahead, fast_ppm }
    }

    /// What it shows at the true time `now`.
    pub(crate) fn shows(&self, now: Duration) -> Duration {
        self.ahead + self.passes(now)
    }

    /// The true time until it has gone on by `wait`, rounded up.
    pub(crate) fn true_time(&self, wait: Duration) -> Duration {
        let micros = u64::try_from(wait.as_micros()).unwrap_or(u64::MAX / 2_000_000);
        Duration::from_micros(micros * 1_000_000 / self.rate() + 2)
    }

    /// Jumps ahead.
    pub(crate) fn jump(&mut self, by: Duration) {
        self.ahead += by;
    }

    /// Stands still while the true time goes on, as a clock that does not count suspend.
    pub(crate) fn stand_still(&mut self, true_time: Duration) {
        self.ahead = self.ahead.saturating_sub(self.passes(true_time));
    }

    fn passes(&self, true_time: Duration) -> Duration {
        let micros = u64::try_from(true_time.as_micros()).unwrap_or(0);
        Duration::from_micros(micros / 1_000_000 * self.rate() + micros % 1_000_000 * self.rate() / 1_000_000)
    }

    fn rate(&self) -> u64 {
        1_000_000 - MOST_PPM + self.fast_ppm
    }
}

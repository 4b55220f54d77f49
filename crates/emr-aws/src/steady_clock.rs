//! The clock of the SDK: this machine's wall clock when the run began, which then goes on by the monotonic clock.
//!
//! The SDK assumes that the wall clock never jumps. When somebody sets it, or NTP corrects it, a call in progress takes
//! the jump for time that has passed: its log of throughput is filled up one tenth of a second at a time, which takes
//! minutes of CPU time for a jump of years, and the next request is signed by as much too late or too early. A clock
//! that was wrong from the start is corrected as ever: the SDK adds the difference to the `Date` of answers.

use std::time::{Duration, SystemTime};

use aws_types::sdk_config::TimeSource;

use super::monotonic;

/// A wall clock that does not jump.
#[derive(Debug, Clone, Copy)]
pub(super) struct SteadyClock {
    began: SystemTime,
    /// The same moment by [`monotonic::now`].
    began_at: Duration,
}

impl SteadyClock {
    /// A clock that is right if this machine's wall clock is right now.
    pub(super) fn start() -> Self {
        Self { began: SystemTime::now(), began_at: monotonic::now() }
    }
}

impl TimeSource for SteadyClock {
    fn now(&self) -> SystemTime {
        self.began + monotonic::now().saturating_sub(self.began_at)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn it_goes_on_from_the_time_of_its_start_by_the_monotonic_clock() {
        let began = SystemTime::UNIX_EPOCH + Duration::from_hours(24);
        let clock = SteadyClock { began, began_at: Duration::ZERO };
        let before = monotonic::now();
        let shows = clock.now();
        assert!(shows >= began + before && shows <= began + monotonic::now(), "{shows:?}");
    }
}

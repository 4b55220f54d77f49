//! A monotonic clock that, on Linux, includes the time that the machine sleeps: a lease expires on a laptop whose lid
//! is closed.

use std::time::Duration;

use rustix::time::{ClockId, clock_gettime};

/// The time since a fixed point, such as the boot.
#[must_use]
pub fn now() -> Duration {
    #[cfg(target_os = "linux")]
    let clock = ClockId::Boottime;
    #[cfg(not(target_os = "linux"))]
    let clock = ClockId::Monotonic;
    Duration::try_from(clock_gettime(clock)).unwrap_or_default()
}

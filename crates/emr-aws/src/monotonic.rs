//! A clock that only goes forward, and goes on while the machine sleeps: a lease must not outlast a closed lid.

use std::time::Duration;

use rustix::time::{ClockId, clock_gettime};

/// The time since some fixed point, such as when the machine started.
pub(super) fn now() -> Duration {
    #[cfg(target_os = "linux")]
    let clock = ClockId::Boottime;
    #[cfg(not(target_os = "linux"))]
    let clock = ClockId::Monotonic;
    Duration::try_from(clock_gettime(clock)).unwrap_or_default()
}

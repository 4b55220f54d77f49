//! The time limit of one request on a lock, which depends on the lock's time to live.

use std::time::Duration;

/// A shorter limit fails when S3 is slow.
const SHORTEST: Duration = Duration::from_secs(1);

/// However long the time to live, a request that takes longer has failed.
pub(super) const LONGEST: Duration = Duration::from_secs(10);

/// The limit for a lock with this time to live: a fifth, which leaves time for retries.
pub(super) fn of(ttl: Duration) -> Duration {
    (ttl / 5).clamp(SHORTEST, LONGEST)
}

//! How long one request on a lock may take.

use std::time::Duration;

/// Less than this is too short for S3 on a slow day.
const SHORTEST: Duration = Duration::from_secs(1);

/// A request that takes longer has failed.
pub(super) const LONGEST: Duration = Duration::from_secs(10);

/// The limit for a lock with this time to live: a fifth of it, so that there is time for other requests.
pub(super) fn of(ttl: Duration) -> Duration {
    (ttl / 5).clamp(SHORTEST, LONGEST)
}

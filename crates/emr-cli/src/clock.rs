//! This machine's clock.

use chrono::{DateTime, Utc};

/// The time now, by this machine's clock.
#[must_use]
#[expect(clippy::disallowed_methods, reason = "the one place that reads the clock")]
pub fn now() -> DateTime<Utc> {
    Utc::now()
}

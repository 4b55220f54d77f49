//! This machine's clock.

use chrono::{DateTime, Utc};

/// The time now, by this machine's clock.
#[must_use]
pub fn now() -> DateTime<Utc> {
    Utc::now()
}

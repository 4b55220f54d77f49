//! The time that is reported on.

use chrono::{DateTime, Utc};

/// A stretch of time, which may have no beginning and no end.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub struct Window {
    /// Its first second.
    pub since: Option<DateTime<Utc>>,
    /// The second after its last.
    pub until: Option<DateTime<Utc>>,
}

impl Window {
    /// What of `from` to `to`, in seconds since the epoch, is in it; `None` if nothing is.
    #[must_use]
    pub fn cut(&self, from: i64, to: i64) -> Option<(i64, i64)> {
        let from = self.since.map_or(from, |since| from.max(since.timestamp()));
        let to = self.until.map_or(to, |until| to.min(until.timestamp()));
        (from < to).then_some((from, to))
    }

    /// Whether the second `at` is in it.
    #[must_use]
    pub fn has(&self, at: i64) -> bool {
        self.cut(at, at.saturating_add(1)).is_some()
    }
}

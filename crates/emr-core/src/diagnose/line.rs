//! A line of a log.

use super::log4j;
use crate::text::one_line;

/// Longer lines are cut here: what they say stands at their beginning.
pub(super) const LONGEST: usize = 1000;

/// A line with its number, from 1, where that is known.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) struct Line {
    pub(super) number: Option<u64>,
    pub(super) text: String,
}

impl Line {
    /// The line `text` as a terminal would leave it: what a progress bar returned from is overwritten. Without what is
    /// too long of it.
    pub(super) fn new(number: Option<u64>, text: &str) -> Self {
        let seen = text.trim_end().rsplit('\r').next().unwrap_or_default();
        Self { number, text: seen.chars().take(LONGEST).collect() }
    }

    /// What it says, without the time, the level and the class of a log4j record.
    pub(super) fn message(&self) -> &str {
        log4j::record(&self.text).map_or(self.text.trim(), |(_, message)| message)
    }

    /// Whether it begins a log4j record.
    pub(super) fn is_record(&self) -> bool {
        log4j::record(&self.text).is_some()
    }
}

/// `parts`, of which none is empty, in one line that is no longer than others.
pub(super) fn joined<'a>(parts: impl IntoIterator<Item = &'a str>) -> String {
    let parts = parts.into_iter().map(str::trim).filter(|part| !part.is_empty());
    one_line(&parts.collect::<Vec<_>>().join(" "), LONGEST)
}

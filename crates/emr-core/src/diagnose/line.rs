//! One line of a log.

use super::log4j;
use crate::text::one_line;

/// The most characters of a line to keep. The relevant part is at the beginning.
pub(super) const LONGEST: usize = 1000;

/// A line with its number, from 1, if known.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) struct Line {
    pub(super) number: Option<u64>,
    pub(super) text: String,
}

impl Line {
    /// The line `text` as a terminal shows it: only what follows the last carriage return of a progress bar. Cut to
    /// [`LONGEST`].
    pub(super) fn new(number: Option<u64>, text: &str) -> Self {
        let seen = text.trim_end().rsplit('\r').next().unwrap_or_default();
        Self { number, text: seen.chars().take(LONGEST).collect() }
    }

    /// The message, without time, level and class of a log4j record.
    pub(super) fn message(&self) -> &str {
        log4j::record(&self.text).map_or(self.text.trim(), |(_, message)| message)
    }

    /// Whether it begins a log4j record.
    pub(super) fn is_record(&self) -> bool {
        log4j::record(&self.text).is_some()
    }
}

/// The `parts` that are not empty, in one line of at most [`LONGEST`] characters.
pub(super) fn joined<'a>(parts: impl IntoIterator<Item = &'a str>) -> String {
    let parts = parts.into_iter().map(str::trim).filter(|part| !part.is_empty());
    one_line(&parts.collect::<Vec<_>>().join(" "), LONGEST)
}

//! The records: a file that was deleted, and the sum of a kind.

use emr_core::model::record::Record;
use emr_core::model::{size, time};
use emr_core::scratch::Kind;
use serde::Serialize;

/// A file that was deleted, or would be.
#[derive(Debug, Clone, PartialEq, Serialize)]
pub(crate) struct ScratchRecord {
    /// Where it was.
    pub(crate) uri: String,
    /// What it was.
    pub(crate) kind: Kind,
    /// Its size.
    pub(crate) bytes: u64,
    /// How long ago it was last written.
    pub(crate) age_s: u64,
    /// Whether it is only a dry run.
    pub(crate) dry_run: bool,
}

impl Record for ScratchRecord {
    const COLUMNS: &'static [&'static str] = &["KIND", "SIZE", "AGE", "URI"];

    fn cells(&self) -> Vec<String> {
        let Self { uri, kind, bytes, age_s, .. } = self;
        vec![kind.as_str().to_owned(), size::words(*bytes), time::clock(*age_s), uri.clone()]
    }

    fn id(&self) -> &str {
        &self.uri
    }
}

/// The files of a kind that were deleted: a row of the table, which is short however many there are.
#[derive(Debug, Clone, PartialEq, Serialize)]
pub(crate) struct SumRecord {
    /// What they were.
    pub(crate) kind: Kind,
    /// How many.
    pub(crate) files: u64,
    /// Their size in all.
    pub(crate) bytes: u64,
    /// The age of the oldest.
    pub(crate) oldest_s: u64,
}

impl Record for SumRecord {
    const COLUMNS: &'static [&'static str] = &["KIND", "FILES", "SIZE", "OLDEST"];

    fn cells(&self) -> Vec<String> {
        let oldest = format!("{}d", self.oldest_s / 86_400);
        vec![self.kind.as_str().to_owned(), self.files.to_string(), size::words(self.bytes), oldest]
    }

    fn id(&self) -> &str {
        self.kind.as_str()
    }
}

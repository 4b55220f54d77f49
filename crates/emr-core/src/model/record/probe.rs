//! The record of one check of `s3-lock probe`.

use serde::Serialize;

use super::Record;

/// One thing that a store must do.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct ProbeRecord {
    /// What was asked.
    pub check: &'static str,
    /// Whether the store did what it must.
    pub honoured: bool,
    /// What it must do.
    pub wanted: &'static str,
    /// What it did.
    pub found: String,
}

impl Record for ProbeRecord {
    const COLUMNS: &'static [&'static str] = &["CHECK", "HONOURED", "WANTED", "FOUND"];

    const PROSE: Option<&'static str> = Some("FOUND");

    fn cells(&self) -> Vec<String> {
        let honoured = if self.honoured { "yes" } else { "no" };
        vec![self.check.to_owned(), honoured.to_owned(), self.wanted.to_owned(), self.found.clone()]
    }

    fn id(&self) -> &str {
        self.check
    }
}

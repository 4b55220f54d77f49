//! The record of one check of `s3-lock probe`.

use serde::Serialize;

use super::Record;

/// One check of a store.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct ProbeRecord {
    /// What was tested.
    pub check: &'static str,
    /// Whether the store passed.
    pub honoured: bool,
    /// The required behaviour.
    pub wanted: &'static str,
    /// The observed behaviour.
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

//! The record of a step that was to be cancelled.

use emr_core::model::record::{Record, StepRecord};
use serde::Serialize;

/// A step that was to be cancelled, or would be.
#[derive(Debug, Clone, PartialEq, Serialize)]
pub(crate) struct CancelRecord {
    /// The step as it was seen last.
    #[serde(flatten)]
    pub(crate) step: StepRecord,
    /// Whether this only says what would be done.
    pub(crate) dry_run: bool,
}

impl Record for CancelRecord {
    const COLUMNS: &'static [&'static str] = StepRecord::COLUMNS;

    const PROSE: Option<&'static str> = StepRecord::PROSE;

    fn cells(&self) -> Vec<String> {
        self.step.cells()
    }

    fn id(&self) -> &str {
        self.step.id()
    }
}

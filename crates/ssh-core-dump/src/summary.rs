//! What the core dumps have in common: a line for those that crashed at the same place.

use crate::dump::group::Groups;
use crate::record::CoreRecord;

/// The core dumps so far.
#[derive(Default)]
pub(crate) struct Summary(Groups);

impl Summary {
    pub(crate) fn add(&mut self, record: &CoreRecord) {
        self.0.add(record);
    }

    /// Says a line a cause, the most frequent first.
    pub(crate) fn say(&self) {
        self.0.lines().for_each(|line| emr_cli::say(&line));
    }
}

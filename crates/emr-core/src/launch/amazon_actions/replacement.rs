//! What a release has in place of an old bootstrap action.

use std::collections::BTreeMap;

/// What does the same as a bootstrap action.
#[derive(Debug, Default, PartialEq, Eq)]
pub(super) struct Replacement {
    /// The application that it installed.
    pub(super) application: Option<&'static str>,
    /// The properties that it set, by classification.
    pub(super) configurations: BTreeMap<&'static str, BTreeMap<String, String>>,
    /// Warnings about the replacement.
    pub(super) warnings: Vec<String>,
}

//! The replacement of an old bootstrap action on a release.

use std::collections::BTreeMap;

/// The replacement of a bootstrap action.
#[derive(Debug, Default, PartialEq, Eq)]
pub(super) struct Replacement {
    /// The application that it installed.
    pub(super) application: Option<&'static str>,
    /// The properties that it set, by classification.
    pub(super) configurations: BTreeMap<&'static str, BTreeMap<String, String>>,
    /// Warnings about the replacement.
    pub(super) warnings: Vec<String>,
}

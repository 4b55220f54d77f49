//! What was asked for while a tool looked up its options, and what the answer was.

use std::collections::BTreeMap;
use std::fmt;
use std::path::PathBuf;

use serde_json::Value as Json;

use super::Config;

/// Where a value came from, by name.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Origin {
    /// The tools' own default.
    Default,
    /// This configuration file.
    File(PathBuf),
    /// This variable of the environment.
    Environment(&'static str),
    /// The command line.
    CommandLine,
}

impl fmt::Display for Origin {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Default => f.write_str("default"),
            Self::File(path) => path.display().fmt(f),
            Self::Environment(name) => write!(f, "environment {name}"),
            Self::CommandLine => f.write_str("command line"),
        }
    }
}

/// An option that was asked for: its effective value, and where it came from.
#[derive(Debug, Clone, PartialEq)]
pub struct Entry {
    /// The value; null where there is none.
    pub value: Json,
    /// Its sources, the weakest first; never none.
    pub origins: Vec<Origin>,
}

/// The options that were asked for, by name.
pub type Ledger = BTreeMap<&'static str, Entry>;

impl Config {
    /// The options that were looked up so far.
    #[must_use]
    pub fn ledger(&self) -> Ledger {
        self.ledger.borrow().clone()
    }

    /// Enters what is effective of an option that stands in no file.
    pub fn enter(&self, option: &'static str, value: impl Into<Json>, origin: Origin) {
        self.note(option, value.into(), vec![origin]);
    }

    /// Enters that `option` was looked up and does not count, because of another that excludes it.
    pub fn withdraw(&self, option: &'static str) {
        self.settle(option, Json::Null, &[]);
    }

    /// Enters `value` for what `option` came to, where it was looked up and came to something else than its sources say.
    /// It then comes from where the first of `others` comes from that has a value, or else is a default.
    pub fn settle(&self, option: &str, value: Json, others: &[&str]) {
        let mut ledger = self.ledger.borrow_mut();
        if ledger.get(option).is_none_or(|entry| entry.value == value) {
            return;
        }
        let found = others.iter().filter_map(|other| ledger.get(other)).find(|other| !other.value.is_null());
        let origins = found.map_or_else(|| vec![Origin::Default], |other| other.origins.clone());
        if let Some(entry) = ledger.get_mut(option) {
            *entry = Entry { value, origins };
        }
    }

    /// Enters a look-up and its answer.
    pub(super) fn note(&self, option: &'static str, value: Json, mut origins: Vec<Origin>) {
        origins.dedup();
        if origins.is_empty() {
            origins.push(Origin::Default);
        }
        self.ledger.borrow_mut().insert(option, Entry { value, origins });
    }
}

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

    /// Enters what is effective of an option that stands in no file, or what one came to that no source has.
    pub fn enter(&self, option: &'static str, value: impl Into<Json>, origin: Origin) {
        self.note(option, value.into(), vec![origin]);
    }

    /// Enters what `option` came to, where it was looked up and no source has it.
    pub fn enter_default(&self, option: &'static str, value: impl Into<Json>) {
        if let Some(entry) = self.ledger.borrow_mut().get_mut(option)
            && entry.value.is_null()
        {
            entry.value = value.into();
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

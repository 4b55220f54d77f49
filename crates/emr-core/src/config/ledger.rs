//! What was asked for while a tool looked up its options, and what the answer was.

use std::collections::BTreeMap;
use std::fmt;
use std::path::PathBuf;

use serde_json::Value;

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
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Entry {
    /// The value; null where there is none.
    pub value: Value,
    /// Its sources, the weakest first.
    pub origins: Vec<Origin>,
}

/// The options that were asked for, by name.
pub type Ledger = BTreeMap<&'static str, Entry>;

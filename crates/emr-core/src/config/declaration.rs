//! The declaration of an option: everything about it but its values.

use serde_json::Value as Json;

use super::Config;
use super::argument::Argument;
use super::setting::Origin;
use crate::error::Result;

/// The declaration of an option.
#[derive(Debug, Clone, Copy)]
pub struct Declaration {
    /// Its name in the specification.
    pub name: &'static str,
    /// mrjob's names for it, the newest last. The specification's name is the oldest unless it is listed here, too.
    pub other_names: &'static [&'static str],
    /// How values of several sources combine.
    pub rule: Rule,
    /// Whether it is allowed in configuration files.
    pub is_in_files: bool,
    /// The environment variables that set it, highest precedence first.
    pub variables: &'static [&'static str],
    /// The environment variables that set it if no other source does.
    pub last_variables: &'static [&'static str],
    /// Its arguments on the command line.
    pub arguments: &'static [Argument],
    /// Its text in mrjob.conf(5): Markdown with `bold` between backquotes and *italics* between asterisks only.
    pub text: &'static str,
    /// Checks a typed value. Returns it as a file would have it. The error is a fragment.
    pub check: fn(&str) -> std::result::Result<String, String>,
    pub(super) show: fn(&Config, &Declaration) -> Result<Shown>,
}

/// The effective value of an option, for `--print-config`.
#[derive(Debug, Clone, PartialEq)]
pub struct Shown {
    /// The value; null if there is none.
    pub value: Json,
    /// Its sources, lowest precedence first; empty if it is unset.
    pub origins: Vec<Origin>,
}

impl Declaration {
    /// Its effective value in `config`.
    pub fn show(&self, config: &Config) -> Result<Shown> {
        (self.show)(config, self)
    }
}

/// How values of several sources combine.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Rule {
    /// The value of the source with the highest precedence.
    Value,
    /// The same, with `~` and variables expanded.
    Path,
    /// The items of all sources, lowest precedence first. A value that is not a list is one item.
    List,
    /// The same, with `~`, variables and globs expanded in each item.
    Paths,
    /// The entries of all sources; for each key the one with the highest precedence.
    Map,
}

/// An option on the command line of a tool.
#[derive(Debug, Clone, Copy)]
pub struct Offer {
    /// The option.
    pub option: &'static Declaration,
    /// Its arguments on the command line.
    pub arguments: &'static [Argument],
}

//! What is known of an option before any source says anything of it.

use serde_json::Value as Json;

use super::Config;
use super::argument::Argument;
use super::setting::Origin;
use crate::error::Result;

/// What is known of an option.
#[derive(Debug, Clone, Copy)]
pub struct Declaration {
    /// Its name in the specification.
    pub name: &'static str,
    /// mrjob's other names for it. Of all names the newest is the last; the specification's is the oldest where it is not
    /// among them.
    pub other_names: &'static [&'static str],
    /// How the values of several sources become one.
    pub rule: Rule,
    /// Whether a configuration file may have it.
    pub is_in_files: bool,
    /// The variables of the environment that say it, the strongest first.
    pub variables: &'static [&'static str],
    /// The variables that say it where no other source does.
    pub last_variables: &'static [&'static str],
    /// How it is typed.
    pub arguments: &'static [Argument],
    /// What mrjob.conf(5) says of it: Markdown, of which `bold` is written between backquotes and *italics* between
    /// asterisks.
    pub text: &'static str,
    /// Checks what is typed, and puts it as it would be written into a file. The error is a fragment.
    pub check: fn(&str) -> std::result::Result<String, String>,
    pub(super) show: fn(&Config, &Declaration) -> Result<Shown>,
}

/// The effective value of an option, for people.
#[derive(Debug, Clone, PartialEq)]
pub struct Shown {
    /// The value; null where there is none.
    pub value: Json,
    /// Its sources, the weakest first; none where no source says it.
    pub origins: Vec<Origin>,
}

impl Declaration {
    /// Its effective value in `config`.
    pub fn show(&self, config: &Config) -> Result<Shown> {
        (self.show)(config, self)
    }
}

/// How the values of several sources become one.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Rule {
    /// The strongest source's value.
    Value,
    /// The strongest source's value, with `~` and variables expanded.
    Path,
    /// The items of all sources, the weakest source's first; anything but a list is one item.
    List,
    /// The same, each item a path with `~`, variables and globs expanded.
    Paths,
    /// The entries of all sources; for each key the strongest source's.
    Map,
}

/// An option on the command line of a tool.
#[derive(Debug, Clone, Copy)]
pub struct Offer {
    /// The option.
    pub option: &'static Declaration,
    /// How it is typed.
    pub arguments: &'static [Argument],
}

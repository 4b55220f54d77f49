//! The user's bootstrap actions: a script, local or on S3, and its arguments.

use crate::error::{Error, Result};
use crate::setup::{Machine, Source};
use crate::shell;
use crate::text::one_line;

/// A bootstrap action.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Action {
    /// The script.
    pub script: Source,
    /// Its arguments.
    pub args: Vec<String>,
}

impl Action {
    /// Parses `PATH ARGUMENT…`, quoted as for a shell. In PATH `~` and variables are expanded.
    pub fn read(text: &str, machine: &Machine<'_>) -> Result<Self> {
        let on = |error: Error| error.on(format!("the bootstrap action '{}'", one_line(text, 80)));
        let mut words = shell::split(text).map_err(on)?.into_iter();
        let script = words.next().ok_or_else(|| Error::usage("a bootstrap action is empty").advise("name a script"))?;
        let script = machine.source(&(machine.expand)(&script)).map_err(on)?;
        Ok(Self { script, args: words.collect() })
    }
}

//! What the configuration files, the environment and the command line say of each option.
//!
//! The first of `$MRJOB_CONF`, `~/.mrjob.conf` and `/etc/mrjob.conf` that exists is read, or each `--conf-path`, the
//! later one winning. Only `runners: emr:` matters. Credentials are never read from here.

mod command;
mod expand;
mod file;
mod get;
mod layer;
mod ledger;
mod names;
mod scalar;
pub mod setting;
mod value;
mod yaml;

use std::cell::RefCell;
use std::path::PathBuf;

use crate::config::setting::Source;
use crate::error::{Error, Outcome, Result};
pub use command::Command;
pub use expand::{Surroundings, path, paths};
use layer::Layer;
pub use ledger::{Entry, Ledger, Origin};
use names::{Known, Name};
pub use value::Value;

/// The options of all sources, the weakest source first. Each look-up is entered into a ledger.
#[derive(Debug, Default)]
pub struct Config {
    surroundings: Surroundings,
    files: Vec<Layer>,
    typed: RefCell<Vec<(&'static str, Value)>>,
    warnings: Vec<String>,
    notes: Vec<String>,
    ledger: RefCell<Ledger>,
}

/// What one source says of an option.
#[derive(Debug)]
struct Said {
    option: &'static str,
    value: Value,
    source: Source,
    origin: Origin,
}

impl Config {
    /// Reads `paths`, or where there are none the file that the search finds.
    pub fn load(paths: &[PathBuf], surroundings: Surroundings) -> Result<Self> {
        let mut config = Self::without_files(surroundings);
        let found;
        let mut paths = paths;
        if paths.is_empty() {
            found = file::search(&config.surroundings)?;
            paths = found.as_slice();
        }
        for (path, document) in file::documents(paths, &config.surroundings)? {
            config.add(path, &document)?;
        }
        Ok(config)
    }

    /// What there is without any file: the command line and the environment.
    #[must_use]
    pub fn without_files(surroundings: Surroundings) -> Self {
        Self { surroundings, ..Self::default() }
    }

    fn add(&mut self, path: PathBuf, document: &yaml::Document) -> Result<()> {
        let layer = Layer::read(path, document, &mut self.warnings, &mut self.notes)?;
        self.files.push(layer);
        Ok(())
    }

    /// `path` as it is meant on this machine: with `~` and variables expanded.
    #[must_use]
    pub fn expand(&self, path: &str) -> String {
        expand::path(path, &self.surroundings)
    }

    /// What is to be said of the files, such as options that nobody knows.
    #[must_use]
    pub fn warnings(&self) -> &[String] {
        &self.warnings
    }

    /// What is worth saying to whoever wonders, such as options of mrjob's that mean nothing here.
    #[must_use]
    pub fn notes(&self) -> &[String] {
        &self.notes
    }

    /// `error`, said of options that were looked up here: where none of them was typed, the configuration is what is
    /// wrong.
    #[must_use]
    pub fn blamed(&self, mut error: Error) -> Error {
        if error.outcome == Outcome::Usage && self.typed.borrow().is_empty() {
            error.outcome = Outcome::Config;
        }
        error
    }

    /// Takes `value` for what the command line says of `option`, in place of what was taken before.
    pub fn typed(&self, option: &str, value: impl Into<Value>) -> Result<()> {
        let known = known(option)?;
        let mut typed = self.typed.borrow_mut();
        typed.retain(|(option, _)| *option != known.option);
        typed.push((known.option, value.into()));
        Ok(())
    }

    /// What each source says of an option, the weakest first. What is weaker than a `!clear` is left out.
    fn said(&self, option: &'static str) -> Vec<Said> {
        let mut all = Vec::new();
        for (place, file) in self.files.iter().enumerate() {
            let Some(value) = file.get(option) else { continue };
            if value.clears {
                all.clear();
            }
            let origin = Origin::File(file.path.clone());
            all.push(Said { option, value: value.clone(), source: Source::File(place), origin });
        }
        if let Some((name, text)) = self.surroundings.option(option) {
            let origin = Origin::Environment(name);
            all.push(Said { option, value: text.as_str().into(), source: Source::Environment, origin });
        }
        let typed = self.typed.borrow();
        let typed = typed.iter().find(|(name, _)| *name == option).map(|(_, value)| value.clone());
        all.extend(typed.map(|value| Said { option, value, source: Source::CommandLine, origin: Origin::CommandLine }));
        all.retain(|said| !said.value.is_null());
        all
    }
}

/// The option of this name, which the tools read.
fn known(option: &str) -> Result<Known> {
    match names::look_up(option) {
        Name::Option(known) => Ok(known),
        _ => Err(Error::new(Outcome::Bug, format!("there is no option {option}"))),
    }
}

#[cfg(test)]
mod tests;

//! What the configuration files, the environment and the command line say of each option.
//!
//! The first of `$MRJOB_CONF`, `~/.mrjob.conf` and `/etc/mrjob.conf` that exists is read, or each `--conf-path`, the
//! later one winning. Only `runners: emr:` matters. Credentials are never read from here.

mod expand;
mod file;
mod get;
mod ledger;
mod names;
mod yaml;

use std::cell::RefCell;
use std::path::PathBuf;

use crate::error::{Error, Outcome, Result};
use crate::model::setting::Source;
pub use expand::{Surroundings, path, paths};
pub use get::Command;
pub use ledger::{Entry, Ledger, Origin};
use names::{Name, Rule};
pub(crate) use yaml::Value;

/// The options of all sources, the weakest source first. Each look-up is entered into a ledger.
#[derive(Debug, Default)]
pub struct Config {
    surroundings: Surroundings,
    files: Vec<Layer>,
    said: RefCell<Vec<Said>>,
    warnings: Vec<String>,
    notes: Vec<String>,
    ledger: RefCell<Ledger>,
}

/// One file's options, by their names in the specification.
#[derive(Debug)]
struct Layer {
    path: PathBuf,
    values: Vec<(&'static str, Value)>,
}

/// What one source says of an option.
#[derive(Debug, Clone)]
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

    fn add(&mut self, path: PathBuf, document: &Value) -> Result<()> {
        let mut values = Vec::new();
        for (name, value) in file::options(&path, document)? {
            match names::look_up(name) {
                Name::Option(option, _) => values.push((option, value.clone())),
                Name::NotOurs => self.notes.push(format!("{}: {name} means nothing here", path.display())),
                Name::Unknown(near) => self.warnings.push(file::unknown(&path, name, near)),
            }
        }
        self.files.push(Layer { path, values });
        Ok(())
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

    /// The options that were looked up so far.
    #[must_use]
    pub fn ledger(&self) -> Ledger {
        self.ledger.borrow().clone()
    }

    /// Takes `value` for what the command line says of `option`, in place of what was taken before.
    pub(crate) fn typed(&self, option: &str, value: impl Into<Value>) -> Result<()> {
        let (option, _) = known(option)?;
        let mut said = self.said.borrow_mut();
        said.retain(|said| said.option != option);
        said.push(Said { option, value: value.into(), source: Source::CommandLine, origin: Origin::CommandLine });
        Ok(())
    }

    /// What each source says of `option`, the weakest first.
    fn said(&self, option: &'static str) -> Vec<Said> {
        let files = self.files.iter().enumerate().flat_map(|(place, file)| {
            let named = file.values.iter().filter(|(name, _)| *name == option);
            named.map(move |(_, value)| Said {
                option,
                value: value.clone(),
                source: Source::File(place),
                origin: Origin::File(file.path.clone()),
            })
        });
        let said = self.said.borrow();
        let all = files.chain(said.iter().filter(|said| said.option == option).cloned());
        all.filter(|said| said.value != Value::Null).collect()
    }

    fn enter(&self, option: &'static str, value: serde_json::Value, origins: Vec<Origin>) {
        let origins = if origins.is_empty() { vec![Origin::Default] } else { origins };
        self.ledger.borrow_mut().insert(option, Entry { value, origins });
    }
}

/// The name in the specification of an option that the tools read, and how its values combine.
fn known(option: &str) -> Result<(&'static str, Rule)> {
    match names::look_up(option) {
        Name::Option(option, rule) => Ok((option, rule)),
        _ => Err(Error::new(Outcome::Bug, format!("there is no option {option}"))),
    }
}

#[cfg(test)]
mod tests;

//! Options from configuration files, the environment and the command line.
//!
//! An option is declared once, in [`options`]. A [`Config`] holds all sources; [`Config::get`] combines their values
//! for one option into a [`Setting`], which knows its source, so that errors can name it.
//!
//! In a file only `runners: emr:` counts. Credentials are never read from files.

mod argument;
mod command;
mod decision;
mod declaration;
mod decode;
mod document;
mod expand;
mod item;
mod key;
mod kind;
mod layer;
mod names;
pub mod options;
mod said;
mod scalar;
pub mod setting;
pub mod shorthand;
mod typed;
mod value;
mod yaml;

use std::path::Path;
use std::sync::Arc;

use crate::error::Result;
pub use argument::{Argument, Takes};
pub use command::Command;
pub use decision::Decisions;
pub use declaration::{Declaration, Offer, Rule, Shown};
pub use document::Document;
pub use expand::{Surroundings, path};
pub use item::{
    Application, Exact, Gibibytes, Hours, Item, Minutes, Nested, Path as FilePath, Property, Region, Release, Seconds,
    Unfit, Words, Yaml,
};
pub use key::Key;
pub use kind::{Environment, Kind, List, Map, Overlay};
use layer::{Layer, Remarks};
use said::Said;
pub use setting::Setting;
use setting::{InFile, Origin};
pub use typed::Typed;

/// All sources of options, lowest precedence first.
#[derive(Debug, Clone, Default)]
pub struct Config {
    surroundings: Surroundings,
    files: Vec<Layer>,
    typed: Typed,
    remarks: Remarks,
}

impl Config {
    /// A configuration without files: the command line and the environment.
    #[must_use]
    pub fn new(typed: Typed, surroundings: Surroundings) -> Self {
        Self { surroundings, typed, ..Self::default() }
    }

    /// Adds a file, which overrides those that were added before.
    pub fn with(mut self, path: &Path, document: &Document) -> Result<Self> {
        let layer = Layer::read(path, document, self.typed.offered(), &mut self.remarks)?;
        self.files.push(layer);
        Ok(self)
    }

    /// The combined value of the option `key`. A value of the wrong type is an error that names its place.
    pub fn get<K: Kind>(&self, key: &'static Key<K>) -> Result<K::Found> {
        K::find(&self.said(&key.option), &self.surroundings)
    }

    /// The options on the tool's command line.
    #[must_use]
    pub fn offered(&self) -> &[&'static Declaration] {
        self.typed.offered()
    }

    /// The name of the user from the system.
    #[must_use]
    pub fn user(&self) -> Option<String> {
        (self.surroundings.user)()
    }

    /// Expands `~` and variables in `path`.
    #[must_use]
    pub fn expand(&self, path: &str) -> String {
        expand::path(path, &self.surroundings)
    }

    /// The files, the weakest first.
    pub fn files(&self) -> impl Iterator<Item = &Path> {
        self.files.iter().map(|file| &*file.path)
    }

    /// Warnings about files, such as unknown options, and options of mrjob that this tool does not support.
    #[must_use]
    pub fn warnings(&self) -> &[String] {
        &self.remarks.warnings
    }

    /// Messages for `-v`, such as options of mrjob that have no effect here.
    #[must_use]
    pub fn notes(&self) -> &[String] {
        &self.remarks.notes
    }

    /// The value of `option` from each source, lowest precedence first. `!clear` drops those before it.
    fn said(&self, option: &Declaration) -> Vec<Said> {
        let name = option.name;
        let mut all = Vec::new();
        for (order, file) in self.files.iter().enumerate() {
            let Some(value) = file.get(name) else { continue };
            if value.clears {
                all.clear();
            }
            let file = InFile { path: Arc::clone(&file.path), order, place: value.place };
            all.push(Said { option: name, value: value.clone(), origin: Origin::File(file) });
        }
        all.extend(self.of_environment(name, option.variables));
        for (argument, value) in self.typed.of(name) {
            all.push(Said { option: name, value: value.clone(), origin: Origin::CommandLine(argument) });
        }
        all.retain(|said| !said.value.is_null());
        if all.last().is_none_or(Said::is_blank) {
            all.extend(self.of_environment(name, option.last_variables));
        }
        all
    }

    /// The value of `option` from the first of `variables` that is set.
    fn of_environment(&self, option: &'static str, variables: &[&'static str]) -> Option<Said> {
        let set = |name: &&'static str| Some((*name, self.surroundings.variable(name)?));
        let (name, text) = variables.iter().find_map(set)?;
        Some(Said { option, value: text.as_str().into(), origin: Origin::Environment(name) })
    }
}

#[cfg(test)]
mod tests;

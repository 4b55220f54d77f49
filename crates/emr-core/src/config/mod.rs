//! What the configuration files, the environment and the command line say of each option.
//!
//! An option is declared once, in [`options`]. A [`Config`] is made of all that the sources say and does not change
//! after that; [`Config::get`] looks an option up, and what it finds is a [`Setting`], which knows its source.
//!
//! Of a file only `runners: emr:` matters. Credentials are never read from here.

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
pub use kind::{Kind, List, Map, Overlay};
use layer::{Layer, Remarks};
use said::Said;
pub use setting::Setting;
use setting::{InFile, Origin};
pub use typed::Typed;

/// The options of all sources, the weakest source first.
#[derive(Debug, Clone, Default)]
pub struct Config {
    surroundings: Surroundings,
    files: Vec<Layer>,
    typed: Typed,
    remarks: Remarks,
}

impl Config {
    /// What there is without any file: the command line and the environment.
    #[must_use]
    pub fn new(typed: Typed, surroundings: Surroundings) -> Self {
        Self { surroundings, typed, ..Self::default() }
    }

    /// The same with a file, which is stronger than those that were added before.
    pub fn with(mut self, path: &Path, document: &Document) -> Result<Self> {
        let layer = Layer::read(path, document, self.typed.offered(), &mut self.remarks)?;
        self.files.push(layer);
        Ok(self)
    }

    /// What the sources say of the option `key`. A value of another type is an error that says where it stands.
    pub fn get<K: Kind>(&self, key: &'static Key<K>) -> Result<K::Found> {
        K::find(&self.said(&key.option), &self.surroundings)
    }

    /// The options that the tool has on its command line.
    #[must_use]
    pub fn offered(&self) -> &[&'static Declaration] {
        self.typed.offered()
    }

    /// Who runs the tool, as far as the system knows.
    #[must_use]
    pub fn user(&self) -> Option<String> {
        (self.surroundings.user)()
    }

    /// `path` as it is meant on this machine: with `~` and variables expanded.
    #[must_use]
    pub fn expand(&self, path: &str) -> String {
        expand::path(path, &self.surroundings)
    }

    /// What is to be said of the files, such as options that nobody knows, and options that mrjob would have heeded and
    /// this tool leaves out.
    #[must_use]
    pub fn warnings(&self) -> &[String] {
        &self.remarks.warnings
    }

    /// What is worth saying to whoever wonders, such as options of mrjob's that mean nothing here.
    #[must_use]
    pub fn notes(&self) -> &[String] {
        &self.remarks.notes
    }

    /// What each source says of `option`, the weakest first. What is weaker than a `!clear` is left out.
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

    /// What the first of `variables` that is set says of `option`.
    fn of_environment(&self, option: &'static str, variables: &[&'static str]) -> Option<Said> {
        let set = |name: &&'static str| Some((*name, self.surroundings.variable(name)?));
        let (name, text) = variables.iter().find_map(set)?;
        Some(Said { option, value: text.as_str().into(), origin: Origin::Environment(name) })
    }
}

#[cfg(test)]
mod tests;

//! The options in one configuration file, and the warnings about it.

use std::collections::BTreeSet;
use std::path::Path;
use std::sync::Arc;

use super::declaration::Declaration;
use super::document::{self, Document};
use super::names::{self, Known, Name};
use super::value::Value;
use crate::error::Result;

/// The options in one file, each once.
#[derive(Debug, Clone)]
pub(super) struct Layer {
    /// The file.
    pub(super) path: Arc<Path>,
    values: Vec<Given>,
}

/// Messages about files.
#[derive(Debug, Clone, Default)]
pub(super) struct Remarks {
    /// Shown by default.
    pub(super) warnings: Vec<String>,
    /// Shown with `-v`.
    pub(super) notes: Vec<String>,
    /// Unsupported options of mrjob that were warned about, so that each is named once.
    left_out: BTreeSet<String>,
}

/// An option in a file.
#[derive(Debug, Clone)]
struct Given {
    name: String,
    known: Known,
    value: Value,
}

impl Layer {
    /// The options of `document`, from the file `path`. Adds messages to `remarks`, for a tool with the options
    /// `offered`.
    pub(super) fn read(
        path: &Path,
        document: &Document,
        offered: &[&Declaration],
        remarks: &mut Remarks,
    ) -> Result<Self> {
        let Remarks { warnings, notes, left_out } = remarks;
        warnings.extend(document.doubts.iter().map(|doubt| format!("{}: {doubt}", path.display())));
        warnings.extend(document.doubt(path));
        let mut layer = Self { path: path.into(), values: Vec::new() };
        for (name, value) in document.options(path)? {
            let say = |what: &str| document::at(path, value, what);
            match names::look_up(name) {
                Name::Option(known) => {
                    warnings.extend(layer.add(Given { name: name.clone(), known, value: value.clone() }));
                }
                Name::Credential => {
                    warnings
                        .push(say(&format!("{name} is not used: credentials come from AWS's own files and variables")));
                }
                Name::NotOurs(effect) => {
                    let is_new =
                        value.asks_for_something() && effect.concerns(offered) && left_out.insert(name.clone());
                    let to = if is_new { &mut *warnings } else { &mut *notes };
                    to.push(say(&format!("{name} {}", effect.loss())));
                }
                Name::Unknown(near) => {
                    let hint = near.map_or_else(String::new, |near| format!(", did you mean {near}?"));
                    warnings.push(say(&format!("unknown option {name}{hint}")));
                }
            }
        }
        Ok(layer)
    }

    /// Adds an option. Of two names for one option the newer counts, and the older is warned about.
    fn add(&mut self, new: Given) -> Option<String> {
        let Some(old) = self.values.iter_mut().find(|given| given.known.option == new.known.option) else {
            self.values.push(new);
            return None;
        };
        let is_stronger = !new.value.is_null() && (old.value.is_null() || new.known.newness > old.known.newness);
        let is_doubtful = !new.value.is_null() && !old.value.is_null();
        let other = if is_stronger { std::mem::replace(old, new) } else { new };
        let what = format!("{} is ignored: {}, its newer name, is set, too", other.name, old.name);
        is_doubtful.then(|| document::at(&self.path, &other.value, &what))
    }

    /// The value of `option` in the file.
    pub(super) fn get(&self, option: &str) -> Option<&Value> {
        self.values.iter().find(|given| given.known.option == option).map(|given| &given.value)
    }
}

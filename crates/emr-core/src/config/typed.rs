//! The command line, the source with the highest precedence.

use super::declaration::Declaration;
use super::value::{Content, Value};

/// The options on a tool's command line, and the typed values.
#[derive(Debug, Clone, Default)]
pub struct Typed {
    offered: Vec<&'static Declaration>,
    values: Vec<(&'static str, &'static str, Value)>,
}

impl Typed {
    /// Adds an option of the tool.
    pub fn offer(&mut self, option: &'static Declaration) {
        self.offered.push(option);
    }

    /// Adds `text` as typed for the single value `option`, as `argument`.
    pub fn value(&mut self, option: &'static Declaration, argument: &'static str, text: &str) {
        self.values.push((option.name, argument, text.into()));
    }

    /// Adds `items` as typed for the list `option`, as `argument`.
    pub fn items(&mut self, option: &'static Declaration, argument: &'static str, items: &[String]) {
        let items = items.iter().map(|item| item.as_str().into()).collect();
        self.values.push((option.name, argument, Content::List(items).into()));
    }

    /// Adds `entries` as typed for the mapping `option`, as `argument`. Keys may repeat.
    pub fn entries(&mut self, option: &'static Declaration, argument: &'static str, entries: Vec<(String, String)>) {
        let entries = entries.into_iter().map(|(key, text)| (key, text.as_str().into())).collect();
        self.values.push((option.name, argument, Content::Map(entries).into()));
    }

    /// Takes away what was typed for `option`.
    pub fn forget(&mut self, option: &Declaration) {
        self.values.retain(|(name, ..)| *name != option.name);
    }

    /// Adds everything in `other`.
    pub fn extend(&mut self, other: &Self) {
        self.offered.extend(&other.offered);
        self.values.extend_from_slice(&other.values);
    }

    /// The options of the tool.
    #[must_use]
    pub fn offered(&self) -> &[&'static Declaration] {
        &self.offered
    }

    /// The options that were typed, each with the name by which it was.
    pub fn names(&self) -> impl Iterator<Item = (&'static str, &'static str)> {
        self.values.iter().map(|(option, argument, _)| (*option, *argument))
    }

    /// The command-line words of the typed single values.
    #[must_use]
    pub fn words(&self) -> Vec<String> {
        let words = self.values.iter().filter_map(|(_, argument, value)| match &value.content {
            Content::Plain(text) | Content::Text(text) => Some([format!("--{argument}"), text.clone()]),
            Content::Null | Content::List(_) | Content::Map(_) => None,
        });
        // One argument may be for two options.
        let mut told: Vec<[String; 2]> = Vec::new();
        for pair in words {
            if !told.contains(&pair) {
                told.push(pair);
            }
        }
        told.into_iter().flatten().collect()
    }

    /// The values typed for `option`, each with its argument.
    pub(super) fn of(&self, option: &str) -> impl Iterator<Item = (&'static str, &Value)> {
        let of_option = self.values.iter().filter(move |(name, ..)| *name == option);
        of_option.map(|(_, argument, value)| (*argument, value))
    }
}

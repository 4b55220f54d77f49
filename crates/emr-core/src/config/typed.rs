//! What was typed: the strongest source.

use super::declaration::Declaration;
use super::value::{Content, Value};

/// The options that a tool has on its command line, and what was typed for them.
#[derive(Debug, Clone, Default)]
pub struct Typed {
    offered: Vec<&'static Declaration>,
    values: Vec<(&'static str, &'static str, Value)>,
}

impl Typed {
    /// Adds that the tool has `option`.
    pub fn offer(&mut self, option: &'static Declaration) {
        self.offered.push(option);
    }

    /// Adds that `text` was typed for the single value `option`, by the name `argument`.
    pub fn value(&mut self, option: &'static Declaration, argument: &'static str, text: &str) {
        self.values.push((option.name, argument, text.into()));
    }

    /// Adds that `items` were typed for the list `option`, by the name `argument`.
    pub fn items(&mut self, option: &'static Declaration, argument: &'static str, items: &[String]) {
        let items = items.iter().map(|item| item.as_str().into()).collect();
        self.values.push((option.name, argument, Content::List(items).into()));
    }

    /// Adds that `entries` were typed for the mapping `option`, by the name `argument`. A key may stand there twice.
    pub fn entries(&mut self, option: &'static Declaration, argument: &'static str, entries: Vec<(String, String)>) {
        let entries = entries.into_iter().map(|(key, text)| (key, text.as_str().into())).collect();
        self.values.push((option.name, argument, Content::Map(entries).into()));
    }

    /// Adds what `other` has.
    pub fn extend(&mut self, other: &Self) {
        self.offered.extend(&other.offered);
        self.values.extend_from_slice(&other.values);
    }

    /// The options that the tool has.
    #[must_use]
    pub fn offered(&self) -> &[&'static Declaration] {
        &self.offered
    }

    /// The options that were typed, each with the name by which it was.
    pub fn names(&self) -> impl Iterator<Item = (&'static str, &'static str)> {
        self.values.iter().map(|(option, argument, _)| (*option, *argument))
    }

    /// The words that say the same again, of options with a single value.
    #[must_use]
    pub fn words(&self) -> Vec<String> {
        let words = self.values.iter().filter_map(|(_, argument, value)| match &value.content {
            Content::Plain(text) | Content::Text(text) => Some([format!("--{argument}"), text.clone()]),
            Content::Null | Content::List(_) | Content::Map(_) => None,
        });
        words.flatten().collect()
    }

    /// What was typed for `option`, each with the name by which it was.
    pub(super) fn of(&self, option: &str) -> impl Iterator<Item = (&'static str, &Value)> {
        let of_option = self.values.iter().filter(move |(name, ..)| *name == option);
        of_option.map(|(_, argument, value)| (*argument, value))
    }
}

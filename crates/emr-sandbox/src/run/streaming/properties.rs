//! The properties of a job under their current names, with Hadoop's rules for their values.

use std::collections::{BTreeMap, HashMap};
use std::sync::OnceLock;

/// Old and current names, as in Hadoop 3.5 (`Configuration.dumpDeprecatedKeys`).
const RENAMED: &str = include_str!("renamed_properties.tsv");

/// How often a value is searched for `${name}`, so that a value that names itself ends: Hadoop's limit.
const EXPANSIONS: usize = 20;

/// The properties of a job.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub(super) struct Properties(BTreeMap<String, String>);

impl Properties {
    /// Sets a property under any of its names.
    pub(super) fn set(&mut self, name: &str, value: impl Into<String>) {
        self.0.insert(todays_name(name).to_owned(), value.into());
    }

    /// The value of a property, with `${name}` replaced by that property's value. An empty value counts as none: a
    /// job's file does not pass it to tasks.
    pub(super) fn get(&self, name: &str) -> Option<String> {
        let value = self.0.get(todays_name(name)).filter(|value| !value.is_empty())?;
        Some(self.expand(value))
    }

    /// A property that is `true` or `false`. Any other value gives the default.
    pub(super) fn flag(&self, name: &str, default: bool) -> bool {
        match self.get(name).map(|value| value.trim().to_ascii_lowercase()).as_deref() {
            Some("true") => true,
            Some("false") => false,
            _ => default,
        }
    }

    /// An integer property. The error names it.
    pub(super) fn number(&self, name: &str) -> Result<Option<i64>, String> {
        let parse = |value: String| {
            let text = value.trim();
            let digits = text.strip_prefix("0x").or(text.strip_prefix("0X"));
            let number = digits.map_or_else(|| text.parse(), |digits| i64::from_str_radix(digits, 16));
            number.map_err(|_| format!("{name}: `{value}` is not a number"))
        };
        self.get(name).map(parse).transpose()
    }

    /// All properties that have a value, with the value that [`get`](Self::get) returns.
    pub(super) fn iter(&self) -> impl Iterator<Item = (&str, String)> {
        self.0.iter().filter(|(_, value)| !value.is_empty()).map(|(name, value)| (name.as_str(), self.expand(value)))
    }

    fn expand(&self, value: &str) -> String {
        let mut text = value.to_owned();
        for _ in 0..EXPANSIONS {
            let Some((range, replacement)) = self.first_reference(&text) else {
                break;
            };
            text.replace_range(range, &replacement);
        }
        text
    }

    /// The first `${name}` in `text` whose property is set, and its value.
    fn first_reference(&self, text: &str) -> Option<(std::ops::Range<usize>, String)> {
        text.match_indices("${").find_map(|(start, _)| {
            let end = start + text[start..].find('}')?;
            let value = self.0.get(todays_name(&text[start + 2..end]))?;
            Some((start..end + 1, value.clone()))
        })
    }
}

/// The current name of a property in Hadoop.
fn todays_name(name: &str) -> &str {
    static NAMES: OnceLock<HashMap<&str, &str>> = OnceLock::new();
    let names = NAMES.get_or_init(|| RENAMED.lines().filter_map(|line| line.split_once('\t')).collect());
    names.get(name).copied().unwrap_or(name)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn properties(pairs: &[(&str, &str)]) -> Properties {
        let mut properties = Properties::default();
        for (name, value) in pairs {
            properties.set(name, *value);
        }
        properties
    }

    #[test]
    fn old_and_new_names_mean_one_property() {
        let properties = properties(&[("mapred.reduce.tasks", "3"), ("mapreduce.job.name", "x")]);
        assert_eq!(properties.number("mapreduce.job.reduces"), Ok(Some(3)));
        assert_eq!(properties.get("mapred.job.name").as_deref(), Some("x"));
        assert_eq!(
            properties.iter().map(|(name, _)| name).collect::<Vec<_>>(),
            ["mapreduce.job.name", "mapreduce.job.reduces"]
        );
    }

    #[test]
    fn values_refer_to_other_properties() {
        let properties = properties(&[("a", "${b}/${none}"), ("b", "${c}!"), ("c", "x"), ("self", "${self}")]);
        assert_eq!(properties.get("a").as_deref(), Some("x!/${none}"));
        assert_eq!(properties.get("self").as_deref(), Some("${self}"));
    }

    #[test]
    fn an_empty_value_is_none_and_a_malformed_one_is_named() {
        let properties = properties(&[("empty", ""), ("flag", " TRUE "), ("number", "x"), ("hex", "0x10")]);
        assert_eq!(properties.get("empty"), None);
        assert!(properties.flag("flag", false) && properties.flag("number", true));
        assert!(properties.number("number").unwrap_err().contains("number: `x`"));
        assert_eq!(properties.number("hex"), Ok(Some(16)));
    }
}

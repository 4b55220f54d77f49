//! A value in a configuration, with its place in the file. Scalars stay as written.
//!
//! Text becomes a number only where an option needs one: `0.40` is a bid price and stays `0.40`.

use std::fmt;

use serde_json::Value as Json;

use super::scalar;

/// A value and its place.
#[derive(Debug, Clone)]
pub struct Value {
    /// The content.
    pub(super) content: Content,
    /// Its place in the file; `None` on the command line.
    pub(super) place: Option<Place>,
    /// Whether it has the tag `!clear`, which drops values of lower precedence.
    pub(super) clears: bool,
}

/// The content of a value.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) enum Content {
    /// `null`, `~` or no text.
    Null,
    /// A scalar without quotes, which YAML may parse as a number or a boolean.
    Plain(String),
    /// Any other scalar.
    Text(String),
    /// A list.
    List(Vec<Value>),
    /// A mapping, in the order of the file, each key once.
    Map(Vec<(String, Value)>),
}

/// A place in a file. Line and column count from 1.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Place {
    /// Line.
    pub line: usize,
    /// Column, in characters.
    pub column: usize,
}

impl fmt::Display for Place {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "line {}, column {}", self.line, self.column)
    }
}

impl Value {
    /// The value under `key` of a mapping.
    pub(super) fn get(&self, key: &str) -> Option<&Self> {
        let Content::Map(entries) = &self.content else { return None };
        entries.iter().find(|(name, _)| name == key).map(|(_, value)| value)
    }

    /// The entries of a mapping. Null is an empty mapping; any other value is `None`.
    pub(super) fn entries(&self) -> Option<&[(String, Self)]> {
        match &self.content {
            Content::Null => Some(&[]),
            Content::Map(entries) => Some(entries),
            _ => None,
        }
    }

    /// The items of a list. Null is an empty list; any other value is a list of one.
    pub(super) fn items(&self) -> &[Self] {
        match &self.content {
            Content::Null => &[],
            Content::List(items) => items,
            _ => std::slice::from_ref(self),
        }
    }

    /// The text of a scalar, as written.
    pub(super) fn text(&self) -> Option<&str> {
        match &self.content {
            Content::Plain(text) | Content::Text(text) => Some(text),
            _ => None,
        }
    }

    /// Whether it is a scalar without quotes.
    pub(super) fn is_plain(&self) -> bool {
        matches!(self.content, Content::Plain(_))
    }

    /// Whether it is neither null, nor empty, nor false.
    pub(super) fn asks_for_something(&self) -> bool {
        match &self.content {
            Content::Null => false,
            Content::Plain(text) => scalar::truth(text) != Some(false),
            Content::Text(text) => !text.is_empty(),
            Content::List(items) => !items.is_empty(),
            Content::Map(entries) => !entries.is_empty(),
        }
    }

    /// The first key of a mapping. The mapping may be unintended: unquoted text with a colon.
    pub(super) fn key_before_colon(&self) -> Option<&str> {
        let Content::Map(entries) = &self.content else { return None };
        entries.first().map(|(key, _)| key.as_str())
    }

    /// Whether it is null.
    pub(super) fn is_null(&self) -> bool {
        self.content == Content::Null
    }

    /// As JSON, with scalars as text.
    pub(super) fn to_json(&self) -> Json {
        self.map_json(&|text| text.into())
    }

    /// As JSON, with unquoted numbers and booleans as YAML parses them.
    pub(super) fn resolved(&self) -> Json {
        self.map_json(&scalar::resolve)
    }

    /// The same, but a number that JSON would write differently stays text: the bid `0.40` does not become `0.4`.
    pub(super) fn exact(&self) -> Json {
        self.map_json(&|text| {
            let resolved = scalar::resolve(text);
            let spelled = resolved.to_string();
            if spelled == text { resolved } else { text.into() }
        })
    }

    fn map_json(&self, plain: &impl Fn(&str) -> Json) -> Json {
        match &self.content {
            Content::Null => Json::Null,
            Content::Plain(text) => plain(text),
            Content::Text(text) => text.clone().into(),
            Content::List(items) => items.iter().map(|item| item.map_json(plain)).collect(),
            Content::Map(entries) => entries.iter().map(|(key, value)| (key.clone(), value.map_json(plain))).collect(),
        }
    }
}

/// Ignores the place.
impl PartialEq for Value {
    fn eq(&self, other: &Self) -> bool {
        self.content == other.content && self.clears == other.clears
    }
}

impl Eq for Value {}

impl From<Content> for Value {
    fn from(content: Content) -> Self {
        Self { content, place: None, clears: false }
    }
}

impl From<&str> for Value {
    fn from(text: &str) -> Self {
        Content::Text(text.to_owned()).into()
    }
}

impl From<&[String]> for Value {
    fn from(items: &[String]) -> Self {
        Content::List(items.iter().map(|item| item.as_str().into()).collect()).into()
    }
}

impl From<&[(String, String)]> for Value {
    fn from(pairs: &[(String, String)]) -> Self {
        Content::Map(pairs.iter().map(|(key, value)| (key.clone(), value.as_str().into())).collect()).into()
    }
}

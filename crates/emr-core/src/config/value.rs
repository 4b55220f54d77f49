//! A value of a configuration, with the place where it stands, scalars as they were written.
//!
//! `0.40` is a bid price and stays `0.40`: text becomes a number where a number is asked for, and nowhere else.

use std::fmt;

use serde_json::Value as Json;

use super::scalar;

/// A value, and where it stands.
#[derive(Debug, Clone)]
pub struct Value {
    /// What it is.
    pub(super) content: Content,
    /// Where it stands in its file; on the command line there is no such place.
    pub(super) place: Option<Place>,
    /// Whether `!clear` stands before it: what weaker sources have is dropped.
    pub(super) clears: bool,
}

/// What a value is.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) enum Content {
    /// Nothing: `null`, `~` or no text.
    Null,
    /// A scalar without quotes, which YAML may take for a number or a truth value.
    Plain(String),
    /// Any other scalar.
    Text(String),
    /// A list.
    List(Vec<Value>),
    /// A mapping, in the order of the file, each key once.
    Map(Vec<(String, Value)>),
}

/// A place in a file, each counted from 1.
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

    /// The entries of a mapping; nothing is an empty mapping, and anything else is none.
    pub(super) fn entries(&self) -> Option<&[(String, Self)]> {
        match &self.content {
            Content::Null => Some(&[]),
            Content::Map(entries) => Some(entries),
            _ => None,
        }
    }

    /// The items of a list; any other value is a list of one, and nothing is an empty list.
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

    /// Whether it asks for anything: it is neither nothing, nor empty, nor false.
    pub(super) fn asks_for_something(&self) -> bool {
        match &self.content {
            Content::Null => false,
            Content::Plain(text) => scalar::truth(text) != Some(false),
            Content::Text(text) => !text.is_empty(),
            Content::List(items) => !items.is_empty(),
            Content::Map(entries) => !entries.is_empty(),
        }
    }

    /// The first key of a mapping, which a colon in a text without quotes may have made of it.
    pub(super) fn key_before_colon(&self) -> Option<&str> {
        let Content::Map(entries) = &self.content else { return None };
        entries.first().map(|(key, _)| key.as_str())
    }

    /// Whether there is nothing.
    pub(super) fn is_null(&self) -> bool {
        self.content == Content::Null
    }

    /// The same as JSON, scalars as text.
    pub(super) fn to_json(&self) -> Json {
        self.map_json(&|text| text.into())
    }

    /// The same as JSON, scalars as YAML means them: numbers and truth values where they have no quotes.
    pub(super) fn resolved(&self) -> Json {
        self.map_json(&scalar::resolve)
    }

    /// The same, but a number stays text where it would be written otherwise: `0.40` is a bid, and no `0.4`.
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

/// Values are equal that say the same, wherever they stand.
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

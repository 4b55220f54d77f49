//! Parses YAML, which includes JSON, as `PyYAML` does for mrjob: one document, merge keys, `!clear`, and of a repeated
//! key the last. The values are built here from a parser's events, because each needs its line and column.
//!
//! A file may be malicious, so its depth and the size of its aliases are limited.

use std::collections::HashMap;

use saphyr_parser::{Event, Parser, ScalarStyle, ScanError, Span, Tag};

use super::document::Document;
use super::scalar;
use super::value::{Content, Place, Value};

/// The deepest nesting of lists and mappings, ten times what any option needs.
const DEEPEST: usize = 64;
/// The most bytes that aliases may add, as [`weight`] counts them.
const HEAVIEST: usize = 16 << 20;

/// YAML's own tags that are supported.
const OWN_TAGS: [&str; 8] = ["str", "int", "float", "bool", "null", "seq", "map", "timestamp"];

/// Parses the only document of `text`. The error says line, column and what is wrong there.
pub(super) fn parse(text: &str) -> Result<Document, String> {
    let mut builder = Builder::default();
    for event in Parser::new_from_str(text.strip_prefix('\u{feff}').unwrap_or(text)) {
        let (event, span) = event.map_err(|error| broken(&error))?;
        builder.add(event, place(&span)).map_err(|(place, wrong)| format!("{place}: {wrong}"))?;
    }
    let value = builder.document.unwrap_or_else(|| Content::Null.into());
    Ok(Document { value, doubts: builder.doubts })
}

fn broken(error: &ScanError) -> String {
    let place = Place { line: error.marker().line(), column: error.marker().col() + 1 };
    format!("{place}: {}", error.info())
}

fn place(span: &Span) -> Place {
    Place { line: span.start.line(), column: span.start.col() + 1 }
}

/// An error and its place.
type Wrong = (Place, String);

/// Builds values from the parser's events.
#[derive(Default)]
struct Builder {
    /// The open lists and mappings, outermost first.
    open: Vec<Open>,
    /// The values with an anchor, each with its weight.
    anchors: HashMap<usize, (Value, usize)>,
    /// The weight that aliases have added so far.
    added: usize,
    document: Option<Value>,
    doubts: Vec<String>,
}

/// An open list or mapping. In a mapping, `items` alternates between keys and values.
struct Open {
    is_map: bool,
    items: Vec<Value>,
    anchor: usize,
    place: Place,
    clears: bool,
}

impl Builder {
    fn add(&mut self, event: Event<'_>, place: Place) -> Result<(), Wrong> {
        match event {
            Event::Scalar(text, style, anchor, tag) => {
                let clears = clears(tag.as_deref(), place)?;
                let is_text = tag.is_some_and(|tag| tag.suffix == "str");
                let content = content(&text, style == ScalarStyle::Plain && !is_text, clears);
                self.complete(Value { content, place: Some(place), clears }, anchor, place)
            }
            Event::Alias(anchor) => {
                let value = self.alias(anchor, place)?;
                self.complete(value, 0, place)
            }
            Event::SequenceStart(anchor, tag) => self.begin(false, anchor, tag.as_deref(), place),
            Event::MappingStart(anchor, tag) => self.begin(true, anchor, tag.as_deref(), place),
            Event::SequenceEnd | Event::MappingEnd => self.end(place),
            Event::DocumentStart(_) if self.document.is_some() => {
                Err((place, "a second document begins; only one is allowed".to_owned()))
            }
            _ => Ok(()),
        }
    }

    fn begin(&mut self, is_map: bool, anchor: usize, tag: Option<&Tag>, place: Place) -> Result<(), Wrong> {
        if self.open.len() == DEEPEST {
            return Err((place, format!("lists and mappings nest more than {DEEPEST} deep")));
        }
        let clears = clears(tag, place)?;
        self.open.push(Open { is_map, items: Vec::new(), anchor, place, clears });
        Ok(())
    }

    fn end(&mut self, place: Place) -> Result<(), Wrong> {
        let Some(open) = self.open.pop() else { return Ok(()) };
        let content = if open.is_map { Content::Map(self.entries(open.items)?) } else { Content::List(open.items) };
        self.complete(Value { content, place: Some(open.place), clears: open.clears }, open.anchor, place)
    }

    fn complete(&mut self, value: Value, anchor: usize, place: Place) -> Result<(), Wrong> {
        if anchor > 0 {
            let weight = weight(&value);
            self.take_on(weight, place)?;
            self.anchors.insert(anchor, (value.clone(), weight));
        }
        match self.open.last_mut() {
            Some(open) => open.items.push(value),
            None => self.document = Some(value),
        }
        Ok(())
    }

    /// The value of an alias, with the alias's own place, which is more useful in an error than the anchor's.
    fn alias(&mut self, anchor: usize, place: Place) -> Result<Value, Wrong> {
        let Some((value, weight)) = self.anchors.get(&anchor).cloned() else {
            return Err((place, "the alias is inside its own anchor".to_owned()));
        };
        self.take_on(weight, place)?;
        Ok(Value { place: Some(place), ..value })
    }

    fn take_on(&mut self, weight: usize, place: Place) -> Result<(), Wrong> {
        self.added = self.added.saturating_add(weight);
        if self.added > HEAVIEST {
            return Err((place, "anchors and aliases expand to too much".to_owned()));
        }
        Ok(())
    }

    /// The entries of a mapping, each key once, with merged ones (`<<`) first.
    fn entries(&mut self, items: Vec<Value>) -> Result<Vec<(String, Value)>, Wrong> {
        let (merges, own): (Vec<_>, Vec<_>) = pairs(items).partition(|(key, _)| is_merge(key));
        let mut entries = Entries::default();
        for (_, value) in merges {
            entries.merge(value)?;
        }
        let mut seen: HashMap<String, bool> = HashMap::new();
        for (key, mut value) in own {
            let name = key_of(&key).ok_or_else(|| (at(&key), "a key is not a single value".to_owned()))?;
            let earlier = seen.get(name).copied();
            if earlier.is_some() {
                self.doubts.push(format!("{}: {name} is repeated", at(&key)));
            }
            // As in mrjob, an entry whose key has `!clear` overrides one without.
            if earlier != Some(true) || key.clears {
                value.clears |= key.clears;
                entries.set(name.to_owned(), value);
                seen.insert(name.to_owned(), key.clears);
            }
        }
        Ok(entries.list)
    }
}

/// The entries of a mapping, each key once, in the position of its first occurrence.
#[derive(Default)]
struct Entries {
    list: Vec<(String, Value)>,
    places: HashMap<String, usize>,
}

impl Entries {
    fn set(&mut self, key: String, value: Value) {
        if let Some(place) = self.places.get(&key) {
            self.list[*place].1 = value;
        } else {
            self.places.insert(key.clone(), self.list.len());
            self.list.push((key, value));
        }
    }

    /// Merges the entries of a mapping, or of a list of mappings, of which the earlier wins.
    fn merge(&mut self, value: Value) -> Result<(), Wrong> {
        let place = at(&value);
        let items = if let Content::List(items) = value.content { items } else { vec![value] };
        for item in items.into_iter().rev() {
            let Content::Map(taken) = item.content else {
                return Err((place, "a merge key (<<) needs a mapping or a list of mappings".to_owned()));
            };
            for (key, value) in taken {
                self.set(key, value);
            }
        }
        Ok(())
    }
}

/// Whether the tag is `!clear`. An unknown tag is an error, because ignoring it could change the meaning.
fn clears(tag: Option<&Tag>, place: Place) -> Result<bool, Wrong> {
    match tag {
        Some(tag) if tag.is_yaml_core_schema() && OWN_TAGS.contains(&tag.suffix.as_str()) => Ok(false),
        Some(tag) if tag.handle == "!" && tag.suffix == "clear" => Ok(true),
        Some(tag) => Err((place, format!("the tag {tag} is not supported"))),
        None => Ok(false),
    }
}

/// The content of a scalar. After `!clear` it counts as unquoted.
fn content(text: &str, is_plain: bool, clears: bool) -> Content {
    match is_plain || clears {
        true if scalar::is_null(text) => Content::Null,
        true => Content::Plain(text.to_owned()),
        false => Content::Text(text.to_owned()),
    }
}

/// The approximate memory of a copy of `value`, in bytes.
fn weight(value: &Value) -> usize {
    let inside = match &value.content {
        Content::Null => 0,
        Content::Plain(text) | Content::Text(text) => text.len(),
        Content::List(items) => items.iter().map(weight).sum(),
        Content::Map(entries) => entries.iter().map(|(key, value)| key.len() + weight(value)).sum(),
    };
    size_of::<Value>() + inside
}

fn pairs(items: Vec<Value>) -> impl Iterator<Item = (Value, Value)> {
    let mut items = items.into_iter();
    std::iter::from_fn(move || items.next().zip(items.next()))
}

fn is_merge(key: &Value) -> bool {
    key.content == Content::Plain("<<".to_owned())
}

/// The text of a key; null is a key, too.
fn key_of(key: &Value) -> Option<&str> {
    if key.is_null() { Some("null") } else { key.text() }
}

fn at(value: &Value) -> Place {
    value.place.unwrap_or(Place { line: 1, column: 1 })
}

#[cfg(test)]
mod tests;

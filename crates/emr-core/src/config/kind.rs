//! Combines the values of several sources as mrjob does: one value, a joined list, or a merged mapping.

use std::collections::HashMap;

use serde_json::Value as Json;

use super::declaration::{Declaration, Rule, Shown};
use super::item::{Item, Unfit, Yaml};
use super::said::Said;
use super::setting::{Origin, Setting};
use super::value::{Content, Value};
use super::{Config, Surroundings};
use crate::error::{Error, Result};
use crate::text::one_line;

/// The kind of an option's values: their type, and how they combine.
///
/// An [`Item`] alone is a single value; [`List`] and [`Map`] are made of several.
pub trait Kind {
    /// The result of a look-up.
    type Found;

    /// How values of several sources combine.
    const RULE: Rule;

    /// Combines `said`, lowest precedence first.
    fn find(said: &[Said], surroundings: &Surroundings) -> Result<Self::Found>;

    /// The same as JSON; null if unset.
    fn show(said: &[Said], surroundings: &Surroundings) -> Result<Json>;

    /// Checks a typed value. Returns it as a file would have it. The error is a fragment.
    fn check(text: &str) -> std::result::Result<String, String>;
}

/// The effective value of the option `declared` in `config`.
pub(super) fn show<K: Kind>(config: &Config, declared: &Declaration) -> Result<Shown> {
    let said = config.said(declared);
    let value = K::show(&said, &config.surroundings)?;
    let counting = match K::RULE {
        Rule::Value | Rule::Path => strongest(&said).map_or(&[][..], std::slice::from_ref),
        Rule::List | Rule::Paths | Rule::Map => &said[..],
    };
    let mut origins: Vec<Origin> = counting.iter().map(|said| said.origin.clone()).collect();
    origins.dedup_by_key(|origin| origin.strength());
    Ok(Shown { value, origins })
}

impl<I: Item> Kind for I {
    type Found = Option<Setting<I::Value>>;

    const RULE: Rule = if I::IS_PATH { Rule::Path } else { Rule::Value };

    fn find(said: &[Said], surroundings: &Surroundings) -> Result<Self::Found> {
        let Some(last) = strongest(said) else { return Ok(None) };
        let value = I::read(&last.value, surroundings);
        let value = value.map_err(|unfit| said_wrong(last, &last.value, unfit, "is not a single value"))?;
        Ok(Some(Setting { value, source: last.source(&last.value) }))
    }

    fn show(said: &[Said], surroundings: &Surroundings) -> Result<Json> {
        Ok(Self::find(said, surroundings)?.map_or(Json::Null, |setting| I::json(&setting.value)))
    }

    fn check(text: &str) -> std::result::Result<String, String> {
        I::check(text)
    }
}

/// A list of items.
#[derive(Debug)]
pub struct List<I>(std::marker::PhantomData<I>);

impl<I: Item> Kind for List<I> {
    type Found = Vec<Setting<I::Value>>;

    const RULE: Rule = if I::IS_PATH { Rule::Paths } else { Rule::List };

    fn find(said: &[Said], surroundings: &Surroundings) -> Result<Self::Found> {
        let mut all = Vec::new();
        for (said, item) in items(said) {
            let values = I::read_all(item, surroundings);
            let values = values.map_err(|unfit| said_wrong(said, item, unfit, "is not a list of single values"))?;
            all.extend(values.into_iter().map(|value| Setting { value, source: said.source(item) }));
        }
        Ok(all)
    }

    fn show(said: &[Said], surroundings: &Surroundings) -> Result<Json> {
        if I::IS_NESTED && said.is_empty() {
            return Ok(Json::Null);
        }
        Ok(Self::find(said, surroundings)?.iter().map(|setting| I::json(&setting.value)).collect())
    }

    fn check(text: &str) -> std::result::Result<String, String> {
        I::check(text)
    }
}

/// A mapping, in the order of the files.
#[derive(Debug)]
pub struct Map<I>(std::marker::PhantomData<I>);

impl<I: Item> Kind for Map<I> {
    type Found = Vec<(String, Setting<I::Value>)>;

    const RULE: Rule = Rule::Map;

    fn find(said: &[Said], surroundings: &Surroundings) -> Result<Self::Found> {
        merged(said)?.into_iter().map(|entry| read_entry::<I>(entry, surroundings)).collect()
    }

    fn show(said: &[Said], surroundings: &Surroundings) -> Result<Json> {
        if I::IS_NESTED && said.is_empty() {
            return Ok(Json::Null);
        }
        let found = Self::find(said, surroundings)?;
        Ok(Json::Object(found.into_iter().map(|(key, setting)| (key, I::json(&setting.value))).collect()))
    }

    fn check(text: &str) -> std::result::Result<String, String> {
        // `KEY` alone has an empty value.
        let key = text.split_once('=').map_or(text, |(key, _)| key);
        if key.is_empty() { Err(format!("'{text}' has no key; write KEY=VALUE")) } else { Ok(text.to_owned()) }
    }
}

/// Variables of an environment: a mapping, but of a variable whose name ends in `PATH` the values of all sources count,
/// the strongest source's first, with colons between them. Null takes a variable away, and `!clear` before a value what
/// weaker sources have of it.
///
/// Source: `combine_envs` of mrjob, which lets null be the text `None`
#[derive(Debug)]
pub struct Environment;

impl Kind for Environment {
    type Found = Vec<(String, Setting<String>)>;

    const RULE: Rule = Rule::Map;

    fn find(said: &[Said], surroundings: &Surroundings) -> Result<Self::Found> {
        let mut all = Self::Found::new();
        for said in said.iter().filter(|said| !said.is_blank()) {
            let entries = entries(said)?;
            // Of what is typed twice the last counts.
            let last = |key: &str| entries.iter().rposition(|(other, _)| other == key);
            for (place, (key, value)) in entries.iter().enumerate() {
                if last(key) != Some(place) {
                    continue;
                }
                let weaker = all.iter().position(|(known, _)| known == key).map(|place| all.remove(place).1.value);
                if value.is_null() {
                    continue;
                }
                let (key, mut setting) = read_entry::<String>((key, (said, value)), surroundings)?;
                if let Some(weaker) =
                    weaker.filter(|weaker| key.ends_with("PATH") && !weaker.is_empty() && !value.clears)
                {
                    setting.value = format!("{}:{weaker}", setting.value);
                }
                all.push((key, setting));
            }
        }
        Ok(all)
    }

    fn show(said: &[Said], surroundings: &Surroundings) -> Result<Json> {
        let found = Self::find(said, surroundings)?;
        Ok(Json::Object(found.into_iter().map(|(key, setting)| (key, setting.value.into())).collect()))
    }

    fn check(text: &str) -> std::result::Result<String, String> {
        Map::<String>::check(text)
    }
}

/// Nested values by dotted names: the merged entries of files, followed by each typed entry.
#[derive(Debug)]
pub struct Overlay;

impl Kind for Overlay {
    type Found = Vec<(String, Setting<Json>)>;

    const RULE: Rule = Rule::Map;

    fn find(said: &[Said], surroundings: &Surroundings) -> Result<Self::Found> {
        let (typed, files): (Vec<_>, Vec<_>) =
            said.iter().cloned().partition(|said| matches!(said.origin, Origin::CommandLine(_)));
        let mut all = Map::<Yaml>::find(&files, surroundings)?;
        for said in &typed {
            let Content::Map(entries) = &said.value.content else { continue };
            for (key, value) in entries {
                all.push(read_entry::<Yaml>((key, (said, value)), surroundings)?);
            }
        }
        Ok(all)
    }

    fn show(said: &[Said], surroundings: &Surroundings) -> Result<Json> {
        Map::<Yaml>::show(said, surroundings)
    }

    fn check(text: &str) -> std::result::Result<String, String> {
        if text.contains('=') { Ok(text.to_owned()) } else { Err(format!("'{text}' is not NAME=VALUE")) }
    }
}

/// The value of highest precedence, unless that is blank.
fn strongest(said: &[Said]) -> Option<&Said> {
    said.last().filter(|said| !said.is_blank())
}

fn items(said: &[Said]) -> impl Iterator<Item = (&Said, &Value)> {
    let items = said.iter().flat_map(|said| said.value.items().iter().map(move |item| (said, item)));
    items.filter(|(_, item)| !item.is_null())
}

/// An entry of a mapping, with the source that has it.
type Entry<'a> = (&'a str, (&'a Said, &'a Value));

/// The entries of all mappings, each in the position of its last source. `KEY: !clear null` removes one.
fn merged(said: &[Said]) -> Result<Vec<Entry<'_>>> {
    let mut places: HashMap<&str, usize> = HashMap::new();
    let mut all: Vec<Option<Entry<'_>>> = Vec::new();
    for said in said.iter().filter(|said| !said.is_blank()) {
        for (key, value) in entries(said)? {
            if let Some(place) = places.remove(key.as_str()) {
                all[place] = None;
            }
            if !(value.clears && value.is_null()) {
                places.insert(key, all.len());
                all.push(Some((key, (said, value))));
            }
        }
    }
    Ok(all.into_iter().flatten().collect())
}

/// The entries of the mapping that `said` has to be.
fn entries(said: &Said) -> Result<&[(String, Value)]> {
    match &said.value.content {
        Content::Map(entries) => Ok(entries),
        _ => Err(said.source(&said.value).wrong("is not a mapping")),
    }
}

fn read_entry<I: Item>(entry: Entry<'_>, surroundings: &Surroundings) -> Result<(String, Setting<I::Value>)> {
    let (key, (said, value)) = entry;
    let read = I::read_entry(value, surroundings);
    let read = read.map_err(|unfit| said_wrong(said, value, unfit, &format!("has no single value for {key}")))?;
    Ok((key.to_owned(), Setting { value: read, source: said.source(value) }))
}

fn said_wrong(said: &Said, value: &Value, unfit: Unfit, not_single: &str) -> Error {
    let source = said.source(value);
    match unfit {
        Unfit::NotSingle => match value.key_before_colon() {
            Some(key) => source.wrong(format!(
                "is a mapping, because of the colon behind '{}'; put quotes around the whole text",
                one_line(key, 60)
            )),
            None => source.wrong(not_single),
        },
        Unfit::Is(wrong) => source.wrong(wrong),
    }
}

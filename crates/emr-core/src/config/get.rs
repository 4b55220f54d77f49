//! Looking options up: what all sources say of one, as one value of the kind that is asked for.
//!
//! An option may be asked for by any of its names. A value of another kind is an error that says where it stands.

use std::collections::HashMap;

use serde_json::Value as Json;

use super::command::{self, Command};
use super::names::Rule;
use super::value::{Content, Value};
use super::{Config, Origin, Said, expand, known, scalar};
use crate::config::setting::Setting;
use crate::error::{Error, Result};

impl Config {
    /// The single value `option` of the strongest source that has it, with `~` and variables expanded where it is a
    /// path.
    pub fn text(&self, option: &str) -> Result<Option<Setting<String>>> {
        self.parsed(option, "", |text| Some(text.to_owned()))
    }

    /// The whole number `option`, in any of YAML's spellings.
    pub fn number(&self, option: &str) -> Result<Option<Setting<u32>>> {
        let whole = |text: &str| scalar::whole(text.trim()).and_then(|number| number.try_into().ok());
        self.parsed(option, "is not a whole number", whole)
    }

    /// The number `option`, whole or not.
    pub fn decimal(&self, option: &str) -> Result<Option<Setting<f64>>> {
        self.parsed(option, "is not a number", |text| scalar::number(text.trim()))
    }

    /// The truth value `option`, in any of YAML's spellings.
    pub fn flag(&self, option: &str) -> Result<Option<bool>> {
        let truth = |text: &str| match text.trim() {
            "1" => Some(true),
            "0" => Some(false),
            word => scalar::truth(word),
        };
        Ok(self.parsed(option, "is neither true nor false", truth)?.map(|setting| setting.value))
    }

    /// The items of all sources' lists `option`, the weakest source's first; a single value is a list of one. Where they
    /// are paths, `~`, variables and globs are expanded.
    pub fn list(&self, option: &str) -> Result<Vec<String>> {
        let known = known(option)?;
        let said = self.said(known.option);
        let mut all = Vec::new();
        for (said, item) in items(&said) {
            let text = item.text().ok_or_else(|| said.wrong(item, "is not a list of single values"))?;
            all.push(text.to_owned());
        }
        if known.rule == Rule::Paths {
            all = expand::paths(&all, &self.surroundings);
        }
        self.note(known.option, all.clone().into(), origins(&said));
        Ok(all)
    }

    /// The commands of all sources' lists `option`, the weakest source's first. Each is the text of a command or a list
    /// of its words; one text is one command.
    pub fn commands(&self, option: &str) -> Result<Vec<Command>> {
        let known = known(option)?;
        let said = self.said(known.option);
        let mut all = Vec::new();
        for (said, item) in items(&said) {
            let command = command::read(item);
            all.push(command.ok_or_else(|| said.wrong(item, "is neither a command nor a list of its words"))?);
        }
        self.note(known.option, all.iter().map(Command::to_json).collect(), origins(&said));
        Ok(all)
    }

    /// The words of the command `option` of the strongest source that has it, as a shell would split them.
    pub fn words(&self, option: &str) -> Result<Option<Vec<String>>> {
        let Some(last) = self.strongest(option)? else { return Ok(None) };
        let command = command::read(&last.value);
        let command = command.ok_or_else(|| last.wrong(&last.value, "is neither a command nor a list of its words"))?;
        let words = command.words().map_err(|wrong| last.wrong(&last.value, &wrong))?;
        self.note(last.option, words.clone().into(), vec![last.origin]);
        Ok(Some(words))
    }

    /// The mappings `option` of all sources as one; for each key the strongest source's value.
    pub fn map(&self, option: &str) -> Result<Vec<(String, String)>> {
        let known = known(option)?;
        let said = self.said(known.option);
        let mut all = Vec::new();
        for (key, (said, value)) in merged(&said)? {
            let text = if value.is_null() { Some("") } else { value.text() };
            let text = text.ok_or_else(|| said.wrong(value, &format!("has no single value for {key}")))?;
            all.push((key.to_owned(), text.to_owned()));
        }
        let object = all.iter().map(|(key, value)| (key.clone(), value.clone().into())).collect();
        self.note(known.option, Json::Object(object), origins(&said));
        Ok(all)
    }

    /// The nested `option`, every scalar as text: the strongest source's, or all sources' items or entries where that is
    /// how its values combine. Text in its place is passed on, too.
    pub fn json(&self, option: &str) -> Result<Option<Setting<Json>>> {
        self.nested(option, Value::to_json)
    }

    /// The same, scalars without quotes as numbers and truth values where YAML takes them for such.
    pub fn document(&self, option: &str) -> Result<Option<Setting<Json>>> {
        self.nested(option, Value::resolved)
    }

    fn nested(&self, option: &str, json: impl Fn(&Value) -> Json) -> Result<Option<Setting<Json>>> {
        let known = known(option)?;
        let Some(last) = self.strongest(option)? else { return Ok(None) };
        let said = self.said(known.option);
        let (value, origins) = match known.rule {
            Rule::Value | Rule::Path => (json(&last.value), vec![last.origin]),
            Rule::List | Rule::Paths => (items(&said).map(|(_, item)| json(item)).collect(), origins(&said)),
            Rule::Map => {
                let entries = merged(&said)?.into_iter().map(|(key, (_, value))| (key.to_owned(), json(value)));
                (Json::Object(entries.collect()), origins(&said))
            }
        };
        self.note(known.option, value.clone(), origins);
        Ok(Some(Setting { value, source: last.source }))
    }

    fn parsed<T: Clone + Into<Json>>(
        &self,
        option: &str,
        wrong: &str,
        parse: impl Fn(&str) -> Option<T>,
    ) -> Result<Option<Setting<T>>> {
        let rule = known(option)?.rule;
        let Some(last) = self.strongest(option)? else { return Ok(None) };
        let text = last.value.text().ok_or_else(|| last.wrong(&last.value, "is not a single value"))?;
        let text = if rule == Rule::Path { expand::path(text, &self.surroundings) } else { text.to_owned() };
        let value = parse(&text).ok_or_else(|| last.wrong(&last.value, &format!("is '{text}', which {wrong}")))?;
        self.note(last.option, value.clone().into(), vec![last.origin]);
        Ok(Some(Setting { value, source: last.source }))
    }

    /// What the strongest source says of `option`. That none does is entered into the ledger, too.
    fn strongest(&self, option: &str) -> Result<Option<Said>> {
        let option = known(option)?.option;
        let last = self.said(option).pop().filter(|said| !said.is_blank());
        if last.is_none() {
            self.note(option, Json::Null, Vec::new());
        }
        Ok(last)
    }
}

fn items(said: &[Said]) -> impl Iterator<Item = (&Said, &Value)> {
    let items = said.iter().flat_map(|said| said.value.items().iter().map(move |item| (said, item)));
    items.filter(|(_, item)| !item.is_null())
}

/// An entry of a mapping, with the source that has it.
type Entry<'a> = (&'a str, (&'a Said, &'a Value));

/// The entries of all mappings; each where its strongest source has put it. `KEY: !clear null` takes one away.
fn merged(said: &[Said]) -> Result<Vec<Entry<'_>>> {
    let mut places: HashMap<&str, usize> = HashMap::new();
    let mut all: Vec<Option<Entry<'_>>> = Vec::new();
    for said in said.iter().filter(|said| !said.is_blank()) {
        let Content::Map(entries) = &said.value.content else {
            return Err(said.wrong(&said.value, "is not a mapping"));
        };
        for (key, value) in entries {
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

fn origins(said: &[Said]) -> Vec<Origin> {
    said.iter().map(|said| said.origin.clone()).collect()
}

impl Said {
    /// Whether a file has an empty text here, which to mrjob is no value. On the command line it is more likely a
    /// variable of a shell that is not set.
    fn is_blank(&self) -> bool {
        matches!(self.origin, Origin::File(_)) && self.value.text() == Some("")
    }

    /// `what`, said of `value`, which is this or in it.
    fn wrong(&self, value: &Value, what: &str) -> Error {
        let place = value.place.map_or_else(String::new, |place| format!(": {place}"));
        let text = format!("{}{place}: {} {what}", self.origin, self.option);
        if self.origin == Origin::CommandLine { Error::usage(text) } else { Error::config(text) }
    }
}

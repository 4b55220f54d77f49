//! Looking options up: what all sources say of one, as one value of the kind that is asked for.
//!
//! An option may be asked for by any of its names. A value of another kind is an error that says where it stands.

use serde_json::Value as Json;

use super::{Config, Origin, Rule, Said, Value, expand, known};
use crate::error::{Error, Result};
use crate::model::setting::Setting;

impl Config {
    /// The single value `option` of the strongest source that has it, with `~` and variables expanded where it is a
    /// path.
    pub fn text(&self, option: &str) -> Result<Option<Setting<String>>> {
        self.parsed(option, "", |text| Some(text.to_owned()))
    }

    /// The whole number `option`.
    pub fn number(&self, option: &str) -> Result<Option<Setting<u32>>> {
        self.parsed(option, "is not a whole number", |text| text.trim().parse().ok())
    }

    /// The number `option`, whole or not.
    pub fn decimal(&self, option: &str) -> Result<Option<Setting<f64>>> {
        let finite = |text: &str| text.trim().parse().ok().filter(|number: &f64| number.is_finite());
        self.parsed(option, "is not a number", finite)
    }

    /// The truth value `option`, in any of YAML's spellings.
    pub fn flag(&self, option: &str) -> Result<Option<bool>> {
        let truth = |text: &str| match text.trim().to_ascii_lowercase().as_str() {
            "true" | "yes" | "on" | "1" => Some(true),
            "false" | "no" | "off" | "0" => Some(false),
            _ => None,
        };
        Ok(self.parsed(option, "is neither true nor false", truth)?.map(|setting| setting.value))
    }

    /// The items of all sources' lists `option`, the weakest source's first; a single value is a list of one.
    pub fn list(&self, option: &str) -> Result<Vec<String>> {
        let (name, rule) = known(option)?;
        let said = self.said(name);
        let mut all = Vec::new();
        for said in &said {
            for item in said.value.items() {
                let Value::Scalar(text) = item else { return Err(said.wrong("is not a list of values")) };
                all.push(text.clone());
            }
        }
        if rule == Rule::Paths {
            all = expand::paths(&all, &self.surroundings);
        }
        self.enter(name, all.clone().into(), origins(&said));
        Ok(all)
    }

    /// The commands of all sources' lists `option`, the weakest source's first. Each is the text of a command or a list
    /// of its words; one text is one command.
    pub fn commands(&self, option: &str) -> Result<Vec<Command>> {
        let (name, _) = known(option)?;
        let said = self.said(name);
        let mut all = Vec::new();
        for said in &said {
            for item in said.value.items() {
                all.push(command(item).ok_or_else(|| said.wrong("is not a list of commands"))?);
            }
        }
        self.enter(name, all.iter().map(Command::to_json).collect(), origins(&said));
        Ok(all)
    }

    /// The words of the command `option` of the strongest source that has it, as a shell would split them.
    pub fn words(&self, option: &str) -> Result<Option<Vec<String>>> {
        let (name, _) = known(option)?;
        let said = self.said(name);
        let Some(last) = said.last() else {
            self.enter(name, Json::Null, Vec::new());
            return Ok(None);
        };
        let words = match command(&last.value) {
            Some(Command::Text(text)) => {
                shell_words::split(&text).map_err(|cause| last.wrong(&format!("has a {cause}")))
            }
            Some(Command::Words(words)) => Ok(words),
            None => Err(last.wrong("is neither a command nor a list of its words")),
        }?;
        self.enter(name, words.clone().into(), vec![last.origin.clone()]);
        Ok(Some(words))
    }

    /// The mappings `option` of all sources as one; for each key the strongest source's value.
    pub fn map(&self, option: &str) -> Result<Vec<(String, String)>> {
        let (name, _) = known(option)?;
        let said = self.said(name);
        let mut all: Vec<(String, String)> = Vec::new();
        for said in &said {
            let Value::Map(entries) = &said.value else { return Err(said.wrong("is not a mapping")) };
            for (key, value) in entries {
                let text = match value {
                    Value::Scalar(text) => text.clone(),
                    Value::Null => String::new(),
                    _ => return Err(said.wrong("is not a mapping of single values")),
                };
                all.retain(|(known, _)| known != key);
                all.push((key.clone(), text));
            }
        }
        let object = all.iter().map(|(key, value)| (key.clone(), value.clone().into())).collect();
        self.enter(name, Json::Object(object), origins(&said));
        Ok(all)
    }

    /// The nested `option`, every scalar as text: the strongest source's, or all sources' items or entries where that is
    /// how its values combine. Text in its place is passed on, too.
    pub fn json(&self, option: &str) -> Result<Option<Setting<Json>>> {
        let (name, rule) = known(option)?;
        let mut said = self.said(name);
        let Some(last) = said.last().cloned() else {
            self.enter(name, Json::Null, Vec::new());
            return Ok(None);
        };
        if matches!(rule, Rule::Value | Rule::Path) {
            said = vec![last.clone()];
        }
        let value = match rule {
            Rule::Value | Rule::Path => last.value.to_json(),
            Rule::List | Rule::Paths => said.iter().flat_map(|said| said.value.items()).map(Value::to_json).collect(),
            Rule::Map => merged(&said)?,
        };
        self.enter(name, value.clone(), origins(&said));
        Ok(Some(Setting { value, source: last.source }))
    }

    fn parsed<T>(&self, option: &str, wrong: &str, parse: impl Fn(&str) -> Option<T>) -> Result<Option<Setting<T>>> {
        let (name, rule) = known(option)?;
        let Some(last) = self.said(name).pop() else {
            self.enter(name, Json::Null, Vec::new());
            return Ok(None);
        };
        let Value::Scalar(text) = &last.value else { return Err(last.wrong("is not a single value")) };
        let text = if rule == Rule::Path { expand::path(text, &self.surroundings) } else { text.clone() };
        let value = parse(&text).ok_or_else(|| last.wrong(&format!("is '{text}', which {wrong}")))?;
        self.enter(name, text.into(), vec![last.origin]);
        Ok(Some(Setting { value, source: last.source }))
    }
}

/// A command: the text of it, for a shell, or its words.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Command {
    /// The text, which a shell is to read.
    Text(String),
    /// The words, each as it is.
    Words(Vec<String>),
}

impl Command {
    fn to_json(&self) -> Json {
        match self {
            Self::Text(text) => text.clone().into(),
            Self::Words(words) => words.clone().into(),
        }
    }
}

fn command(value: &Value) -> Option<Command> {
    let word = |item: &Value| if let Value::Scalar(text) = item { Some(text.clone()) } else { None };
    match value {
        Value::Scalar(text) => Some(Command::Text(text.clone())),
        Value::List(items) => items.iter().map(word).collect::<Option<_>>().map(Command::Words),
        _ => None,
    }
}

fn merged(said: &[Said]) -> Result<Json> {
    let mut all = serde_json::Map::new();
    for said in said {
        let Json::Object(entries) = said.value.to_json() else { return Err(said.wrong("is not a mapping")) };
        all.extend(entries);
    }
    Ok(Json::Object(all))
}

fn origins(said: &[Said]) -> Vec<Origin> {
    said.iter().map(|said| said.origin.clone()).collect()
}

impl Said {
    fn wrong(&self, what: &str) -> Error {
        let text = format!("{}: {} {what}", self.origin, self.option);
        if self.origin == Origin::CommandLine { Error::usage(text) } else { Error::config(text) }
    }
}

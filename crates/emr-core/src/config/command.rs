//! Commands in `mrjob.conf`, where mrjob accepts text or a list of words.

use serde_json::Value as Json;

use super::value::{Content, Value};
use crate::shell;

/// A command.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Command {
    /// Text for a shell to parse.
    Text(String),
    /// Its words, unquoted.
    Words(Vec<String>),
}

impl Command {
    /// The words, with text split as a shell does. The error is a fragment.
    pub fn words(self) -> Result<Vec<String>, String> {
        match self {
            Self::Text(text) => shell::split(&text).map_err(|_| "has a quote that is not closed".to_owned()),
            Self::Words(words) => Ok(words),
        }
    }

    pub(super) fn to_json(&self) -> Json {
        match self {
            Self::Text(text) => text.clone().into(),
            Self::Words(words) => words.clone().into(),
        }
    }
}

/// Reads `value` as a command.
pub(super) fn read(value: &Value) -> Option<Command> {
    if let Content::List(items) = &value.content {
        return items.iter().map(|item| item.text().map(str::to_owned)).collect::<Option<_>>().map(Command::Words);
    }
    value.text().map(|text| Command::Text(text.to_owned()))
}

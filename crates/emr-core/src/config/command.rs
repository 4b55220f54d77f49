//! Commands, which mrjob takes as text or as a list of words.

use serde_json::Value as Json;

use super::value::{Content, Value};
use crate::shell;

/// A command: the text of it, for a shell, or its words.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Command {
    /// The text, which a shell is to read.
    Text(String),
    /// The words, each as it is.
    Words(Vec<String>),
}

impl Command {
    /// The words, as a shell would split the text. The error says what is wrong with it.
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

/// The command that `value` is.
pub(super) fn read(value: &Value) -> Option<Command> {
    if let Content::List(items) = &value.content {
        return items.iter().map(|item| item.text().map(str::to_owned)).collect::<Option<_>>().map(Command::Words);
    }
    value.text().map(|text| Command::Text(text.to_owned()))
}

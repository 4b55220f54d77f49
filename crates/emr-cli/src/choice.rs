//! Values that are usually one of a few words, which shells complete.

use std::ffi::OsStr;
use std::fmt;

use clap::builder::{PossibleValue, TypedValueParser};
use clap::{Arg, Command};

/// Parses a value with a function, and lists its usual words.
pub struct Choice<T, E> {
    parse: fn(&str) -> Result<T, E>,
    words: fn() -> Vec<&'static str>,
}

impl<T, E> Choice<T, E> {
    /// Values that `parse` reads, such as `words`. `words` is called only to list them: there may be many, and a tool
    /// has to start fast.
    #[must_use]
    pub fn new(parse: fn(&str) -> Result<T, E>, words: fn() -> Vec<&'static str>) -> Self {
        Self { parse, words }
    }
}

impl<T, E> Clone for Choice<T, E> {
    fn clone(&self) -> Self {
        Self { parse: self.parse, words: self.words }
    }
}

impl<T, E> TypedValueParser for Choice<T, E>
where
    T: Clone + Send + Sync + 'static,
    E: Into<Box<dyn std::error::Error + Send + Sync>> + fmt::Display + 'static,
{
    type Value = T;

    fn parse_ref(&self, command: &Command, arg: Option<&Arg>, value: &OsStr) -> Result<T, clap::Error> {
        TypedValueParser::parse_ref(&self.parse, command, arg, value)
    }

    fn possible_values(&self) -> Option<Box<dyn Iterator<Item = PossibleValue> + '_>> {
        let words = (self.words)();
        if words.is_empty() {
            return None;
        }
        Some(Box::new(words.into_iter().map(PossibleValue::new)))
    }
}

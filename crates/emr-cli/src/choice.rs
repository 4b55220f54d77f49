//! Values that are usually one of a few words, which shells complete.

use std::ffi::OsStr;
use std::fmt;

use clap::builder::{PossibleValue, TypedValueParser};
use clap::{Arg, Command};

/// Parses a value with a function, and tells which words it usually is.
pub struct Choice<T, E> {
    parse: fn(&str) -> Result<T, E>,
    words: Vec<&'static str>,
}

impl<T, E> Choice<T, E> {
    /// Values that `parse` reads, such as `words`.
    #[must_use]
    pub fn new(parse: fn(&str) -> Result<T, E>, words: Vec<&'static str>) -> Self {
        Self { parse, words }
    }
}

impl<T, E> Clone for Choice<T, E> {
    fn clone(&self) -> Self {
        Self { parse: self.parse, words: self.words.clone() }
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
        if self.words.is_empty() {
            return None;
        }
        Some(Box::new(self.words.iter().map(PossibleValue::new)))
    }
}

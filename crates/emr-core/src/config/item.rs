//! The types of single values: parsing, checking, and the form for `--print-config`.

mod quantity;

pub use quantity::{Gibibytes, Hours, Minutes, Seconds};

use serde_json::Value as Json;

use super::command::{self, Command};
use super::value::Value;
use super::{Surroundings, expand, scalar};
use crate::model::id::JobFlowId;
use crate::model::pool::PoolName;
use crate::model::step::ActionOnFailure;

/// Why a value does not have the wanted type.
#[derive(Debug)]
pub enum Unfit {
    /// It is a list or a mapping.
    NotSingle,
    /// It is wrong as this fragment says, such as `is 'x', which is not a whole number`.
    Is(String),
}

/// A parsed value, or why it does not parse.
type Read<T> = Result<T, Unfit>;

/// A type of single values.
pub trait Item {
    /// The parsed value.
    type Value;

    /// Whether it is a path, in which `~`, variables and, in lists, globs are expanded.
    const IS_PATH: bool = false;

    /// Whether it may contain lists and mappings.
    const IS_NESTED: bool = false;

    /// Parses a value.
    fn read(value: &Value, surroundings: &Surroundings) -> Read<Self::Value>;

    /// Parses an item of a list; a glob becomes several.
    fn read_all(value: &Value, surroundings: &Surroundings) -> Read<Vec<Self::Value>> {
        Self::read(value, surroundings).map(|value| vec![value])
    }

    /// Parses a value in a mapping, where null is allowed.
    fn read_entry(value: &Value, surroundings: &Surroundings) -> Read<Self::Value> {
        Self::read(value, surroundings)
    }

    /// A value as JSON.
    fn json(value: &Self::Value) -> Json;

    /// Checks a typed value. Returns it as a file would have it. The error is a fragment.
    fn check(text: &str) -> Result<String, String> {
        Ok(text.to_owned())
    }
}

fn single(value: &Value) -> Read<&str> {
    value.text().ok_or(Unfit::NotSingle)
}

/// Parses a single value with `parse`. On failure the error says that the text `which`, such as `is not a whole
/// number`.
fn parsed<T>(value: &Value, which: &str, parse: impl Fn(&str) -> Option<T>) -> Read<T> {
    let text = single(value)?;
    parse(text.trim()).ok_or_else(|| Unfit::Is(format!("is '{text}', which {which}")))
}

/// Any text.
impl Item for String {
    type Value = Self;

    fn read(value: &Value, _: &Surroundings) -> Read<Self> {
        single(value).map(str::to_owned)
    }

    fn read_entry(value: &Value, surroundings: &Surroundings) -> Read<Self> {
        if value.is_null() { Ok(Self::new()) } else { Self::read(value, surroundings) }
    }

    fn json(value: &Self) -> Json {
        value.as_str().into()
    }
}

/// A release label; a bare number such as `7.14.0` gets the prefix `emr-`.
#[derive(Debug)]
pub struct Release;

impl Release {
    fn label(text: &str) -> String {
        let prefix = if text.starts_with(|c: char| c.is_ascii_digit()) { "emr-" } else { "" };
        format!("{prefix}{text}")
    }
}

impl Item for Release {
    type Value = String;

    fn read(value: &Value, _: &Surroundings) -> Read<String> {
        single(value).map(Self::label)
    }

    fn json(value: &String) -> Json {
        value.as_str().into()
    }

    fn check(text: &str) -> Result<String, String> {
        Ok(Self::label(text))
    }
}

/// The name of an application, also as `Name=Spark`, the AWS CLI's form.
#[derive(Debug)]
pub struct Application;

impl Item for Application {
    type Value = String;

    fn read(value: &Value, _: &Surroundings) -> Read<String> {
        let name = value.get("Name").unwrap_or(value);
        Self::check(single(name)?).map_err(|wrong| Unfit::Is(format!("is {wrong}")))
    }

    fn json(value: &String) -> Json {
        value.as_str().into()
    }

    fn check(text: &str) -> Result<String, String> {
        let name = text.strip_prefix("Name=").unwrap_or(text);
        // The AWS CLI also accepts keys such as Args=, for applications that EMR no longer installs.
        if name.contains(['=', ',']) {
            Err(format!("'{text}', which is not the name of an application"))
        } else {
            Ok(name.to_owned())
        }
    }
}

/// The path of a file, or a URI.
#[derive(Debug)]
pub struct Path;

impl Item for Path {
    type Value = String;

    const IS_PATH: bool = true;

    fn read(value: &Value, surroundings: &Surroundings) -> Read<String> {
        single(value).map(|text| expand::path(text, surroundings))
    }

    fn read_all(value: &Value, surroundings: &Surroundings) -> Read<Vec<String>> {
        single(value).map(|text| expand::paths(text, surroundings))
    }

    fn json(value: &String) -> Json {
        value.as_str().into()
    }
}

/// A whole number, in any of YAML's spellings.
impl Item for u32 {
    type Value = Self;

    fn read(value: &Value, _: &Surroundings) -> Read<Self> {
        parsed(value, "is not a whole number", |text| scalar::whole(text)?.try_into().ok())
    }

    fn json(value: &Self) -> Json {
        (*value).into()
    }

    fn check(text: &str) -> Result<String, String> {
        let number: Result<Self, _> = text.parse();
        number.map(|number| number.to_string()).map_err(|_| format!("not a whole number from 0 to {}", Self::MAX))
    }
}

/// A boolean, in any of YAML's spellings.
impl Item for bool {
    type Value = Self;

    fn read(value: &Value, _: &Surroundings) -> Read<Self> {
        parsed(value, "is neither true nor false", |text| match text {
            "1" => Some(true),
            "0" => Some(false),
            word => scalar::truth(word),
        })
    }

    fn json(value: &Self) -> Json {
        (*value).into()
    }
}

/// Implements [`Item`] for types with `FromStr`.
macro_rules! parsed {
    ($($type:ty),*) => {$(
        impl Item for $type {
            type Value = Self;

            fn read(value: &Value, _: &Surroundings) -> Read<Self> {
                single(value)?.parse().map_err(|error| Unfit::Is(format!("is wrong: {error}")))
            }

            fn json(value: &Self) -> Json {
                value.as_str().into()
            }

            fn check(text: &str) -> Result<String, String> {
                text.parse::<Self>().map(|_| text.to_owned()).map_err(|error| error.to_string())
            }
        }
    )*};
}

parsed!(ActionOnFailure, JobFlowId, PoolName);

/// A Hadoop property: text as written, but booleans as Hadoop spells them. `None` removes it, as in mrjob.
#[derive(Debug)]
pub struct Property;

impl Item for Property {
    type Value = Option<String>;

    fn read(value: &Value, _: &Surroundings) -> Read<Option<String>> {
        let text = single(value)?;
        let truth = if value.is_plain() { scalar::truth(text) } else { None };
        Ok(Some(truth.map_or_else(|| text.to_owned(), |truth| truth.to_string())))
    }

    fn read_entry(value: &Value, surroundings: &Surroundings) -> Read<Option<String>> {
        if value.is_null() { Ok(None) } else { Self::read(value, surroundings) }
    }

    fn json(value: &Option<String>) -> Json {
        value.clone().into()
    }
}

/// A region, in lower case. `EU`, which mrjob 0.4 accepted, becomes eu-west-1.
#[derive(Debug)]
pub struct Region;

impl Item for Region {
    type Value = String;

    fn read(value: &Value, _: &Surroundings) -> Read<String> {
        let region = single(value)?.trim().to_ascii_lowercase();
        Ok(if region == "eu" { "eu-west-1".to_owned() } else { region })
    }

    fn json(value: &String) -> Json {
        value.as_str().into()
    }
}

/// A command: text, or a list of words.
impl Item for Command {
    type Value = Self;

    fn read(value: &Value, _: &Surroundings) -> Read<Self> {
        let neither = || Unfit::Is("is neither a command nor a list of its words".to_owned());
        let wrong = || if value.key_before_colon().is_some() { Unfit::NotSingle } else { neither() };
        command::read(value).ok_or_else(wrong)
    }

    fn json(value: &Self) -> Json {
        value.to_json()
    }
}

/// The words of a command; text is split as a shell does.
#[derive(Debug)]
pub struct Words;

impl Item for Words {
    type Value = Vec<String>;

    fn read(value: &Value, surroundings: &Surroundings) -> Read<Vec<String>> {
        Command::read(value, surroundings)?.words().map_err(Unfit::Is)
    }

    fn json(value: &Vec<String>) -> Json {
        value.clone().into()
    }
}

/// Nested lists and mappings, with each scalar as text.
#[derive(Debug)]
pub struct Nested;

impl Item for Nested {
    type Value = Json;

    const IS_NESTED: bool = true;

    fn read(value: &Value, _: &Surroundings) -> Read<Json> {
        Ok(value.to_json())
    }

    fn json(value: &Json) -> Json {
        value.clone()
    }
}

/// The same, with unquoted numbers and booleans as YAML parses them.
#[derive(Debug)]
pub struct Yaml;

impl Item for Yaml {
    type Value = Json;

    const IS_NESTED: bool = true;

    fn read(value: &Value, _: &Surroundings) -> Read<Json> {
        Ok(value.resolved())
    }

    fn json(value: &Json) -> Json {
        value.clone()
    }
}

/// The same as [`Yaml`], but a number that JSON would write differently stays text, such as `0.40`.
#[derive(Debug)]
pub struct Exact;

impl Item for Exact {
    type Value = Json;

    const IS_NESTED: bool = true;

    fn read(value: &Value, _: &Surroundings) -> Read<Json> {
        Ok(value.exact())
    }

    fn json(value: &Json) -> Json {
        value.clone()
    }
}

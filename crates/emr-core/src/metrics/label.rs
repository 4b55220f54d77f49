//! A label that the user gives every sample.

use std::str::FromStr;

use crate::error::Error;

/// A label with a value.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Label {
    name: String,
    value: String,
}

/// The names of labels that samples have by themselves, and those that Prometheus adds when it scrapes.
const TAKEN: [&str; 13] = [
    "instance",
    "instance_type",
    "job",
    "job_name",
    "le",
    "owner",
    "part",
    "pool",
    "profile",
    "quantile",
    "region",
    "state",
    "tool",
];

impl Label {
    /// Its name.
    #[must_use]
    pub fn name(&self) -> &str {
        &self.name
    }

    /// Its value.
    #[must_use]
    pub fn value(&self) -> &str {
        &self.value
    }
}

impl FromStr for Label {
    type Err = Error;

    /// Reads `NAME=VALUE`.
    fn from_str(text: &str) -> Result<Self, Error> {
        let wrong = |why: &str| Error::usage(format!("'{text}' {why}")).advise("write NAME=VALUE, such as team=etl");
        let (name, value) = text.split_once('=').ok_or_else(|| wrong("has no ="))?;
        let is_word = name.bytes().all(|byte| byte.is_ascii_alphanumeric() || byte == b'_');
        if name.is_empty() || !is_word || name.starts_with(|c: char| c.is_ascii_digit()) {
            return Err(wrong("has no name of ASCII letters, digits and _"));
        }
        if name.starts_with("__") || TAKEN.contains(&name) {
            return Err(wrong("has a name that is taken"));
        }
        if value.is_empty() {
            return Err(wrong("has no value"));
        }
        Ok(Self { name: name.to_owned(), value: value.to_owned() })
    }
}

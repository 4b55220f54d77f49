//! Parses single values, which have their type in JSON and are always text in YAML.

use std::fmt::Display;
use std::str::FromStr;

use serde::de::Error as _;
use serde::{Deserialize, Deserializer};
use serde_json::Value;

use crate::model::instances::Role;

/// Parses a role by its name in the API.
pub(super) fn role<'de, D: Deserializer<'de>>(from: D) -> Result<Role, D::Error> {
    let name = String::deserialize(from)?;
    Role::find(&name).ok_or_else(|| D::Error::custom(format!("the role '{name}' is none of MASTER, CORE and TASK")))
}

/// Parses text; a number becomes its text.
pub(super) fn text<'de, D: Deserializer<'de>>(from: D) -> Result<Option<String>, D::Error> {
    match Value::deserialize(from)? {
        Value::Null => Ok(None),
        Value::String(text) => Ok(Some(text)),
        Value::Number(number) => Ok(Some(number.to_string())),
        other => Err(D::Error::custom(format!("{other} is neither text nor a number"))),
    }
}

/// Parses a number, or the text of one.
pub(super) fn maybe_number<'de, D, T>(from: D) -> Result<Option<T>, D::Error>
where
    D: Deserializer<'de>,
    T: FromStr<Err: Display>,
{
    let Some(text) = text(from)? else { return Ok(None) };
    text.trim().parse().map(Some).map_err(|cause| D::Error::custom(format!("the number '{text}': {cause}")))
}

/// Parses a required number.
pub(super) fn number<'de, D: Deserializer<'de>>(from: D) -> Result<u32, D::Error> {
    maybe_number(from)?.ok_or_else(|| D::Error::custom("a number is missing"))
}

/// Parses a boolean, or one of YAML's words for it.
pub(super) fn maybe_flag<'de, D: Deserializer<'de>>(from: D) -> Result<Option<bool>, D::Error> {
    let value = Value::deserialize(from)?;
    let text = value.as_str().map(str::to_ascii_lowercase);
    match (&value, text.as_deref()) {
        (Value::Null, _) => Ok(None),
        (Value::Bool(flag), _) => Ok(Some(*flag)),
        (_, Some("true" | "yes" | "on")) => Ok(Some(true)),
        (_, Some("false" | "no" | "off")) => Ok(Some(false)),
        _ => Err(D::Error::custom(format!("{value} is neither true nor false"))),
    }
}

//! An object of JSON with the members of a step, each of the type that it has to be.

use emr_core::error::{Error, Result};
use emr_core::text::one_line;
use serde_json::{Map, Value};

/// An object, and what its keys have.
#[derive(Clone, Copy)]
pub(super) struct Object<'a>(&'a Map<String, Value>);

impl<'a> Object<'a> {
    pub(super) fn of(map: &'a Map<String, Value>) -> Self {
        Self(map)
    }

    /// Refuses keys other than `known`.
    pub(super) fn refuse_others(self, known: &[&str]) -> Result<()> {
        match self.0.keys().find(|key| !known.contains(&key.as_str())) {
            Some(key) => Err(Error::usage(format!("the key '{}' is not understood here", one_line(key, 60)))
                .advise(format!("the keys are {}", known.join(", ")))),
            None => Ok(()),
        }
    }

    /// A text; none where it is absent or null.
    pub(super) fn text(self, key: &str) -> Result<Option<&'a str>> {
        match self.0.get(key) {
            None | Some(Value::Null) => Ok(None),
            Some(Value::String(text)) => Ok(Some(text)),
            Some(_) => Err(Error::usage(format!("{key} is not a string"))),
        }
    }

    pub(super) fn required(self, key: &str) -> Result<&'a str> {
        self.text(key)?.ok_or_else(|| Error::usage(format!("has no {key}")))
    }

    /// A list of texts; empty where it is absent or null.
    pub(super) fn texts(self, key: &str) -> Result<Vec<String>> {
        let Some(list) = self.0.get(key).filter(|list| !list.is_null()) else { return Ok(Vec::new()) };
        let wrong = || Error::usage(format!("{key} is not a list of strings"));
        let list = list.as_array().ok_or_else(wrong)?;
        list.iter().map(|text| text.as_str().map(str::to_owned).ok_or_else(wrong)).collect()
    }

    /// Properties as the API has them, `[{"Key": …, "Value": …}]`, or as the AWS CLI has them, `"KEY=VALUE,…"`.
    pub(super) fn properties(self) -> Result<Vec<(String, String)>> {
        let wrong = || Error::usage("Properties is neither a list of objects with Key and Value, nor KEY=VALUE,…");
        let list = match self.0.get("Properties") {
            None | Some(Value::Null) => return Ok(Vec::new()),
            Some(Value::String(text)) => {
                let pairs = text.split(',').map(|pair| pair.split_once('=').unwrap_or((pair, "")));
                return Ok(pairs.map(|(key, value)| (key.to_owned(), value.to_owned())).collect());
            }
            Some(list) => list.as_array().ok_or_else(wrong)?,
        };
        let pair = |property: &Value| {
            let word = |key| property.get(key).and_then(Value::as_str).map(str::to_owned);
            Some((word("Key")?, word("Value").unwrap_or_default()))
        };
        list.iter().map(|property| pair(property).ok_or_else(wrong)).collect()
    }
}

//! The record of an option that a tool was given.

use emr_core::model::record::Record;
use serde::Serialize;
use serde_json::Value;

/// An option, its effective value, and where that came from.
#[derive(Debug, Clone, PartialEq, Serialize)]
pub(crate) struct OptionRecord {
    /// Its name in `mrjob.conf`.
    pub option: String,
    /// Its value; absent where there is none.
    #[serde(skip_serializing_if = "Value::is_null")]
    pub value: Value,
    /// Its sources, the weakest first: `default`, the path of a file, `environment` and a variable, `command line`.
    pub source: String,
}

impl Record for OptionRecord {
    const COLUMNS: &'static [&'static str] = &["OPTION", "VALUE", "SOURCE"];

    fn cells(&self) -> Vec<String> {
        let value = match &self.value {
            Value::Null => String::new(),
            Value::String(text) => text.clone(),
            other => other.to_string(),
        };
        vec![self.option.clone(), value, self.source.clone()]
    }

    fn id(&self) -> &str {
        &self.option
    }
}

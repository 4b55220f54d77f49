//! The record of a check.

use std::fmt;

use emr_core::error::Error;
use emr_core::model::record::Record;
use serde::Serialize;

/// The beginning of what is found of an option without a value.
pub(crate) const NOT_SET: &str = "is not set";

/// What a check came to.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize)]
#[serde(rename_all = "lowercase")]
pub(crate) enum State {
    /// Nothing is wrong.
    Ok,
    /// Some tool may lack what it needs, or it could not be seen.
    Warning,
    /// Tools fail.
    Failure,
}

impl fmt::Display for State {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(match self {
            Self::Ok => "ok",
            Self::Warning => "warning",
            Self::Failure => "failure",
        })
    }
}

/// One thing that was looked at.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub(crate) struct CheckRecord {
    /// What was looked at.
    pub(crate) check: &'static str,
    /// What it came to.
    pub(crate) state: State,
    /// What was found.
    pub(crate) found: String,
    /// What to do about it.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub(crate) advice: Option<String>,
}

impl CheckRecord {
    /// Nothing is wrong.
    pub(crate) fn ok(check: &'static str, found: impl Into<String>) -> Self {
        Self { check, state: State::Ok, found: found.into(), advice: None }
    }

    /// Something may be wrong.
    pub(crate) fn warning(check: &'static str, found: impl Into<String>, advice: impl Into<String>) -> Self {
        Self { state: State::Warning, advice: Some(advice.into()), ..Self::ok(check, found) }
    }

    /// Something is wrong.
    pub(crate) fn failure(check: &'static str, found: impl Into<String>, advice: impl Into<String>) -> Self {
        Self { state: State::Failure, ..Self::warning(check, found, advice) }
    }

    /// `error` came of it, with its own advice, or else `advice`.
    pub(crate) fn error(check: &'static str, state: State, error: &Error, advice: &str) -> Self {
        let advice = error.advice().unwrap_or_else(|| advice.to_owned());
        Self { check, state, found: error.finding(), advice: Some(advice) }
    }
}

impl Record for CheckRecord {
    const COLUMNS: &'static [&'static str] = &["CHECK", "STATE", "FOUND"];

    const PROSE: Option<&'static str> = Some("FOUND");

    fn cells(&self) -> Vec<String> {
        let advice = self.advice.as_ref().map_or_else(String::new, |advice| format!("; {advice}"));
        vec![self.check.to_owned(), self.state.to_string(), format!("{}{advice}", self.found)]
    }

    fn id(&self) -> &str {
        self.check
    }
}

//! Malformed answers, which come from a proxy or another server and not from AWS.

use std::fmt;

use super::{Error, Outcome};

/// An answer that AWS never gives: a required member is missing, or a value is impossible.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct StrangeAnswer(String);

impl StrangeAnswer {
    /// A malformed answer. `how` continues "the endpoint answered", such as `without Clusters`.
    #[must_use]
    pub fn new(how: impl Into<String>) -> Self {
        Self(how.into())
    }
}

impl fmt::Display for StrangeAnswer {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "the endpoint answered {}", self.0)
    }
}

impl std::error::Error for StrangeAnswer {}

impl From<StrangeAnswer> for Error {
    fn from(answer: StrangeAnswer) -> Self {
        Self::new(Outcome::Unavailable, answer.to_string()).caused_by(answer)
    }
}

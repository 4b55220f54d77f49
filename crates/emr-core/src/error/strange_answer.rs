//! Answers without what has to be in them: not AWS's own, but those of something on the way or in its place.

use std::fmt;

use super::{Error, Outcome};

/// An answer that AWS does not give: without what has to be in it, or with what cannot be.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct StrangeAnswer(String);

impl StrangeAnswer {
    /// An answer that is strange in this way, as words that follow "the endpoint answered".
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

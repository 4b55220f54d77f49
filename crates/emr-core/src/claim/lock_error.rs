//! The errors of locks: text, exit code and advice.
//!
//! All tools that lock share these three, and add only what they were about to do.

use std::fmt;

use crate::claim::lease::LockError;
use crate::error::{Error, Outcome};
use crate::model::s3_uri::S3Uri;

/// The advice where a store failed its test. A lock that is deleted during the test fails it, too.
const OTHER_STORE: &str = "unless the object was deleted just then, keep locks on Amazon S3, or on a store that s3-lock \
                           probe accepts";

impl LockError {
    /// The error about the lock at `uri`.
    #[must_use]
    pub fn at(self, uri: &S3Uri) -> Error {
        let (outcome, advice) = match &self {
            Self::Lost(_) => (Outcome::TryAgain, None),
            Self::Unsafe => (Outcome::Config, Some(OTHER_STORE)),
            Self::Unsure => (Outcome::Unavailable, Some("if the lock was taken anyway, it expires by itself")),
        };
        let error = Error::new(outcome, self.to_string()).on(uri).caused_by(self);
        match advice {
            Some(advice) => error.advise(advice),
            None => error,
        }
    }
}

impl fmt::Display for LockError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Lost(seen) => {
                f.write_str("the lock is not held under this token")?;
                let holder = seen.as_ref().and_then(|sighting| sighting.lock.holder.as_ref());
                holder.map_or(Ok(()), |holder| write!(f, "; {} has it", holder.owner))
            }
            Self::Unsafe => {
                f.write_str("the store accepted a write that must fail, so two holders could have one lock")
            }
            Self::Unsure => f.write_str("S3 gave no clear answer, even after retries"),
        }
    }
}

impl std::error::Error for LockError {}

#[cfg(test)]
mod tests {
    use std::time::Duration;

    use super::*;
    use crate::claim::lease::Sighting;
    use crate::model::lock::{Holder, Lock, Token};

    /// The exit code of the error about a lock, and its line.
    fn of(error: LockError) -> (u8, String) {
        let error = error.at(&"s3://b/lock".parse().unwrap());
        (error.outcome.exit_code(), error.to_string())
    }

    #[test]
    fn each_failure_of_a_lock_has_its_exit_code_and_says_what_to_do() {
        let unfit = "s3://b/lock: the store accepted a write that must fail, so two holders could have one lock; unless the \
                     object was deleted just then, keep locks on Amazon S3, or on a store that s3-lock probe accepts";
        assert_eq!(of(LockError::Unsafe), (78, unfit.to_owned()));
        let unsure = "s3://b/lock: S3 gave no clear answer, even after retries; if the lock was taken anyway, it expires by \
                      itself";
        assert_eq!(of(LockError::Unsure), (69, unsure.to_owned()));
        let lost = "s3://b/lock: the lock is not held under this token";
        assert_eq!(of(LockError::Lost(None)), (75, lost.to_owned()));
    }

    #[test]
    fn the_error_of_a_lost_lock_names_its_holder() {
        let holder = |token: &str| Holder {
            token: Token(token.to_owned()),
            owner: "alice@laptop".to_owned(),
            ttl: Duration::from_mins(1),
        };
        let seen = |holder| Sighting {
            lock: Lock { generation: 1, nonce: String::new(), holder },
            etag: String::new(),
            age: Duration::ZERO,
        };
        let theirs = of(LockError::Lost(Some(seen(Some(holder("secret"))))));
        assert_eq!(theirs.1, "s3://b/lock: the lock is not held under this token; alice@laptop has it");
        assert_eq!(of(LockError::Lost(Some(seen(None)))), of(LockError::Lost(None)));
    }

    #[test]
    fn the_error_keeps_the_lock_error_as_its_cause() {
        let error = LockError::Unsafe.at(&"s3://b/lock".parse().unwrap()).on("j-A");
        assert_eq!(error.cause(), Some(&LockError::Unsafe));
    }
}

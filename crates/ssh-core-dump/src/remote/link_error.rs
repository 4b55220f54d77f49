//! What goes wrong between here and a node's helper, as far as it matters for what is done next.

use std::fmt;

use emr_core::error::{Error, Outcome};

/// The cause of an error that came over a link, or instead of what should have come.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum LinkError {
    /// The link broke, fell silent or brought nonsense. It cannot be used again.
    Broken,
    /// The helper refused, with this `errno` of its node; 0 where the refusal is its own. The link goes on.
    Refused(u64),
    /// What came is not what was there before, or when it was listed.
    Changed,
}

impl LinkError {
    /// The error that this causes, worded as `message`.
    pub(crate) fn says(self, message: impl Into<String>) -> Error {
        let outcome = match self {
            Self::Broken => Outcome::Unavailable,
            Self::Refused(_) if self.is_denied() => Outcome::Denied,
            Self::Refused(_) | Self::Changed => Outcome::TryAgain,
        };
        Error::new(outcome, message).caused_by(self)
    }

    /// Whether the node refuses for lack of permission.
    pub(super) fn is_denied(self) -> bool {
        const EPERM: u64 = 1;
        const EACCES: u64 = 13;
        matches!(self, Self::Refused(EPERM | EACCES))
    }
}

impl fmt::Display for LinkError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Broken => f.write_str("the link to the helper cannot be used again"),
            Self::Refused(errno) => write!(f, "the helper refused with errno {errno}"),
            Self::Changed => f.write_str("the file changed meanwhile"),
        }
    }
}

impl std::error::Error for LinkError {}

/// Whether the helper refused what it was asked, over a link that goes on.
pub(crate) fn is_refused(error: &Error) -> bool {
    matches!(error.cause(), Some(LinkError::Refused(_)))
}

/// Whether the same may succeed over another link.
pub(crate) fn is_worth_another_try(error: &Error) -> bool {
    error.cause().is_some_and(|cause: &LinkError| !cause.is_denied())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn each_cause_has_its_exit_code_and_says_whether_to_try_again() {
        let of = |cause: LinkError| {
            let error = cause.says("why").on("/tmp/core").on("i-7");
            (error.outcome, is_refused(&error), is_worth_another_try(&error))
        };
        assert_eq!(of(LinkError::Broken), (Outcome::Unavailable, false, true));
        assert_eq!(of(LinkError::Changed), (Outcome::TryAgain, false, true));
        assert_eq!(of(LinkError::Refused(0)), (Outcome::TryAgain, true, true));
        assert_eq!(of(LinkError::Refused(2)), (Outcome::TryAgain, true, true));
        assert_eq!(of(LinkError::Refused(13)), (Outcome::Denied, true, false));
    }

    #[test]
    fn an_error_of_this_machine_is_neither_refused_nor_worth_another_link() {
        let full = Error::new(Outcome::Io, "no space left");
        assert!(!is_refused(&full) && !is_worth_another_try(&full));
    }
}

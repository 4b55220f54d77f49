//! The causes of errors between this machine and a node's helper that decide what to do next.

use std::fmt;

use emr_core::error::{Error, Outcome};

/// The cause of an error of a link.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum LinkError {
    /// The link broke, timed out or brought invalid data. It cannot be used again.
    Broken,
    /// The helper refused, with this `errno` of its node, or 0 if it has a reason of its own. The link can be used
    /// again.
    Refused(u64),
    /// The file is not the same as before, or as in the list.
    Changed,
}

impl LinkError {
    /// An error with this cause and `message`.
    pub(crate) fn says(self, message: impl Into<String>) -> Error {
        let outcome = match self {
            Self::Broken => Outcome::Unavailable,
            Self::Refused(_) if self.is_denied() => Outcome::Denied,
            Self::Refused(_) | Self::Changed => Outcome::TryAgain,
        };
        Error::new(outcome, message).caused_by(self)
    }

    /// Whether the node refused for lack of permission.
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

/// Whether the helper refused a request over a link that can be used again.
pub(crate) fn is_refused(error: &Error) -> bool {
    matches!(error.cause(), Some(LinkError::Refused(_)))
}

/// Whether a retry over a new link may succeed.
pub(crate) fn is_worth_another_try(error: &Error) -> bool {
    error.cause().is_some_and(|cause: &LinkError| !cause.is_denied())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn each_cause_has_its_exit_code_and_tells_whether_to_retry() {
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

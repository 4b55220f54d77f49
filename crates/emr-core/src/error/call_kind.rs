//! What a failed call to AWS proves, by AWS's error code and the HTTP status of the answer.
//!
//! The one question that matters for a call that creates something: can it have happened? Only a throttle, a refusal
//! and a connection that was never made say no.

use super::Outcome;

/// What a failed call proves.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum CallErrorKind {
    /// No connection was made: nothing happened.
    NotSent,
    /// The configuration leaves no way to send it: nothing happened.
    Unsendable,
    /// The run was to begin nothing more when it was to be sent: nothing happened.
    GivenUp,
    /// AWS said "not now" and did nothing.
    Throttled,
    /// There is nobody to ask as: nothing happened.
    NoCredentials,
    /// AWS refused because of the time or the text of the signature: nothing happened, and a fresh one may do.
    Stale,
    /// AWS refused because of who asks: nothing happened.
    Denied,
    /// AWS refused because of what is asked: nothing happened.
    Refused,
    /// AWS refused because of the moment, and the same may be asked later or elsewhere: nothing happened.
    NotNow,
    /// Anything may have happened.
    Unclear,
}

impl CallErrorKind {
    /// What a script is told of it.
    #[must_use]
    pub fn outcome(self) -> Outcome {
        match self {
            Self::NotSent | Self::Unclear => Outcome::Unavailable,
            Self::GivenUp | Self::Throttled | Self::NotNow => Outcome::TryAgain,
            Self::NoCredentials | Self::Stale | Self::Denied => Outcome::Denied,
            Self::Unsendable => Outcome::Config,
            Self::Refused => Outcome::Usage,
        }
    }

    /// What an answer proves, by its error code (empty where it has none) and HTTP status.
    #[must_use]
    pub fn of_answer(code: &str, status: u16) -> Self {
        match code {
            "Throttling"
            | "ThrottlingException"
            | "ThrottledException"
            | "RequestLimitExceeded"
            | "SlowDown"
            | "TooManyRequestsException" => Self::Throttled,
            "InvalidSignatureException" | "RequestExpired" | "RequestTimeTooSkewed" => Self::Stale,
            _ if DENIED.contains(&code) => Self::Denied,
            // EMR answers some failures of its own with HTTP 400 and these names, and S3 so a body that did not come.
            "InternalServerError" | "InternalServerException" | "InternalFailure" | "RequestTimeout" => Self::Unclear,
            _ if status == 429 => Self::Throttled,
            _ if status == 403 || status == 401 => Self::Denied,
            // A new bucket's name is on its way through DNS.
            "TemporaryRedirect" => Self::NotNow,
            "PermanentRedirect" => Self::Refused,
            // Without a code it is not AWS that answers, but something on the way; and 408 is a time-out.
            "" => Self::Unclear,
            _ if (400..500).contains(&status) && status != 408 => Self::Refused,
            _ => Self::Unclear,
        }
    }
}

/// Error codes that are about who asks.
const DENIED: [&str; 15] = [
    "AccessDenied",
    "AccessDeniedException",
    "AllAccessDisabled",
    "AuthFailure",
    "ExpiredToken",
    "ExpiredTokenException",
    "IncompleteSignature",
    "InvalidAccessKeyId",
    "InvalidClientTokenId",
    "MissingAuthenticationToken",
    "MissingAuthenticationTokenException",
    "NotAuthorized",
    "OptInRequired",
    "SignatureDoesNotMatch",
    "UnrecognizedClientException",
];

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn only_a_throttle_and_a_refusal_prove_that_nothing_happened() {
        let table = [
            ("ThrottlingException", 400, CallErrorKind::Throttled),
            ("SlowDown", 503, CallErrorKind::Throttled),
            ("ValidationException", 400, CallErrorKind::Refused),
            ("InvalidRequestException", 400, CallErrorKind::Refused),
            ("AccessDeniedException", 400, CallErrorKind::Denied),
            ("ExpiredTokenException", 400, CallErrorKind::Denied),
            ("", 403, CallErrorKind::Denied),
            ("InternalServerException", 400, CallErrorKind::Unclear),
            ("InternalServerException", 500, CallErrorKind::Unclear),
            ("", 503, CallErrorKind::Unclear),
            ("", 400, CallErrorKind::Unclear),
            ("", 407, CallErrorKind::Unclear),
            ("RequestTimeout", 408, CallErrorKind::Unclear),
            ("RequestTimeout", 400, CallErrorKind::Unclear),
            ("", 429, CallErrorKind::Throttled),
            ("RequestExpired", 400, CallErrorKind::Stale),
            ("RequestTimeTooSkewed", 403, CallErrorKind::Stale),
            ("SignatureDoesNotMatch", 403, CallErrorKind::Denied),
            ("PermanentRedirect", 301, CallErrorKind::Refused),
            ("TemporaryRedirect", 307, CallErrorKind::NotNow),
            ("", 302, CallErrorKind::Unclear),
        ];
        for (code, status, kind) in table {
            assert_eq!(CallErrorKind::of_answer(code, status), kind, "{code} {status}");
        }
    }

    #[test]
    fn each_kind_has_its_exit_code() {
        assert_eq!(CallErrorKind::NotSent.outcome(), Outcome::Unavailable);
        assert_eq!(CallErrorKind::GivenUp.outcome(), Outcome::TryAgain);
        assert_eq!(CallErrorKind::Unclear.outcome(), Outcome::Unavailable);
        assert_eq!(CallErrorKind::Throttled.outcome(), Outcome::TryAgain);
        assert_eq!(CallErrorKind::NoCredentials.outcome(), Outcome::Denied);
        assert_eq!(CallErrorKind::Unsendable.outcome(), Outcome::Config);
        assert_eq!(CallErrorKind::Stale.outcome(), Outcome::Denied);
        assert_eq!(CallErrorKind::Denied.outcome(), Outcome::Denied);
        assert_eq!(CallErrorKind::Refused.outcome(), Outcome::Usage);
        assert_eq!(CallErrorKind::NotNow.outcome(), Outcome::TryAgain);
    }
}

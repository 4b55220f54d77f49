//! What a failed call to AWS proves, by error code and HTTP status.
//!
//! A call that creates something is retried only if it cannot have taken effect. Only a throttle, a refusal and a
//! connection that was never made prove that.

use super::Outcome;

/// What a failed call proves.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum CallErrorKind {
    /// No connection was made. Nothing happened.
    NotSent,
    /// The configuration does not allow to send it. Nothing happened.
    Unsendable,
    /// It could not be recorded in the history of its lock, so it was not sent. Nothing happened.
    Unrecorded,
    /// The run was ending, so it was not sent. Nothing happened.
    GivenUp,
    /// AWS throttled it. Nothing happened.
    Throttled,
    /// There are no credentials. Nothing happened.
    NoCredentials,
    /// AWS refused the signature or its time. Nothing happened, and a fresh signature may help.
    Stale,
    /// AWS refused the caller. Nothing happened.
    Denied,
    /// AWS refused the request as wrong. Nothing happened.
    Refused,
    /// AWS refused it for now; the same request may succeed later or elsewhere. Nothing happened.
    NotNow,
    /// It may have taken effect.
    Unclear,
}

impl CallErrorKind {
    /// The outcome for scripts.
    #[must_use]
    pub fn outcome(self) -> Outcome {
        match self {
            Self::NotSent | Self::Unclear => Outcome::Unavailable,
            Self::GivenUp | Self::Throttled | Self::NotNow => Outcome::TryAgain,
            Self::NoCredentials | Self::Stale | Self::Denied => Outcome::Denied,
            Self::Unsendable => Outcome::Config,
            Self::Unrecorded => Outcome::Io,
            Self::Refused => Outcome::Usage,
        }
    }

    /// What an answer proves, by its error code, empty without one, and HTTP status.
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
            // Codes that come with HTTP 400, too: EMR's internal failures, and S3's time-out for a request body.
            "InternalServerError" | "InternalServerException" | "InternalFailure" | "RequestTimeout" => Self::Unclear,
            _ if status == 429 => Self::Throttled,
            _ if status == 403 || status == 401 => Self::Denied,
            // DNS does not know a new bucket yet.
            "TemporaryRedirect" => Self::NotNow,
            "PermanentRedirect" => Self::Refused,
            // An answer without a code is not from AWS but from a proxy or gateway.
            "" => Self::Unclear,
            _ if (400..500).contains(&status) && status != 408 => Self::Refused,
            _ => Self::Unclear,
        }
    }
}

/// Error codes about the caller.
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

//! What a failed call proves, and how to say it.
//!
//! The one question that matters for a call that creates something: can it have happened? Only a throttle, a refusal
//! and a connection that was never made say no.

use std::error::Error as StdError;

use aws_credential_types::provider::error::CredentialsError;
use aws_smithy_runtime_api::client::orchestrator::HttpResponse;
use aws_smithy_runtime_api::client::result::SdkError;
use aws_smithy_types::error::metadata::ProvideErrorMetadata;
use emr_core::error::{Error, Outcome};

/// What a failed call proves.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Kind {
    /// No connection was made: nothing happened.
    NotSent,
    /// The run was to begin nothing more when it was to be sent: nothing happened.
    GivenUp,
    /// AWS said "not now" and did nothing.
    Throttled,
    /// There is nobody to ask as: nothing happened.
    NoCredentials,
    /// AWS refused because of who asks: nothing happened.
    Denied,
    /// AWS refused because of what is asked: nothing happened.
    Refused,
    /// Anything may have happened.
    Unclear,
}

/// A failed call.
#[derive(Debug, Clone)]
pub(crate) struct Failure {
    pub(crate) kind: Kind,
    pub(crate) api: &'static str,
    /// AWS's error code, where AWS answered.
    pub(crate) code: Option<String>,
    /// The HTTP status of the answer.
    pub(crate) status: Option<u16>,
    /// What AWS or the network said.
    pub(crate) text: String,
    /// Whether somebody answered at all.
    pub(crate) answered: bool,
}

impl Failure {
    /// What `error` of a call to `api` proves.
    pub(crate) fn of<E>(api: &'static str, error: &SdkError<E, HttpResponse>) -> Self
    where
        E: ProvideErrorMetadata + StdError + 'static,
    {
        let answered = matches!(error, SdkError::ServiceError(_));
        let code = error.code().filter(|_| answered).map(str::to_owned);
        let status = error.raw_response().map(|response| response.status().as_u16());
        let kind = match error {
            SdkError::ServiceError(_) => answer(code.as_deref().unwrap_or_default(), status.unwrap_or_default()),
            SdkError::ConstructionFailure(_) | SdkError::DispatchFailure(_) if credentials(error).is_some() => {
                match credentials(error) {
                    Some(CredentialsError::ProviderTimedOut(_)) => Kind::NotSent,
                    _ => Kind::NoCredentials,
                }
            }
            SdkError::ConstructionFailure(_) => Kind::Refused,
            SdkError::DispatchFailure(_) if never_connected(error) => Kind::NotSent,
            _ => Kind::Unclear,
        };
        let said = error.message().map(str::to_owned);
        // A gateway on the way answers with a page, of which an SDK can only say that it is no JSON.
        let bare = status.filter(|_| answered).map(|status| format!("HTTP status {status}, with no reason given"));
        let text = said.or_else(|| code.clone()).or(bare).unwrap_or_else(|| innermost(error));
        Self { kind, api, code, status, text, answered }
    }

    /// AWS answered `api`, and not what it has to answer: what happened is as unknown as without an answer.
    pub(crate) fn unclear(api: &'static str, answer: &Error) -> Self {
        Self { kind: Kind::Unclear, api, code: None, status: None, text: answer.to_string(), answered: true }
    }
}

/// What an answer proves, by its error code and HTTP status.
fn answer(code: &str, status: u16) -> Kind {
    const DENIED: [&str; 18] = [
        "AccessDenied",
        "AccessDeniedException",
        "AllAccessDisabled",
        "AuthFailure",
        "ExpiredToken",
        "ExpiredTokenException",
        "IncompleteSignature",
        "InvalidAccessKeyId",
        "InvalidClientTokenId",
        "InvalidSignatureException",
        "MissingAuthenticationToken",
        "MissingAuthenticationTokenException",
        "NotAuthorized",
        "OptInRequired",
        "RequestExpired",
        "RequestTimeTooSkewed",
        "SignatureDoesNotMatch",
        "UnrecognizedClientException",
    ];
    match code {
        "Throttling"
        | "ThrottlingException"
        | "ThrottledException"
        | "RequestLimitExceeded"
        | "SlowDown"
        | "TooManyRequestsException" => Kind::Throttled,
        _ if DENIED.contains(&code) => Kind::Denied,
        // EMR answers some failures of its own with HTTP 400 and these names, and S3 so a body that did not come.
        "InternalServerError" | "InternalServerException" | "InternalFailure" | "RequestTimeout" => Kind::Unclear,
        _ if status == 429 => Kind::Throttled,
        _ if status == 403 || status == 401 => Kind::Denied,
        // Without a code it is not AWS that answers, but something on the way; and 408 is a time-out.
        "" => Kind::Unclear,
        _ if (400..500).contains(&status) && status != 408 => Kind::Refused,
        _ => Kind::Unclear,
    }
}

fn chain<'a>(error: &'a (dyn StdError + 'static)) -> impl Iterator<Item = &'a (dyn StdError + 'static)> {
    let mut next = Some(error);
    std::iter::from_fn(move || {
        let error = next?;
        next = error.source();
        Some(error)
    })
}

/// Why there are no credentials, where that is why the call failed.
fn credentials<'a>(error: &'a (dyn StdError + 'static)) -> Option<&'a CredentialsError> {
    chain(error).find_map(<dyn StdError>::downcast_ref)
}

fn never_connected(error: &(dyn StdError + 'static)) -> bool {
    let connecting = |error: &hyper_util::client::legacy::Error| error.is_connect();
    chain(error).any(|error| error.downcast_ref().is_some_and(connecting))
}

fn innermost(error: &(dyn StdError + 'static)) -> String {
    let text = chain(error).last().map(ToString::to_string).unwrap_or_default();
    text.split(" (os error").next().unwrap_or_default().to_owned()
}

impl From<Failure> for Error {
    fn from(failure: Failure) -> Self {
        let Failure { kind, api, code, text, .. } = failure;
        let coded = code.filter(|code| *code != text).map_or_else(|| text.clone(), |code| format!("{text} ({code})"));
        match kind {
            Kind::NotSent => Self::new(Outcome::Unavailable, format!("cannot reach AWS for {api}: {text}"))
                .advise("check the network, the region and AWS_ENDPOINT_URL"),
            Kind::GivenUp => Self::new(Outcome::TryAgain, format!("{api} was not sent: {text}")),
            Kind::Throttled => Self::new(Outcome::TryAgain, format!("AWS throttles {api} again and again: {coded}"))
                .advise("try again later"),
            Kind::NoCredentials => Self::new(Outcome::Denied, format!("no AWS credentials were found ({text})"))
                .advise("set AWS_PROFILE, or AWS_ACCESS_KEY_ID and AWS_SECRET_ACCESS_KEY"),
            Kind::Denied => Self::new(Outcome::Denied, format!("AWS denies {api}: {coded}")),
            Kind::Refused => Self::new(Outcome::Usage, format!("AWS refuses {api}: {coded}")),
            Kind::Unclear => Self::new(Outcome::Unavailable, format!("AWS failed on {api}: {coded}")),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn only_a_throttle_and_a_refusal_prove_that_nothing_happened() {
        let table = [
            ("ThrottlingException", 400, Kind::Throttled),
            ("SlowDown", 503, Kind::Throttled),
            ("ValidationException", 400, Kind::Refused),
            ("InvalidRequestException", 400, Kind::Refused),
            ("AccessDeniedException", 400, Kind::Denied),
            ("ExpiredTokenException", 400, Kind::Denied),
            ("", 403, Kind::Denied),
            ("InternalServerException", 400, Kind::Unclear),
            ("InternalServerException", 500, Kind::Unclear),
            ("", 503, Kind::Unclear),
            ("", 400, Kind::Unclear),
            ("", 407, Kind::Unclear),
            ("RequestTimeout", 408, Kind::Unclear),
            ("RequestTimeout", 400, Kind::Unclear),
            ("", 429, Kind::Throttled),
            ("RequestExpired", 400, Kind::Denied),
        ];
        for (code, status, kind) in table {
            assert_eq!(answer(code, status), kind, "{code} {status}");
        }
    }

    #[test]
    fn each_kind_has_its_exit_code() {
        let outcome = |kind| {
            let (code, text) = (Some("C".to_owned()), "t".to_owned());
            let failure = Failure { kind, api: "RunJobFlow", code, status: Some(400), text, answered: true };
            Error::from(failure).outcome
        };
        assert_eq!(outcome(Kind::NotSent), Outcome::Unavailable);
        assert_eq!(outcome(Kind::GivenUp), Outcome::TryAgain);
        assert_eq!(outcome(Kind::Unclear), Outcome::Unavailable);
        assert_eq!(outcome(Kind::Throttled), Outcome::TryAgain);
        assert_eq!(outcome(Kind::NoCredentials), Outcome::Denied);
        assert_eq!(outcome(Kind::Denied), Outcome::Denied);
        assert_eq!(outcome(Kind::Refused), Outcome::Usage);
    }
}

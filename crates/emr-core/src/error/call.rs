//! Failed calls to AWS: what AWS said, what that proves, and the text for the user.
//!
//! All handling of failed calls depends on this type. Only the conversion from the SDK's errors is in `emr-aws`.

use std::sync::Arc;
use std::{fmt, io};

use super::call_kind::CallErrorKind;
use super::strange_answer::StrangeAnswer;
use super::{Error, Outcome, Source};

/// A failed call.
#[derive(Debug, Clone)]
pub struct CallError {
    /// What it proves.
    pub kind: CallErrorKind,
    /// The operation, by its name in the API.
    pub operation: &'static str,
    /// AWS's error code, if AWS answered with one.
    pub code: Option<Box<str>>,
    /// The HTTP status of the answer.
    pub status: Option<u16>,
    /// The request id, by which AWS support finds the request.
    pub request_id: Option<Box<str>>,
    /// The message of AWS or the network.
    pub message: String,
    /// Whether there was an answer.
    pub answered: bool,
    /// The region of the bucket, if S3 redirects there.
    pub region: Option<Box<str>>,
    /// What to do next, if it is more specific than the advice for the kind.
    advice: Option<Box<Advice>>,
    /// Whether an earlier attempt at the same call may have happened.
    was_unclear: bool,
    source: Option<Source>,
}

/// What to do next. Boxed, because few failures have it and results should stay small.
#[derive(Debug, Clone)]
struct Advice(Box<str>);

impl CallError {
    /// A call of `operation` without an answer.
    #[must_use]
    pub fn unanswered(kind: CallErrorKind, operation: &'static str, message: impl Into<String>) -> Self {
        Self {
            kind,
            operation,
            code: None,
            status: None,
            request_id: None,
            message: message.into(),
            answered: false,
            region: None,
            advice: None,
            was_unclear: false,
            source: None,
        }
    }

    /// A call of `operation` with an error as its answer.
    #[must_use]
    pub fn answer(operation: &'static str, code: Option<&str>, status: u16, message: Option<&str>) -> Self {
        // A gateway may answer with an HTML page, of which the SDK has neither code nor message.
        let bare = || format!("HTTP status {status}, with no reason given");
        let message = message.or(code).map_or_else(bare, str::to_owned);
        let kind = match code {
            Some("SignatureDoesNotMatch") if is_about_time(&message) => CallErrorKind::Stale,
            _ => CallErrorKind::of_answer(code.unwrap_or_default(), status),
        };
        let (code, status) = (code.map(Into::into), Some(status));
        Self { code, status, answered: true, ..Self::unanswered(kind, operation, message) }
    }

    /// A call of `operation` whose answer is malformed. What happened is as unclear as without an answer.
    #[must_use]
    pub fn strange(operation: &'static str, answer: &Error) -> Self {
        let call = Self { answered: true, ..Self::unanswered(CallErrorKind::Unclear, operation, answer.to_string()) };
        call.caused_by(answer.clone())
    }

    /// Marks a call that has to be made in `region` instead. Nothing happened.
    #[must_use]
    pub fn elsewhere(self, region: &str) -> Self {
        let message = format!("the bucket is in {region}");
        Self { kind: CallErrorKind::Refused, message, region: Some(region.into()), ..self }
    }

    /// Sets what to do next.
    #[must_use]
    pub fn advise(self, advice: impl Into<Box<str>>) -> Self {
        Self { advice: Some(Box::new(Advice(advice.into()))), ..self }
    }

    /// Sets the cause.
    #[must_use]
    pub fn caused_by(mut self, source: impl std::error::Error + Send + Sync + 'static) -> Self {
        self.source = Some(Arc::new(source));
        self
    }

    /// Notes whether an earlier attempt at the same call `was_unclear`.
    #[must_use]
    pub fn after(self, was_unclear: bool) -> Self {
        Self { was_unclear, ..self }
    }

    /// Whether one of the attempts may have taken effect, or may still do so.
    #[must_use]
    pub fn may_have_happened(&self) -> bool {
        self.was_unclear || self.kind == CallErrorKind::Unclear
    }

    /// Whether this machine ran out of file descriptors for the connection.
    fn lacks_descriptors(&self) -> bool {
        let first = self.source.as_deref().map(|source| source as &(dyn std::error::Error + 'static));
        let mut causes = std::iter::successors(first, |&cause| cause.source());
        self.kind == CallErrorKind::NotSent
            && causes.any(|cause| {
                let code = cause.downcast_ref().and_then(io::Error::raw_os_error);
                matches!(code, Some(ENFILE | EMFILE))
            })
    }

    /// The message, with the error code if that differs.
    fn message_and_code(&self) -> String {
        match self.code.as_deref().filter(|code| *code != self.message) {
            Some(code) => format!("{} ({code})", self.message),
            None => self.message.clone(),
        }
    }
}

/// The errno values for too many open files, in the system and in one process. They are the same on Linux, BSD and
/// macOS.
const ENFILE: i32 = 23;
const EMFILE: i32 = 24;

/// Whether a signature was refused for its time. The other reason is a wrong secret key.
fn is_about_time(message: &str) -> bool {
    message.contains("Signature expired") || message.contains("Signature not yet current")
}

impl fmt::Display for CallError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{}: {}", self.operation, self.message_and_code())?;
        if let Some(status) = self.status {
            write!(f, ", HTTP status {status}")?;
        }
        self.request_id.as_ref().map_or(Ok(()), |id| write!(f, ", request {id}"))
    }
}

impl std::error::Error for CallError {
    fn source(&self) -> Option<&(dyn std::error::Error + 'static)> {
        self.source.as_deref().map(|source| source as _)
    }
}

/// Questions about the failed call behind an error.
impl Error {
    /// The failed call to AWS that caused it, if any.
    #[must_use]
    pub fn call(&self) -> Option<&CallError> {
        self.cause()
    }

    /// AWS's error code, such as `ValidationException`, if any.
    #[must_use]
    pub fn code(&self) -> Option<&str> {
        self.call()?.code.as_deref()
    }

    /// Whether AWS refused the request as wrong.
    #[must_use]
    pub fn is_refused(&self) -> bool {
        self.call().is_some_and(|call| call.kind == CallErrorKind::Refused)
    }

    /// Whether the failed call may have taken effect.
    #[must_use]
    pub fn may_have_happened(&self) -> bool {
        self.call().is_some_and(CallError::may_have_happened)
    }

    /// Whether a retry a little later may succeed.
    #[must_use]
    pub fn may_pass(&self) -> bool {
        match self.call().map(|call| call.kind) {
            Some(
                CallErrorKind::Unsendable
                | CallErrorKind::Unrecorded
                | CallErrorKind::NoCredentials
                | CallErrorKind::Stale
                | CallErrorKind::Denied
                | CallErrorKind::Refused,
            ) => false,
            Some(_) => true,
            None => self.cause::<StrangeAnswer>().is_some(),
        }
    }
}

impl From<CallError> for Error {
    fn from(call: CallError) -> Self {
        let (api, message_and_code) = (call.operation, call.message_and_code());
        if call.lacks_descriptors() {
            let text = format!("{api} was not sent: {}", call.message.to_lowercase());
            return Self::new(Outcome::Io, text).caused_by(call).advise("raise the limit: ulimit -n");
        }
        let (message, advice) = match call.kind {
            CallErrorKind::NotSent => (
                format!("cannot reach AWS for {api}: {}", call.message),
                Some("check the network, the region and AWS_ENDPOINT_URL"),
            ),
            CallErrorKind::GivenUp | CallErrorKind::Unsendable | CallErrorKind::Unrecorded => {
                (format!("{api} was not sent: {}", call.message), None)
            }
            CallErrorKind::Throttled => {
                (format!("AWS throttles {api} again and again: {message_and_code}"), Some("try again later"))
            }
            CallErrorKind::NoCredentials => (
                format!("no AWS credentials were found ({})", call.message),
                Some("set AWS_PROFILE, or AWS_ACCESS_KEY_ID and AWS_SECRET_ACCESS_KEY"),
            ),
            CallErrorKind::Stale | CallErrorKind::Denied => (format!("AWS denies {api}: {message_and_code}"), None),
            CallErrorKind::Refused | CallErrorKind::NotNow => (format!("AWS refuses {api}: {message_and_code}"), None),
            CallErrorKind::Unclear => (format!("AWS failed on {api}: {message_and_code}"), None),
        };
        let advice = call.advice.as_ref().map(|advice| &*advice.0).or(advice).map(str::to_owned);
        let error = Self::new(call.kind.outcome(), message).caused_by(call);
        match advice {
            Some(advice) => error.advise(advice),
            None => error,
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn of(kind: CallErrorKind) -> CallError {
        CallError { kind, ..CallError::answer("RunJobFlow", Some("C"), 400, Some("t")) }
    }

    #[test]
    fn the_error_of_a_call_keeps_operation_and_code() {
        let refused = CallError::answer("RunJobFlow", Some("ValidationException"), 400, Some("No such AMI"));
        let error = Error::from(CallError { request_id: Some("4e2".into()), ..refused }).on("j-A").advise("look");
        assert_eq!(error.to_string(), "j-A: AWS refuses RunJobFlow: No such AMI (ValidationException); look");
        assert_eq!(error.code(), Some("ValidationException"));
        assert_eq!(error.call().map(|call| (call.operation, call.status)), Some(("RunJobFlow", Some(400))));
        let causes: Vec<_> = error.causes().map(ToString::to_string).collect();
        assert_eq!(causes, ["RunJobFlow: No such AMI (ValidationException), HTTP status 400, request 4e2"]);
    }

    #[test]
    fn an_answer_without_a_message_shows_its_code_or_status() {
        let said = |code, message| CallError::answer("ListSteps", code, 503, message).message;
        assert_eq!(said(Some("ServiceUnavailable"), None), "ServiceUnavailable");
        assert_eq!(said(None, None), "HTTP status 503, with no reason given");
        let message_and_code = Error::from(CallError::answer("ListSteps", Some("SlowDown"), 503, None)).to_string();
        assert_eq!(message_and_code, "AWS throttles ListSteps again and again: SlowDown; try again later");
    }

    #[test]
    fn a_call_may_have_happened_if_one_of_its_attempts_is_unclear() {
        let happened = |call: CallError| Error::from(call).may_have_happened();
        assert!(happened(of(CallErrorKind::Unclear)));
        assert!(happened(of(CallErrorKind::Throttled).after(true)));
        for kind in [CallErrorKind::NotSent, CallErrorKind::Throttled, CallErrorKind::Denied, CallErrorKind::Refused] {
            assert!(!happened(of(kind).after(false)), "{kind:?}");
        }
        assert!(!Error::usage("wrong").may_have_happened());
    }

    #[test]
    fn failures_of_the_network_and_of_the_moment_may_pass() {
        let passes = |kind| Error::from(of(kind)).on("j-A").may_pass();
        for kind in [CallErrorKind::NotSent, CallErrorKind::Throttled, CallErrorKind::NotNow, CallErrorKind::Unclear] {
            assert!(passes(kind), "{kind:?}");
        }
        for kind in [CallErrorKind::NoCredentials, CallErrorKind::Denied, CallErrorKind::Refused] {
            assert!(!passes(kind), "{kind:?}");
        }
        assert!(Error::from(StrangeAnswer::new("without a cluster")).may_pass(), "a proxy's answer, perhaps");
        assert!(!Error::usage("wrong").may_pass());
        assert!(!Error::new(Outcome::Unavailable, "for scripts alone").may_pass());
    }

    #[test]
    fn a_bucket_in_another_region_is_a_refusal_that_names_the_region() {
        let head = CallError::answer("HeadObject", None, 301, None);
        assert_eq!(head.kind, CallErrorKind::Unclear, "it could be a gateway's");
        let error = Error::from(head.elsewhere("eu-west-1"));
        assert_eq!(error.to_string(), "AWS refuses HeadObject: the bucket is in eu-west-1");
        assert!(error.is_refused() && error.outcome == Outcome::Usage);
    }

    #[test]
    fn a_signature_refused_for_its_time_is_stale_and_one_of_a_wrong_key_is_denied() {
        let kind = |code, message| CallError::answer("ListSteps", Some(code), 403, Some(message)).kind;
        let expired = "Signature expired: 20261128T100000Z is now earlier than 20261128T115500Z";
        assert_eq!(kind("SignatureDoesNotMatch", expired), CallErrorKind::Stale);
        assert_eq!(kind("InvalidSignatureException", expired), CallErrorKind::Stale);
        let wrong = "The request signature we calculated does not match the signature you provided.";
        assert_eq!(kind("SignatureDoesNotMatch", wrong), CallErrorKind::Denied);
    }

    #[test]
    fn specific_advice_replaces_the_usual_one() {
        let none = CallError::unanswered(CallErrorKind::NoCredentials, "ListSteps", "nobody is logged in");
        let error = Error::from(none.advise("log in"));
        assert_eq!(error.to_string(), "no AWS credentials were found (nobody is logged in); log in");
    }

    #[test]
    fn only_a_refused_request_is_refused() {
        assert!(Error::from(of(CallErrorKind::Refused)).is_refused());
        assert!(!Error::from(of(CallErrorKind::NotNow)).is_refused());
        assert!(!Error::usage("it was never sent").is_refused());
    }

    #[test]
    fn a_strange_answer_is_unclear() {
        let answer = Error::from(StrangeAnswer::new("with the id ''"));
        let call = CallError::strange("RunJobFlow", &answer);
        assert_eq!(
            (call.kind, call.message.as_str()),
            (CallErrorKind::Unclear, "the endpoint answered with the id ''")
        );
        assert!(Error::from(call).cause::<StrangeAnswer>().is_some());
    }

    #[test]
    fn too_many_open_files_are_a_local_failure() {
        let call = CallError::unanswered(CallErrorKind::NotSent, "ListSteps", "Too many open files");
        let error = Error::from(call.caused_by(io::Error::from_raw_os_error(24)));
        assert_eq!(error.outcome, Outcome::Io);
        assert_eq!(error.to_string(), "ListSteps was not sent: too many open files; raise the limit: ulimit -n");
    }

    #[test]
    fn the_cause_of_a_cause_is_found() {
        let call = CallError::unanswered(CallErrorKind::NotSent, "ListSteps", "refused");
        let error = Error::from(call.caused_by(io::Error::from(io::ErrorKind::ConnectionRefused)));
        assert_eq!(error.cause().map(io::Error::kind), Some(io::ErrorKind::ConnectionRefused));
        assert_eq!(error.causes().count(), 2);
    }
}

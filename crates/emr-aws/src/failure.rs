//! Converts the SDK's errors to [`CallError`], which says what a failed call proves. Only this file inspects SDK
//! errors.

use std::error::Error as StdError;

use aws_credential_types::provider::error::CredentialsError;
use aws_sdk_emr::operation::RequestId;
use aws_smithy_runtime_api::client::endpoint::error::ResolveEndpointError;
use aws_smithy_runtime_api::client::orchestrator::HttpResponse;
use aws_smithy_runtime_api::client::result::SdkError;
use aws_smithy_types::error::metadata::ProvideErrorMetadata;
use emr_core::error::{CallError, CallErrorKind};
use emr_core::shell;

use super::clock_skew::{ClockSkew, Sent};
use super::http::OnTheWire;
use super::profile::NotLoggedIn;

/// The failed call of `operation` with the SDK's `error`. An answer of AWS is kept in full. Without one the SDK's error
/// becomes the cause, because it says where the call was lost.
pub(crate) fn failure<E>(operation: &'static str, error: SdkError<E, HttpResponse>) -> CallError
where
    E: ProvideErrorMetadata + StdError + Send + Sync + 'static,
{
    let status = error.raw_response().map(|response| response.status().as_u16());
    let mut call = match &error {
        SdkError::ServiceError(_) => {
            CallError::answer(operation, error.code(), status.unwrap_or_default(), error.message())
        }
        _ => unanswered_call(operation, &error),
    };
    if let Some(region) = error.raw_response().and_then(bucket_region).filter(|_| is_misplaced(call.code.as_deref())) {
        call = call.elsewhere(region);
    }
    if let Some(response) = error.raw_response() {
        call = blame_clock(call, response);
    }
    call.status = status;
    call.request_id = error.request_id().map(Into::into);
    if call.answered { call } else { call.caused_by(error) }
}

/// Names the skew of this machine's clock as the reason of a stale signature. A 403 to HEAD has no code, so it counts as
/// stale and not as denied if the time in the signature was wrong.
fn blame_clock(mut call: CallError, response: &HttpResponse) -> CallError {
    let Some(sent) = response.extension::<Sent>() else { return call };
    let is_uncoded = call.kind == CallErrorKind::Denied && call.code.is_none();
    if is_uncoded && ClockSkew::of(response, sent.signed).is_some() {
        call.kind = CallErrorKind::Stale;
    }
    match ClockSkew::of(response, sent.at) {
        Some(skew) if call.kind == CallErrorKind::Stale => call.advise(format!("{skew}; set it right")),
        _ => call,
    }
}

/// Whether this error code may mean that the bucket is in another region. Answers to HEAD have no code.
fn is_misplaced(code: Option<&str>) -> bool {
    matches!(code, None | Some("PermanentRedirect" | "TemporaryRedirect" | "AuthorizationHeaderMalformed"))
}

/// The region of the bucket, if the response redirects there.
///
/// Source: <https://docs.aws.amazon.com/AmazonS3/latest/userguide/Redirects.html>
fn bucket_region(response: &HttpResponse) -> Option<&str> {
    let is_elsewhere = matches!(response.status().as_u16(), 301 | 307 | 400);
    let told = response.headers().get("x-amz-bucket-region").or_else(|| {
        let body = std::str::from_utf8(response.body().bytes()?).ok()?;
        Some(body.split_once("<Region>")?.1.split_once("</Region>")?.0)
    });
    told.filter(|region| is_elsewhere && region.bytes().all(|byte| byte.is_ascii_alphanumeric() || byte == b'-'))
}

/// The failed call of `operation` without an answer, or with one that the SDK could not parse.
fn unanswered_call<E>(operation: &'static str, error: &SdkError<E, HttpResponse>) -> CallError
where
    E: StdError + 'static,
{
    let call = |message: String| CallError::unanswered(unanswered(error), operation, message);
    if let Some(not_logged_in) = find_cause::<NotLoggedIn>(error) {
        let login = format!("log in: aws sso login --profile {}", shell::quote(&not_logged_in.profile));
        return call(not_logged_in.to_string()).advise(login);
    }
    let message = match find_cause::<CredentialsError>(error) {
        Some(CredentialsError::CredentialsNotLoaded(_)) => not_loaded(&innermost(error)),
        _ => innermost(error),
    };
    if message.contains("custom endpoint") {
        return call(message).advise(
            "unset AWS_USE_FIPS_ENDPOINT and AWS_USE_DUALSTACK_ENDPOINT, or name no endpoint (AWS_ENDPOINT_URL)",
        );
    }
    call(message)
}

/// Why there are no credentials, in few words. The SDK's own texts are a paragraph or nothing.
fn not_loaded(text: &str) -> String {
    if text.starts_with("no credentials found in chain") {
        "neither in the environment, nor in a profile, a web identity, a container or the instance".to_owned()
    } else if text.starts_with("the credential provider was not enabled") {
        "the profile has none".to_owned()
    } else {
        text.to_owned()
    }
}

/// What a missing answer proves.
fn unanswered<E>(error: &SdkError<E, HttpResponse>) -> CallErrorKind
where
    E: StdError + 'static,
{
    match error {
        SdkError::ConstructionFailure(_) | SdkError::DispatchFailure(_) => {
            match find_cause::<CredentialsError>(error) {
                Some(CredentialsError::ProviderTimedOut(_)) => CallErrorKind::NotSent,
                Some(_) => CallErrorKind::NoCredentials,
                None if find_cause::<ResolveEndpointError>(error).is_some() || is_unaddressed(error) => {
                    CallErrorKind::Unsendable
                }
                None if matches!(error, SdkError::ConstructionFailure(_)) => CallErrorKind::Refused,
                None if never_connected(error) => CallErrorKind::NotSent,
                None => CallErrorKind::Unclear,
            }
        }
        _ => CallErrorKind::Unclear,
    }
}

/// Whether the SDK failed before it handed the request to the network.
fn is_unaddressed<E>(error: &SdkError<E, HttpResponse>) -> bool
where
    E: StdError + 'static,
{
    matches!(error, SdkError::DispatchFailure(failure) if failure.is_other())
        && find_cause::<OnTheWire>(error).is_none()
}

fn chain<'a>(error: &'a (dyn StdError + 'static)) -> impl Iterator<Item = &'a (dyn StdError + 'static)> {
    std::iter::successors(Some(error), |&error| error.source())
}

/// The first error of type `T` in the chain of causes.
fn find_cause<'a, T: StdError + 'static>(error: &'a (dyn StdError + 'static)) -> Option<&'a T> {
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

#[cfg(test)]
mod tests {
    use std::time::{Duration, SystemTime};

    use aws_sdk_emr::operation::list_steps::ListStepsError;
    use aws_smithy_runtime_api::client::result::ConnectorError;
    use aws_smithy_runtime_api::http::StatusCode;
    use aws_smithy_types::body::SdkBody;
    use aws_smithy_types::error::ErrorMetadata;
    use emr_core::error::Error;

    use super::*;

    type ListStepsFailed = SdkError<ListStepsError, HttpResponse>;

    fn answered(code: &str, message: &str, status: u16) -> ListStepsFailed {
        let mut response = HttpResponse::new(StatusCode::try_from(status).unwrap(), SdkBody::empty());
        response.headers_mut().insert("x-amzn-requestid", "4e2");
        SdkError::service_error(
            ListStepsError::generic(ErrorMetadata::builder().code(code).message(message).build()),
            response,
        )
    }

    #[test]
    fn the_answer_of_aws_is_kept_word_for_word() {
        let call = failure("ListSteps", answered("ValidationException", "Cluster id 'j-A' is not valid.", 400));
        assert_eq!((call.operation, call.kind), ("ListSteps", CallErrorKind::Refused));
        assert_eq!((call.code.as_deref(), call.status), (Some("ValidationException"), Some(400)));
        assert_eq!((call.request_id.as_deref(), call.answered), (Some("4e2"), true));
        assert_eq!(call.message, "Cluster id 'j-A' is not valid.");
        assert_eq!(Error::from(call).causes().count(), 1, "there is no more to say");
    }

    #[test]
    fn the_region_of_a_bucket_is_read_from_the_headers_or_the_body() {
        let answered = |status: u16, header: Option<&'static str>, body: &'static str| {
            let mut response = HttpResponse::new(StatusCode::try_from(status).unwrap(), SdkBody::from(body));
            header.map(|region| response.headers_mut().insert("x-amz-bucket-region", region));
            let error = ListStepsError::generic(ErrorMetadata::builder().build());
            failure("GetObject", SdkError::service_error(error, response)).region.map(String::from)
        };
        let of = |region: &str| Some(region.to_owned());
        assert_eq!(answered(301, Some("eu-west-1"), ""), of("eu-west-1"));
        assert_eq!(answered(400, None, "<Error><Region>eu-west-1</Region></Error>"), of("eu-west-1"));
        assert_eq!(answered(403, Some("eu-west-1"), ""), None, "S3 sends the region with a refusal, too");
        assert_eq!(answered(301, Some("a b"), ""), None);
        assert_eq!(answered(400, None, ""), None);
    }

    #[test]
    fn a_call_that_nobody_answered_may_have_happened() {
        let timeout = ListStepsFailed::timeout_error("it took too long");
        let reset = ListStepsFailed::dispatch_failure(ConnectorError::io("connection reset".into()));
        for error in [timeout, reset] {
            let call = failure("ListSteps", error);
            assert_eq!((call.kind, call.answered, call.code.as_deref()), (CallErrorKind::Unclear, false, None));
            assert!(call.may_have_happened(), "{call}");
            assert!(Error::from(call).cause::<ListStepsFailed>().is_some(), "it says where the call was lost");
        }
    }

    #[test]
    fn without_credentials_nothing_was_sent() {
        let none = CredentialsError::not_loaded("nobody has any");
        let call = failure("ListSteps", ListStepsFailed::construction_failure(none));
        assert_eq!(call.kind, CallErrorKind::NoCredentials);
        let slow = CredentialsError::provider_timed_out(Duration::from_secs(5));
        let call = failure("ListSteps", ListStepsFailed::construction_failure(slow));
        assert_eq!(call.kind, CallErrorKind::NotSent);
    }

    #[test]
    fn what_fails_before_the_network_was_not_sent() {
        let with = |error| failure("RunJobFlow", ListStepsFailed::dispatch_failure(error));
        let fips = ResolveEndpointError::message("FIPS and custom endpoint are not supported");
        let call = with(ConnectorError::other(fips.into(), None));
        assert_eq!((call.kind, call.may_have_happened()), (CallErrorKind::Unsendable, false));
        assert!(Error::from(call).to_string().contains("unset AWS_USE_FIPS_ENDPOINT"));
        assert_eq!(with(ConnectorError::other("no signer".into(), None)).kind, CallErrorKind::Unsendable);
        let strange = OnTheWire::mark(ConnectorError::other("a header is not UTF-8".into(), None));
        assert_eq!(with(strange).kind, CallErrorKind::Unclear);
    }

    #[test]
    fn a_refusal_is_blamed_on_a_clock_that_was_wrong_when_the_request_was_signed() {
        let (right, wrong) = (SystemTime::UNIX_EPOCH + Duration::from_hours(24), SystemTime::UNIX_EPOCH);
        let denied = |sent: Sent| {
            let mut response = HttpResponse::new(StatusCode::try_from(403).unwrap(), SdkBody::empty());
            response.headers_mut().insert("date", "Fri, 02 Jan 1970 00:00:00 GMT");
            response.add_extension(sent);
            let error = ListStepsError::generic(ErrorMetadata::builder().build());
            failure("HeadObject", SdkError::service_error(error, response))
        };
        let stale = denied(Sent { at: wrong, signed: wrong });
        assert_eq!(stale.kind, CallErrorKind::Stale);
        assert!(Error::from(stale).to_string().contains("this machine's clock is 1d behind AWS's; set it right"));
        for at in [right, wrong] {
            let call = denied(Sent { at, signed: right });
            assert_eq!(call.kind, CallErrorKind::Denied, "the time in the signature was right");
            assert!(!Error::from(call).to_string().contains("clock"));
        }
        assert_eq!(failure("ListSteps", answered("AccessDenied", "no", 403)).kind, CallErrorKind::Denied);
    }
}

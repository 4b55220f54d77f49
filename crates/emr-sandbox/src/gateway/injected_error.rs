//! Injected errors, in the words of the service that the request calls.

use http_body_util::BodyExt as _;
use hyper::body::Incoming;
use hyper::{Request, Response, StatusCode};

use super::answer;
use super::call::Call;
use crate::emr;
use crate::emr::ErrorCode;
use crate::s3::Body;

/// An error that both services have.
#[derive(Clone, Copy, Debug)]
pub(crate) enum InjectedError {
    Deny,
    Internal,
    StaleSignature,
    Throttle,
}

impl InjectedError {
    /// The answer, after the body has been read: a client that is still sending would see a cut
    /// connection instead.
    pub(crate) async fn answer(self, call: &Call, request: Request<Incoming>) -> Response<Body> {
        let mut body = request.into_body();
        while let Some(Ok(_)) = body.frame().await {}
        match call {
            Call::Emr(operation) => answer::emr_error(&self.of_emr(operation)),
            Call::S3(_) => self.of_s3(),
        }
    }

    fn of_emr(self, operation: &str) -> emr::Error {
        match self {
            Self::Throttle => emr::Error::throttled(),
            Self::Internal => emr::Error::new(ErrorCode::Internal, "Internal error"),
            Self::StaleSignature => emr::Error::new(ErrorCode::InvalidSignature, "Signature expired: it is too old"),
            Self::Deny => emr::Error::new(
                ErrorCode::AccessDenied,
                format!(
                    "User: arn:aws:iam::123456789012:user/sandbox is not authorized to perform: \
                     elasticmapreduce:{operation}"
                ),
            ),
        }
    }

    fn of_s3(self) -> Response<Body> {
        let (status, code, message) = match self {
            Self::Throttle => (StatusCode::SERVICE_UNAVAILABLE, "SlowDown", "Please reduce your request rate."),
            Self::Internal => (
                StatusCode::INTERNAL_SERVER_ERROR,
                "InternalError",
                "We encountered an internal error. Please try again.",
            ),
            Self::StaleSignature => (
                StatusCode::FORBIDDEN,
                "RequestTimeTooSkewed",
                "The difference between the request time and the current time is too large.",
            ),
            Self::Deny => (StatusCode::FORBIDDEN, "AccessDenied", "Access Denied"),
        };
        answer::s3_error(status, code, message)
    }
}

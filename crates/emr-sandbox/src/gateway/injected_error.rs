//! Injected errors, in the words of the service that the request calls.

use http_body_util::BodyExt as _;
use hyper::body::Incoming;
use hyper::{Request, Response, StatusCode};

use super::answer;
use super::call::Call;
use crate::emr;
use crate::emr::ErrorCode;
use crate::s3::Body;
use crate::webhdfs;

/// An error that all services have.
#[derive(Clone, Copy, Debug)]
pub(crate) enum InjectedError {
    Deny,
    Internal,
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
            Call::S3(_) => self.of_s3(answer::s3_error),
            Call::WebHdfs(_) => self.of_s3(webhdfs::injected),
        }
    }

    fn of_emr(self, operation: &str) -> emr::Error {
        match self {
            Self::Throttle => emr::Error::throttled(),
            Self::Internal => emr::Error::new(ErrorCode::Internal, "Internal error"),
            Self::Deny => emr::Error::new(
                ErrorCode::AccessDenied,
                format!(
                    "User: arn:aws:iam::123456789012:user/sandbox is not authorized to perform: \
                     elasticmapreduce:{operation}"
                ),
            ),
        }
    }

    /// An error of S3, in the form that `answer` gives it.
    fn of_s3(self, answer: impl FnOnce(StatusCode, &str, &str) -> Response<Body>) -> Response<Body> {
        let (status, code, message) = match self {
            Self::Throttle => (StatusCode::SERVICE_UNAVAILABLE, "SlowDown", "Please reduce your request rate."),
            Self::Internal => (
                StatusCode::INTERNAL_SERVER_ERROR,
                "InternalError",
                "We encountered an internal error. Please try again.",
            ),
            Self::Deny => (StatusCode::FORBIDDEN, "AccessDenied", "Access Denied"),
        };
        answer(status, code, message)
    }
}

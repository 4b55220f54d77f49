//! Refusals on purpose, in the words of the service that was asked.

use http_body_util::BodyExt as _;
use hyper::body::Incoming;
use hyper::{Request, Response, StatusCode};

use super::answer;
use super::call::Call;
use crate::emr::{Error, ErrorCode};
use crate::s3::Body;

/// A refusal that both services have.
#[derive(Clone, Copy, Debug)]
pub(crate) enum Refusal {
    Deny,
    Internal,
    Throttle,
}

impl Refusal {
    /// Refuses, after the body was read: a client that is still sending would see a cut
    /// connection instead.
    pub(crate) async fn answer(self, call: &Call, request: Request<Incoming>) -> Response<Body> {
        let mut body = request.into_body();
        while let Some(Ok(_)) = body.frame().await {}
        match call {
            Call::Emr(operation) => answer::failure(&self.of_emr(operation)),
            Call::S3(_) => self.of_s3(),
        }
    }

    fn of_emr(self, operation: &str) -> Error {
        match self {
            Self::Throttle => Error::throttled(),
            Self::Internal => Error::new(ErrorCode::Internal, "Internal error"),
            Self::Deny => Error::new(
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
            Self::Deny => (StatusCode::FORBIDDEN, "AccessDenied", "Access Denied"),
        };
        answer::xml_error(status, code, message)
    }
}

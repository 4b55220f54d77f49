//! Injected errors, in the words of the called service.

use hyper::body::Incoming;
use hyper::{Request, Response};
use s3s::S3ErrorCode;

use super::answer;
use super::call::Call;
use crate::emr;
use crate::emr::ErrorCode;
use crate::s3::{self, Body};
use crate::unread;
use crate::webhdfs;

/// An error that all services have.
#[derive(Clone, Copy, Debug)]
pub(crate) enum InjectedError {
    Deny,
    Internal,
    NotEnabled,
    StaleSignature,
    Throttle,
}

impl InjectedError {
    /// The answer, after the body has been read: a client that is still sending would see a cut connection instead.
    pub(crate) async fn answer(self, call: &Call, request: Request<Incoming>) -> Response<Body> {
        let (parts, body) = request.into_parts();
        let is_read = unread::drain(body).await;
        let answer = match call {
            Call::Emr(operation) => answer::emr_error(&self.of_emr(operation)),
            Call::S3(_) => s3::refuse(self.of_s3(), &parts.method),
            Call::WebHdfs(_) => webhdfs::refuse(self.of_s3().into()),
        };
        if is_read { answer } else { answer::last(answer) }
    }

    fn of_emr(self, operation: &str) -> emr::Error {
        match self {
            Self::Throttle => emr::Error::throttled(),
            Self::Internal => emr::Error::new(ErrorCode::Internal, "Internal error"),
            Self::StaleSignature => emr::Error::new(ErrorCode::InvalidSignature, "Signature expired: it is too old"),
            Self::NotEnabled => {
                emr::Error::new(ErrorCode::UnrecognizedClient, "The security token included in the request is invalid.")
            }
            Self::Deny => emr::Error::new(
                ErrorCode::AccessDenied,
                format!(
                    "User: arn:aws:iam::123456789012:user/sandbox is not authorized to perform: \
                     elasticmapreduce:{operation}"
                ),
            ),
        }
    }

    fn of_s3(self) -> s3::Refusal {
        let (code, message) = match self {
            Self::Throttle => (S3ErrorCode::SlowDown, "Please reduce your request rate."),
            Self::Internal => (S3ErrorCode::InternalError, "We encountered an internal error. Please try again."),
            Self::StaleSignature => (
                S3ErrorCode::RequestTimeTooSkewed,
                "The difference between the request time and the current time is too large.",
            ),
            Self::NotEnabled => {
                (S3ErrorCode::InvalidAccessKeyId, "The AWS Access Key Id you provided does not exist in our records.")
            }
            Self::Deny => (S3ErrorCode::AccessDenied, "Access Denied"),
        };
        s3::Refusal::new(code, message)
    }
}

//! EMR's error answers: an HTTP status, a code and a message.

use hyper::StatusCode;
use serde_json::{Value, json};

use super::model::ids;

/// An error, in EMR's words.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct Error {
    code: ErrorCode,
    message: String,
}

/// The error codes of EMR that the sandbox uses.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum ErrorCode {
    AccessDenied,
    Internal,
    InvalidRequest,
    InvalidSignature,
    Serialization,
    Throttling,
    UnknownOperation,
    UnrecognizedClient,
    Validation,
}

impl ErrorCode {
    fn name(self) -> &'static str {
        match self {
            Self::AccessDenied => "AccessDeniedException",
            Self::Internal => "InternalServerException",
            Self::InvalidRequest => "InvalidRequestException",
            Self::InvalidSignature => "InvalidSignatureException",
            Self::Serialization => "SerializationException",
            Self::Throttling => "ThrottlingException",
            Self::UnknownOperation => "UnknownOperationException",
            Self::UnrecognizedClient => "UnrecognizedClientException",
            Self::Validation => "ValidationException",
        }
    }
}

impl Error {
    pub(crate) fn new(code: ErrorCode, message: impl Into<String>) -> Self {
        Self { code, message: message.into() }
    }

    /// The code of the older operations, which speak of job flows.
    pub(crate) fn validation(message: impl Into<String>) -> Self {
        Self::new(ErrorCode::Validation, message)
    }

    /// The code of the newer operations, which speak of clusters.
    pub(crate) fn invalid_request(message: impl Into<String>) -> Self {
        Self::new(ErrorCode::InvalidRequest, message)
    }

    /// No cluster has this id; for operations that speak of clusters. For text that can be no id, EMR has other words.
    pub(crate) fn unknown_cluster(id: &str) -> Self {
        if !id.bytes().all(|byte| byte.is_ascii_alphanumeric() || byte == b'-') {
            return Self::validation(format!("clusterId '{id}' is not valid."));
        }
        Self::invalid_request(format!("Cluster id '{id}' is not valid."))
    }

    /// No cluster has this id; for operations that add to a job flow.
    pub(crate) fn unknown_job_flow(id: &str) -> Self {
        if ids::is_cluster(id) {
            Self::validation("Specified job flow ID does not exist.")
        } else {
            Self::bad_job_flow()
        }
    }

    /// No cluster has one of the ids; for operations on several job flows.
    pub(crate) fn bad_job_flow() -> Self {
        Self::validation("Specified job flow ID not valid.")
    }

    /// The cluster has no step of this id.
    pub(crate) fn unknown_step(id: &str) -> Self {
        Self::invalid_request(format!("Step id '{id}' is not valid."))
    }

    /// The cluster is ending or has ended.
    pub(crate) fn ended_job_flow() -> Self {
        Self::validation("A job flow that is shutting down, terminated, or finished may not be modified.")
    }

    /// The requests exceed the quota.
    pub(crate) fn throttled() -> Self {
        Self::new(ErrorCode::Throttling, "Rate exceeded")
    }

    pub(crate) fn status(&self) -> StatusCode {
        match self.code {
            ErrorCode::Internal => StatusCode::INTERNAL_SERVER_ERROR,
            _ => StatusCode::BAD_REQUEST,
        }
    }

    /// The body of the answer. Some errors have `Message` with a capital in EMR's API model.
    pub(crate) fn body(&self) -> Value {
        let name = self.code.name();
        match self.code {
            ErrorCode::UnknownOperation if self.message.is_empty() => json!({ "__type": name }),
            ErrorCode::InvalidRequest | ErrorCode::Internal | ErrorCode::Serialization => {
                json!({ "__type": name, "Message": self.message })
            }
            _ => json!({ "__type": name, "message": self.message }),
        }
    }
}

//! Refusals, as the exceptions that Hadoop's client throws for them.

use hyper::{Response, StatusCode};
use serde_json::json;

use super::json_answer;
use super::request::{HdfsPath, WebHdfsRequest};
use crate::s3::{self, Body, StoreError};

/// A refused request: an exception class and its message.
#[derive(Debug)]
pub(crate) struct Refusal {
    status: StatusCode,
    class: &'static str,
    message: String,
}

impl Refusal {
    pub(super) fn absent(path: &HdfsPath) -> Self {
        let message = format!("No such file or directory '{}'", path.uri());
        Self { status: StatusCode::NOT_FOUND, class: "java.io.FileNotFoundException", message }
    }

    pub(super) fn exists(path: &HdfsPath) -> Self {
        let class = "org.apache.hadoop.fs.FileAlreadyExistsException";
        Self { status: StatusCode::FORBIDDEN, class, message: format!("File already exists: {}", path.uri()) }
    }

    pub(super) fn is_directory(path: &HdfsPath) -> Self {
        let message = format!("{} is a directory", path.uri());
        Self { status: StatusCode::NOT_FOUND, class: "java.io.FileNotFoundException", message }
    }

    /// A parent of the path is a file.
    pub(super) fn below_a_file(path: &HdfsPath) -> Self {
        let class = "org.apache.hadoop.fs.ParentNotDirectoryException";
        Self { status: StatusCode::FORBIDDEN, class, message: format!("Parent is a file: {}", path.uri()) }
    }

    pub(super) fn not_empty(path: &HdfsPath) -> Self {
        let class = "org.apache.hadoop.fs.PathIsNotEmptyDirectoryException";
        Self { status: StatusCode::FORBIDDEN, class, message: format!("`{}': Directory is not empty", path.uri()) }
    }

    /// The request itself is wrong.
    pub(super) fn illegal(message: &str) -> Self {
        let class = "java.lang.IllegalArgumentException";
        Self { status: StatusCode::BAD_REQUEST, class, message: message.to_owned() }
    }

    pub(super) fn io(message: &str) -> Self {
        Self { status: StatusCode::FORBIDDEN, class: "java.io.IOException", message: message.to_owned() }
    }

    pub(super) fn unsupported(asked: &WebHdfsRequest) -> Self {
        let operation = asked.parameter("op").unwrap_or_default();
        let message = format!("{operation} is not supported: {} is in S3, and this is emr-sandbox", asked.path.uri());
        let class = "java.lang.UnsupportedOperationException";
        Self { status: StatusCode::BAD_REQUEST, class, message }
    }

    pub(super) fn answer(self) -> Response<Body> {
        let exception = self.class.rsplit('.').next();
        let body = json!({"RemoteException":
            {"exception": exception, "javaClassName": self.class, "message": self.message}});
        json_answer(self.status, &body)
    }
}

impl From<s3::Refusal> for Refusal {
    /// In the words of EMR's S3 client.
    fn from(refusal: s3::Refusal) -> Self {
        let (status, code) = (refusal.status(), refusal.code());
        let details = format!("Service: Amazon S3; Status Code: {}; Error Code: {code}", status.as_u16());
        let message = format!("{} ({details})", refusal.message());
        Self { status, class: "com.amazonaws.services.s3.model.AmazonS3Exception", message }
    }
}

impl From<StoreError> for Refusal {
    fn from(error: StoreError) -> Self {
        s3::Refusal::from(error).into()
    }
}

impl From<std::io::Error> for Refusal {
    fn from(error: std::io::Error) -> Self {
        Self::io(&format!("emr-sandbox: {error}"))
    }
}

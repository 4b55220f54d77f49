//! HTTP answers of EMR, STS and IAM, and in plain text. S3 makes its own.

use hyper::body::Bytes;
use hyper::header::{CONNECTION, CONTENT_TYPE, HeaderValue};
use hyper::{Response, StatusCode};
use uuid::Uuid;

use crate::emr;
use crate::s3::Body;

/// EMR's answer.
pub(crate) fn emr_json(status: StatusCode, body: String) -> Response<Body> {
    answer(status, "application/x-amz-json-1.1", body)
}

/// EMR's answer to a request that it refuses.
pub(crate) fn emr_error(error: &emr::Error) -> Response<Body> {
    emr_json(error.status(), error.body().to_string())
}

/// An answer of STS or IAM.
pub(crate) fn xml(status: StatusCode, body: String) -> Response<Body> {
    answer(status, "text/xml", body)
}

/// An answer in plain text, for people.
pub(crate) fn text(status: StatusCode, text: &str) -> Response<Body> {
    answer(status, "text/plain", text.to_owned())
}

/// The answer, with the connection closed after it.
pub(crate) fn last(mut answer: Response<Body>) -> Response<Body> {
    answer.headers_mut().insert(CONNECTION, HeaderValue::from_static("close"));
    answer
}

fn answer(status: StatusCode, content_type: &'static str, body: String) -> Response<Body> {
    let mut answer = Response::new(Body::from(Bytes::from(body)));
    *answer.status_mut() = status;
    let headers = answer.headers_mut();
    headers.insert(CONTENT_TYPE, HeaderValue::from_static(content_type));
    if let Ok(id) = HeaderValue::try_from(Uuid::new_v4().to_string()) {
        headers.insert("x-amzn-requestid", id);
    }
    answer
}

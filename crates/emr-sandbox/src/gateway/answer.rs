//! HTTP answers in the forms of EMR, of S3 and of plain text.

use hyper::body::Bytes;
use hyper::header::{CONTENT_TYPE, HeaderValue};
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

/// S3's answer to a request that it refuses.
pub(crate) fn s3_error(status: StatusCode, code: &str, message: &str) -> Response<Body> {
    let xml = format!(
        "<?xml version=\"1.0\" encoding=\"UTF-8\"?>\n<Error><Code>{code}</Code>\
         <Message>{message}</Message><RequestId>{}</RequestId></Error>",
        Uuid::new_v4()
    );
    answer(status, "application/xml", xml)
}

/// An answer of STS or IAM.
pub(crate) fn xml(status: StatusCode, body: String) -> Response<Body> {
    answer(status, "text/xml", body)
}

/// An answer that a person reads.
pub(crate) fn text(status: StatusCode, text: &str) -> Response<Body> {
    answer(status, "text/plain", text.to_owned())
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

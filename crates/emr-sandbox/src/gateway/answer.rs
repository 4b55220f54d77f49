//! Answers that are made here and not by a service of their own.

use hyper::body::Bytes;
use hyper::header::{CONTENT_TYPE, HeaderValue};
use hyper::{Response, StatusCode};
use uuid::Uuid;

use crate::emr::Error;
use crate::s3::Body;

/// An answer of EMR.
pub(crate) fn json(status: StatusCode, body: String) -> Response<Body> {
    answer(status, "application/x-amz-json-1.1", body)
}

/// A refusal of EMR.
pub(crate) fn failure(failure: &Error) -> Response<Body> {
    json(failure.status(), failure.body().to_string())
}

/// A refusal of S3.
pub(crate) fn xml_error(status: StatusCode, code: &str, message: &str) -> Response<Body> {
    let xml = format!(
        "<?xml version=\"1.0\" encoding=\"UTF-8\"?>\n<Error><Code>{code}</Code>\
         <Message>{message}</Message><RequestId>{}</RequestId></Error>",
        Uuid::new_v4()
    );
    answer(status, "application/xml", xml)
}

/// An answer for people.
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

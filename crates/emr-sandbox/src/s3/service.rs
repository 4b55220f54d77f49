//! The HTTP service: accepts any S3 request, whoever signed it, and lets `s3s` speak the protocol.
//!
//! `s3s` refuses a signed request that it cannot verify. The sandbox knows no secret keys, so it removes
//! the signature first, and decodes the body, whose encoding may depend on the signature.

use std::sync::Arc;

use hyper::body::{Body as _, Incoming};
use hyper::header::{AUTHORIZATION, CONNECTION, DATE, EXPECT, HeaderName, HeaderValue};
use hyper::http::uri::{PathAndQuery, Uri};
use hyper::{Request, Response, StatusCode};
use s3s::dto::{Timestamp, TimestampFormat};
use s3s::service::{S3Service, S3ServiceBuilder};
use s3s::{Body, S3Error, S3ErrorCode};

use super::api::Api;
use super::payload;
use crate::s3::store::Store;
use crate::s3::store::object::now;

/// Answers S3 requests from a [`Store`].
pub(crate) struct Service {
    s3: S3Service,
}

impl Service {
    pub(crate) fn new(store: Arc<Store>) -> Service {
        Service { s3: S3ServiceBuilder::new(Api::new(store)).build() }
    }

    /// Answers one request. A failure of the sandbox becomes S3's `InternalError`.
    pub(crate) async fn call(&self, request: Request<Incoming>) -> Response<Body> {
        let (mut parts, body) = request.into_parts();
        let awaits_continue = parts.headers.contains_key(EXPECT) && body.is_end_stream();
        parts.headers.remove(AUTHORIZATION);
        parts.uri = without_signature(parts.uri);
        let body = payload::decode(&mut parts, body);
        let mut response = match self.s3.call(Request::from_parts(parts, body)).await {
            Ok(response) => response,
            Err(error) => internal_error(error.into()),
        };
        add_common_headers(&mut response);
        if awaits_continue {
            // Hyper sends `100 Continue` only for a body, S3 always. The AWS CLI (1.46), which expects it,
            // would misread the next answer on the same connection.
            let close = HeaderValue::from_static("close");
            response.headers_mut().insert(CONNECTION, close);
        }
        response
    }
}

fn internal_error(error: s3s::StdError) -> Response<Body> {
    log::error!("S3 answer failed: {error}");
    S3Error::with_source(S3ErrorCode::InternalError, error).to_http_response().unwrap_or_else(|_| {
        let mut response = Response::new(Body::empty());
        *response.status_mut() = StatusCode::INTERNAL_SERVER_ERROR;
        response
    })
}

/// Adds the headers of every answer of S3.
fn add_common_headers(response: &mut Response<Body>) {
    let headers = response.headers_mut();
    let id = uuid::Uuid::new_v4().simple().to_string().to_uppercase();
    if let Ok(id) = HeaderValue::try_from(&id[..16]) {
        headers.insert(HeaderName::from_static("x-amz-request-id"), id);
    }
    let mut date = Vec::new();
    if Timestamp::from(now()).format(TimestampFormat::HttpDate, &mut date).is_ok()
        && let Ok(date) = HeaderValue::try_from(date)
    {
        headers.insert(DATE, date);
    }
}

/// The query parameters of presigned URLs, of signature versions 4 and 2.
const PRESIGNED: [&str; 10] = [
    "X-Amz-Algorithm",
    "X-Amz-Credential",
    "X-Amz-Date",
    "X-Amz-Expires",
    "X-Amz-Security-Token",
    "X-Amz-Signature",
    "X-Amz-SignedHeaders",
    "AWSAccessKeyId",
    "Expires",
    "Signature",
];

/// The URI without the parameters of a presigned URL.
fn without_signature(uri: Uri) -> Uri {
    let Some(query) = uri.query() else {
        return uri;
    };
    let kept: Vec<&str> =
        query.split('&').filter(|pair| !PRESIGNED.contains(&pair.split('=').next().unwrap_or_default())).collect();
    if kept.len() == query.split('&').count() {
        return uri;
    }
    let path = match kept.join("&") {
        kept if kept.is_empty() => uri.path().to_owned(),
        kept => format!("{}?{kept}", uri.path()),
    };
    let mut parts = uri.clone().into_parts();
    parts.path_and_query = PathAndQuery::try_from(path).ok();
    Uri::from_parts(parts).unwrap_or(uri)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn stripped(uri: &'static str) -> String {
        without_signature(Uri::from_static(uri)).to_string()
    }

    #[test]
    fn a_presigned_url_loses_its_signature_and_nothing_else() {
        assert_eq!(stripped("/b/k%2B?partNumber=1&X-Amz-Signature=00&uploadId=x"), "/b/k%2B?partNumber=1&uploadId=x");
        assert_eq!(stripped("/b/k?AWSAccessKeyId=a&Signature=b&Expires=1"), "/b/k");
        assert_eq!(stripped("/b?list-type=2&prefix=Signature"), "/b?list-type=2&prefix=Signature");
        assert_eq!(stripped("/b?uploads"), "/b?uploads");
    }
}

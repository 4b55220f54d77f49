//! The HTTP service: accepts any S3 request, whoever signed it; `s3s` handles the protocol.
//!
//! `s3s` refuses signed requests that it cannot verify. The sandbox knows no secret keys, so it first removes the
//! signature and decodes the body, whose encoding may depend on the signature.

use std::sync::Arc;

use bytes::Bytes;
use hyper::body::{Body as _, Incoming};
use hyper::header::{
    AUTHORIZATION, CONNECTION, CONTENT_LENGTH, CONTENT_RANGE, CONTENT_TYPE, DATE, EXPECT, HeaderName, HeaderValue,
    SERVER,
};
use hyper::http::request::Parts;
use hyper::http::uri::{PathAndQuery, Uri};
use hyper::{Method, Request, Response, StatusCode};
use s3s::dto::{Timestamp, TimestampFormat};
use s3s::service::{S3Service, S3ServiceBuilder};
use s3s::{Body, S3Error, S3ErrorCode};

use super::api::{Api, arn};
use super::creation::Creation;
use super::payload::{self, Rest};
use super::refusal::{self, Refusal};
use super::withheld::Withheld;
use super::{address, arguments, copy_source, length, operation};
use crate::s3::store::Store;
use crate::s3::store::object::now;
use crate::unread;

/// The XML declaration.
const DECLARATION: &str = "<?xml version=\"1.0\" encoding=\"UTF-8\"?>";

/// The end of the root element's start tag.
const XMLNS: &str = "xmlns=\"http://s3.amazonaws.com/doc/2006-03-01/\">";

/// Answers S3 requests from a [`Store`].
pub(crate) struct Service {
    s3: S3Service,
    store: Arc<Store>,
}

impl Service {
    pub(crate) fn new(store: Arc<Store>) -> Service {
        Service { s3: S3ServiceBuilder::new(Api::new(Arc::clone(&store))).build(), store }
    }

    /// Answers a request. A failure of the sandbox becomes S3's `InternalError`.
    pub(crate) async fn call(&self, request: Request<Incoming>) -> Response<Body> {
        let (mut parts, body) = request.into_parts();
        let method = parts.method.clone();
        let awaits_continue = parts.headers.contains_key(EXPECT);
        let is_empty = body.is_end_stream();
        let mut creation = Creation::new(&parts.headers);
        let (body, rest) = payload::decode(&mut parts, body);
        let prepared = prepare(&mut parts, !is_empty);
        let (name, bucket) = (operation(&parts), address::bucket_of(parts.uri.path()));
        let body = if name == "CreateBucket" { creation.read(body).await } else { body };
        parts.extensions.insert(creation);
        let request = match (name, is_empty) {
            ("CompleteMultipartUpload", true) => Request::from_parts(parts, no_parts()),
            _ => Request::from_parts(parts, body),
        };
        let answered = match prepared {
            Ok(()) => {
                let answered = self.s3.call(request).await;
                let answered = answered.unwrap_or_else(|error| internal_error(error.into()));
                match answered.status() {
                    StatusCode::BAD_REQUEST if name == "CreateBucket" => rest.take_error().map_or(answered, answer),
                    StatusCode::INTERNAL_SERVER_ERROR => rest.take_error().map_or(answered, answer),
                    // S3 checks the bucket first.
                    StatusCode::NOT_IMPLEMENTED => self.without_bucket(&bucket).unwrap_or(answered),
                    StatusCode::OK if name == "ListBuckets" => rewritten(answered, |xml| Some(with_arns(xml))),
                    StatusCode::OK if name.contains("Copy") => rewritten(answered, with_namespace),
                    StatusCode::OK if name == "GetBucketLocation" => rewritten(answered, with_closed_root),
                    StatusCode::OK if name == "GetObjectAttributes" => rewritten(answered, with_bare_etag),
                    _ => answered,
                }
            }
            Err(refusal) => {
                drop(request);
                answer(refusal.into())
            }
        };
        let mut response = finish(answered, &method);
        if must_close(&rest, awaits_continue, is_empty).await {
            response.headers_mut().insert(CONNECTION, HeaderValue::from_static("close"));
        }
        response
    }

    /// S3's answer if the bucket does not exist.
    fn without_bucket(&self, bucket: &str) -> Option<Response<Body>> {
        let missing = self.store.with_bucket(bucket, |_| Ok(())).err().filter(|_| !bucket.is_empty())?;
        Some(answer(missing.into()))
    }
}

/// The body of a completion without parts. Clients may omit it.
fn no_parts() -> Body {
    Body::from(Bytes::from_static(b"<CompleteMultipartUpload/>"))
}

/// Rewrites the XML that `s3s` wrote.
fn rewritten(mut response: Response<Body>, rewrite: impl Fn(&str) -> Option<String>) -> Response<Body> {
    let written = response.body().bytes();
    if let Some(xml) = written.as_deref().and_then(|written| rewrite(std::str::from_utf8(written).ok()?)) {
        *response.body_mut() = Body::from(Bytes::from(xml));
        response.headers_mut().remove(CONTENT_LENGTH);
    }
    response
}

/// Adds a line break after the XML declaration, as S3 does.
fn with_line_break(xml: &str) -> Option<String> {
    let rest = xml.strip_prefix(DECLARATION)?;
    rest.starts_with('<').then(|| format!("{DECLARATION}\n{rest}"))
}

/// Adds the namespace to the result of a copy.
fn with_namespace(xml: &str) -> Option<String> {
    let (root, members) = xml.strip_prefix(DECLARATION)?.split_once('>')?;
    (!root.contains("xmlns")).then(|| format!("{DECLARATION}{root} {XMLNS}{members}"))
}

/// Writes an empty root as one tag.
fn with_closed_root(xml: &str) -> Option<String> {
    let root = xml.strip_suffix("></LocationConstraint>")?;
    root.ends_with('"').then(|| format!("{root}/>"))
}

/// Puts the `ETag` first, without quotes. S3 omits them only here.
fn with_bare_etag(xml: &str) -> Option<String> {
    let (before, rest) = xml.split_once("<ETag>\"")?;
    let (etag, after) = rest.split_once("\"</ETag>")?;
    let (head, members) = before.split_at(before.find(XMLNS).map(|at| at + XMLNS.len())?);
    Some(format!("{head}<ETag>{etag}</ETag>{members}{after}"))
}

/// Adds the ARNs of buckets, which `s3s` does not know, to a list of buckets.
fn with_arns(xml: &str) -> String {
    xml.split("<Bucket>").enumerate().map(|(n, piece)| with_arn(n, piece)).collect()
}

/// A piece of a list of buckets. All but the first start with a bucket.
fn with_arn(n: usize, piece: &str) -> String {
    let name = piece.split_once("<Name>").and_then(|(_, rest)| rest.split_once("</Name>"));
    match name {
        Some((name, _)) if n > 0 => format!("<Bucket><BucketArn>{}</BucketArn>{piece}", arn(name)),
        _ => piece.to_owned(),
    }
}

/// S3's answer to a request that never reaches an operation.
pub(crate) fn refuse(refusal: Refusal, method: &Method) -> Response<Body> {
    finish(answer(refusal.into()), method)
}

/// Changes a request so that `s3s` reads it as S3 does, or refuses it in S3's words.
fn prepare(parts: &mut Parts, has_body: bool) -> Result<(), Refusal> {
    parts.headers.remove(AUTHORIZATION);
    parts.uri = without_signature(std::mem::take(&mut parts.uri));
    address::check_names(parts.uri.path())?;
    arguments::check(parts)?;
    operation::check(parts)?;
    copy_source::normalize(&mut parts.headers)?;
    length::check(parts, has_body)?;
    Withheld::take_from(parts);
    Ok(())
}

/// Whether the connection must be closed after the answer. Reads the unread rest of the body, unless the client still
/// waits for `100 Continue`, which Hyper sends when the body is read.
async fn must_close(rest: &Rest, awaits_continue: bool, is_empty: bool) -> bool {
    match rest.take() {
        // Unlike S3, Hyper sends no `100 Continue` for an empty body. The AWS CLI (1.46) expects it, and would misread
        // the next answer on the connection.
        None => awaits_continue && is_empty,
        Some((_, false)) if awaits_continue => true,
        Some((body, _)) => !unread::drain(body).await,
    }
}

fn internal_error(error: s3s::StdError) -> Response<Body> {
    log::error!("cannot answer an S3 request: {error}");
    answer(S3Error::with_source(S3ErrorCode::InternalError, error))
}

fn answer(error: S3Error) -> Response<Body> {
    error.to_http_response().unwrap_or_else(|_| {
        let mut response = Response::new(Body::empty());
        *response.status_mut() = StatusCode::INTERNAL_SERVER_ERROR;
        response
    })
}

/// Adds what `s3s` leaves out: the headers of every answer, the members of errors, and the status 206 for a part of an
/// object, which `s3s` sets only for GET.
fn finish(mut response: Response<Body>, method: &Method) -> Response<Body> {
    let request_id = uuid::Uuid::new_v4().simple().to_string().to_uppercase()[..16].to_owned();
    let host_id = base64_simd::STANDARD.encode_to_string(uuid::Uuid::new_v4().as_bytes());
    let status = response.status();
    if status == StatusCode::NOT_MODIFIED || *method == Method::HEAD && !status.is_success() {
        refusal::take_members(response.headers_mut());
        *response.body_mut() = Body::empty();
        if status != StatusCode::NOT_MODIFIED {
            response.headers_mut().insert(CONTENT_TYPE, HeaderValue::from_static("application/xml"));
        }
    } else if !status.is_success() {
        complete_error(&mut response, &request_id, &host_id);
    } else if status == StatusCode::OK && response.headers().contains_key(CONTENT_RANGE) {
        *response.status_mut() = StatusCode::PARTIAL_CONTENT;
    }
    let mut response = rewritten(response, with_line_break);
    let headers = response.headers_mut();
    put(headers, HeaderName::from_static("x-amz-request-id"), request_id.as_bytes());
    put(headers, HeaderName::from_static("x-amz-id-2"), host_id.as_bytes());
    headers.insert(SERVER, HeaderValue::from_static("AmazonS3"));
    let mut date = Vec::new();
    if Timestamp::from(now()).format(TimestampFormat::HttpDate, &mut date).is_ok() {
        put(headers, DATE, &date);
    }
    response
}

/// Completes the XML of an error.
fn complete_error(response: &mut Response<Body>, request_id: &str, host_id: &str) {
    let members = refusal::take_members(response.headers_mut());
    let written = response.body().bytes().unwrap_or_default();
    let xml = refusal::complete_xml(&String::from_utf8_lossy(&written), &members, request_id, host_id);
    *response.body_mut() = Body::from(Bytes::from(xml));
    let headers = response.headers_mut();
    headers.remove(CONTENT_LENGTH);
    headers.insert(CONTENT_TYPE, HeaderValue::from_static("application/xml"));
}

fn put(headers: &mut hyper::HeaderMap, name: HeaderName, value: &[u8]) {
    if let Ok(value) = HeaderValue::from_bytes(value) {
        headers.insert(name, value);
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
    fn xml_is_rewritten_as_s3_writes_it() {
        assert_eq!(
            with_arns("<Buckets><Bucket><Name>a</Name></Bucket><Bucket><Name>b</Name></Bucket></Buckets>"),
            "<Buckets><Bucket><BucketArn>arn:aws:s3:::a</BucketArn><Name>a</Name></Bucket>\
             <Bucket><BucketArn>arn:aws:s3:::b</BucketArn><Name>b</Name></Bucket></Buckets>"
        );
        let attributes = |members: &str| format!("<R xmlns=\"http://s3.amazonaws.com/doc/2006-03-01/\">{members}</R>");
        let written = attributes("<Checksum></Checksum><ETag>\"e\"</ETag><ObjectSize>1</ObjectSize>");
        let wanted = attributes("<ETag>e</ETag><Checksum></Checksum><ObjectSize>1</ObjectSize>");
        let copied = format!("{DECLARATION}<CopyPartResult><ETag>e</ETag></CopyPartResult>");
        assert!(with_namespace(&copied).unwrap().contains(&format!("<CopyPartResult {XMLNS}<ETag>")));
        let location = format!("{DECLARATION}<LocationConstraint {XMLNS}</LocationConstraint>");
        assert!(with_closed_root(&location).unwrap().ends_with("2006-03-01/\"/>"));
        assert_eq!(with_bare_etag(&written).unwrap(), wanted);
        assert_eq!(with_line_break(&format!("{DECLARATION}<R/>")).unwrap(), format!("{DECLARATION}\n<R/>"));
    }

    #[test]
    fn a_presigned_url_loses_its_signature_and_nothing_else() {
        assert_eq!(stripped("/b/k%2B?partNumber=1&X-Amz-Signature=00&uploadId=x"), "/b/k%2B?partNumber=1&uploadId=x");
        assert_eq!(stripped("/b/k?AWSAccessKeyId=a&Signature=b&Expires=1"), "/b/k");
        assert_eq!(stripped("/b?list-type=2&prefix=Signature"), "/b?list-type=2&prefix=Signature");
        assert_eq!(stripped("/b?uploads"), "/b?uploads");
    }
}

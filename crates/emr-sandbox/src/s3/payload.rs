//! Decodes the body of a request from `aws-chunked`, compares its SHA-256 with the signed one, and gives up on a client
//! that stops sending.
//!
//! Errors appear only when the body is read, so they are part of the stream. [`PayloadError`] has S3's answer to each.

use std::sync::{Arc, Mutex, OnceLock};

use bytes::Bytes;
use futures_util::stream::try_unfold;
use http_body_util::{BodyExt as _, StreamBody};
use hyper::HeaderMap;
use hyper::body::{Body as _, Frame, Incoming};
use hyper::header::{CONTENT_ENCODING, CONTENT_LENGTH, HeaderValue, TRANSFER_ENCODING};
use hyper::http::request::Parts;
use s3s::crypto::{Checksum as _, Sha256};
use s3s::{Body, S3Error, S3ErrorCode};
use thiserror::Error;
use tokio::time::timeout;

use super::chunked::{Decoder, Malformed};
use super::refusal::Refusal;
use crate::lock::lock;
use crate::unread::STALLED;

/// The body differs from what the request announced.
#[derive(Debug, Error)]
pub(super) enum PayloadError {
    #[error("The provided 'x-amz-content-sha256' header does not match what was computed.")]
    Sha256Mismatch { signed: String, computed: String },
    #[error(transparent)]
    Malformed(#[from] Malformed),
    #[error("You did not provide the number of bytes specified by the Content-Length HTTP header")]
    Incomplete,
    #[error(
        "Your socket connection to the server was not read from or written to within the timeout period. Idle connections will be closed."
    )]
    Stalled,
    #[error("The connection broke: {0}")]
    Broken(#[from] hyper::Error),
}

impl From<&PayloadError> for S3Error {
    fn from(error: &PayloadError) -> S3Error {
        let refuse = |code| Refusal::new(code, error.to_string());
        let status = hyper::StatusCode::BAD_REQUEST;
        let refusal = match error {
            PayloadError::Sha256Mismatch { signed, computed } => {
                Refusal::custom("XAmzContentSHA256Mismatch", status, error.to_string())
                    .with("ClientComputedContentSHA256", signed)
                    .with("S3ComputedContentSHA256", computed)
            }
            PayloadError::Malformed(_) => refuse(S3ErrorCode::InvalidRequest),
            PayloadError::Incomplete => refuse(S3ErrorCode::IncompleteBody),
            PayloadError::Stalled | PayloadError::Broken(_) => refuse(S3ErrorCode::RequestTimeout),
        };
        refusal.into()
    }
}

/// The trailers of a request, set once its body has been read. An extension of the request.
#[derive(Clone, Default)]
pub(super) struct Trailers(Arc<OnceLock<HeaderMap>>);

impl Trailers {
    pub(super) fn get(&self) -> Option<&HeaderMap> {
        self.0.get()
    }
}

/// The unread rest of a body, once the operation has dropped it.
#[derive(Clone, Default)]
pub(super) struct Rest(Arc<Mutex<Left>>);

#[derive(Default)]
struct Left {
    body: Option<(Incoming, bool)>,
    error: Option<S3Error>,
}

impl Rest {
    /// The unread rest, and whether any of the body was read; `None` after the end of the body.
    pub(super) fn take(&self) -> Option<(Incoming, bool)> {
        lock(&self.0).body.take()
    }

    /// The error of reading the body. If `s3s` reads a whole body, it reports such an error as a failure of its own.
    pub(super) fn take_error(&self) -> Option<S3Error> {
        lock(&self.0).error.take()
    }
}

/// Decodes `body`, and changes the headers in `parts` to describe the decoded body.
pub(super) fn decode(parts: &mut Parts, body: Incoming) -> (Body, Rest) {
    let rest = Rest::default();
    let is_encoded = remove_encoding(&mut parts.headers);
    if body.is_end_stream() {
        return (Body::from(body), rest);
    }
    let sha256 =
        parts.headers.get("x-amz-content-sha256").and_then(|value| value.to_str().ok()).unwrap_or_default().to_owned();
    let is_chunked = is_encoded && parts.headers.contains_key("x-amz-decoded-content-length");
    let chunked = sha256.starts_with("STREAMING-") || is_chunked;
    let trailers = Trailers::default();
    parts.extensions.insert(trailers.clone());
    let payload = Payload {
        body: Some(body),
        is_begun: false,
        left: Bytes::new(),
        decoder: chunked.then(Decoder::new),
        promised: chunked.then(|| describe_decoded(&mut parts.headers)).flatten(),
        sha256: (!chunked && sha256.len() == 64).then(|| (Sha256::new(), sha256)),
        trailers,
        rest: rest.clone(),
    };
    let body = Body::http_body_unsync(StreamBody::new(try_unfold(payload, |mut payload| async {
        let data = payload.next().await;
        let data = data.inspect_err(|error| lock(&payload.rest.0).error = Some(error.into()))?;
        Ok::<_, PayloadError>(data.map(|data| (Frame::data(data), payload)))
    })));
    (body, rest)
}

/// Removes `aws-chunked`, which S3 never stores, from the encodings of a body. Returns whether it was there.
fn remove_encoding(headers: &mut HeaderMap) -> bool {
    let Some(encodings) = headers.get(CONTENT_ENCODING).and_then(|value| value.to_str().ok()) else {
        return false;
    };
    let is_there = encodings.contains("aws-chunked");
    let kept: Vec<&str> = encodings
        .split(',')
        .map(str::trim)
        .filter(|encoding| !encoding.is_empty() && *encoding != "aws-chunked")
        .collect();
    match HeaderValue::try_from(kept.join(", ")) {
        Ok(value) if !value.is_empty() => headers.insert(CONTENT_ENCODING, value),
        _ => headers.remove(CONTENT_ENCODING),
    };
    is_there
}

/// Sets the headers to the length of the decoded body. Returns it, if the request has it.
fn describe_decoded(headers: &mut HeaderMap) -> Option<u64> {
    headers.remove(TRANSFER_ENCODING);
    headers.remove(CONTENT_LENGTH);
    let length = headers.get("x-amz-decoded-content-length")?.clone();
    headers.insert(CONTENT_LENGTH, length.clone());
    length.to_str().ok()?.parse().ok()
}

/// A body being read.
struct Payload {
    /// `None` once it has ended.
    body: Option<Incoming>,
    /// Whether any of it was read.
    is_begun: bool,
    /// Received bytes that are not yet decoded.
    left: Bytes,
    decoder: Option<Decoder>,
    /// Decoded bytes that are still expected.
    promised: Option<u64>,
    sha256: Option<(Sha256, String)>,
    trailers: Trailers,
    rest: Rest,
}

impl Drop for Payload {
    fn drop(&mut self) {
        if let Some(body) = self.body.take() {
            lock(&self.rest.0).body = Some((body, self.is_begun));
        }
    }
}

impl Payload {
    /// The next bytes; `None` at the end of a correct body.
    async fn next(&mut self) -> Result<Option<Bytes>, PayloadError> {
        loop {
            let decoded = match &mut self.decoder {
                Some(decoder) => decoder.decode(&mut self.left)?,
                None => Some(std::mem::take(&mut self.left)).filter(|left| !left.is_empty()),
            };
            if let Some(data) = decoded {
                self.note(&data)?;
                return Ok(Some(data));
            }
            match self.receive().await? {
                Some(data) => self.left = data,
                None => return self.end().map(|()| None),
            }
        }
    }

    /// The next bytes, undecoded.
    async fn receive(&mut self) -> Result<Option<Bytes>, PayloadError> {
        self.is_begun = true;
        let Some(body) = &mut self.body else {
            return Ok(None);
        };
        let frame = timeout(STALLED, body.frame()).await.map_err(|_| PayloadError::Stalled)?;
        match frame.transpose() {
            Ok(Some(frame)) => Ok(Some(frame.into_data().unwrap_or_default())),
            ended => {
                self.body = None;
                ended.map(|_| None).map_err(PayloadError::Broken)
            }
        }
    }

    fn note(&mut self, data: &Bytes) -> Result<(), PayloadError> {
        if let Some((hasher, _)) = &mut self.sha256 {
            hasher.update(data);
        }
        if let Some(promised) = &mut self.promised {
            *promised = promised.checked_sub(data.len() as u64).ok_or(PayloadError::Incomplete)?;
        }
        Ok(())
    }

    fn end(&mut self) -> Result<(), PayloadError> {
        if let Some(decoder) = self.decoder.take() {
            // A body ends once, and only this sets the trailers.
            let _ = self.trailers.0.set(decoder.finish()?);
        }
        if self.promised.is_some_and(|promised| promised > 0) {
            return Err(PayloadError::Incomplete);
        }
        let Some((hasher, signed)) = self.sha256.take() else {
            return Ok(());
        };
        let computed = hex::encode(hasher.finalize());
        let is_right = computed.eq_ignore_ascii_case(&signed);
        if is_right { Ok(()) } else { Err(PayloadError::Sha256Mismatch { signed, computed }) }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn headers_describe_the_decoded_body() {
        let mut headers = HeaderMap::new();
        headers.insert(CONTENT_ENCODING, HeaderValue::from_static("aws-chunked, gzip"));
        headers.insert(CONTENT_LENGTH, HeaderValue::from_static("99"));
        headers.insert("x-amz-decoded-content-length", HeaderValue::from_static("5"));
        remove_encoding(&mut headers);
        assert_eq!(describe_decoded(&mut headers), Some(5));
        assert_eq!(headers[CONTENT_LENGTH], "5");
        assert_eq!(headers[CONTENT_ENCODING], "gzip");
        headers.insert(CONTENT_ENCODING, HeaderValue::from_static("aws-chunked"));
        remove_encoding(&mut headers);
        assert!(!headers.contains_key(CONTENT_ENCODING));
    }
}

//! Decodes the body of a request from `aws-chunked`, and compares its SHA-256 with the one that the
//! client signed.
//!
//! Whether a body is right is known only at its end, so its errors are part of the stream;
//! [`PayloadError`] has S3's answer to each.

use std::sync::{Arc, OnceLock};

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

use super::chunked::{Decoder, Malformed};

/// The body is not the one that the request announced.
#[derive(Debug, Error)]
pub(super) enum PayloadError {
    #[error("The provided 'x-amz-content-sha256' header does not match what was computed.")]
    Sha256Mismatch,
    #[error(transparent)]
    Malformed(#[from] Malformed),
    #[error("You did not provide the number of bytes specified by the Content-Length HTTP header")]
    Incomplete,
    #[error("The connection broke: {0}")]
    Broken(#[from] hyper::Error),
}

impl From<&PayloadError> for S3Error {
    fn from(error: &PayloadError) -> S3Error {
        let code = match error {
            PayloadError::Sha256Mismatch => S3ErrorCode::Custom("XAmzContentSHA256Mismatch".into()),
            PayloadError::Malformed(_) => S3ErrorCode::InvalidRequest,
            PayloadError::Incomplete => S3ErrorCode::IncompleteBody,
            PayloadError::Broken(_) => S3ErrorCode::RequestTimeout,
        };
        let mut answer = S3Error::with_message(code, error.to_string());
        answer.set_status_code(hyper::StatusCode::BAD_REQUEST);
        answer
    }
}

/// The trailers of a request, set once its body has been read. One of the request's extensions.
#[derive(Clone, Default)]
pub(super) struct Trailers(Arc<OnceLock<HeaderMap>>);

impl Trailers {
    pub(super) fn get(&self) -> Option<&HeaderMap> {
        self.0.get()
    }
}

/// Decodes `body`, and changes the headers in `parts` to describe what it decodes to.
pub(super) fn decode(parts: &mut Parts, body: Incoming) -> Body {
    let sha256 =
        parts.headers.get("x-amz-content-sha256").and_then(|value| value.to_str().ok()).unwrap_or_default().to_owned();
    let chunked = sha256.starts_with("STREAMING-");
    if !chunked && (sha256.len() != 64 || body.is_end_stream()) {
        return Body::from(body);
    }
    let trailers = Trailers::default();
    parts.extensions.insert(trailers.clone());
    let payload = Payload {
        body,
        left: Bytes::new(),
        decoder: chunked.then(Decoder::new),
        promised: chunked.then(|| describe_decoded(&mut parts.headers)).flatten(),
        sha256: (!chunked).then(|| (Sha256::new(), sha256)),
        trailers,
    };
    Body::http_body_unsync(StreamBody::new(try_unfold(payload, |mut payload| async {
        let data = payload.next().await?;
        Ok::<_, PayloadError>(data.map(|data| (Frame::data(data), payload)))
    })))
}

/// Makes the headers describe the decoded body. Returns its length, if the request has it.
fn describe_decoded(headers: &mut HeaderMap) -> Option<u64> {
    let encodings: Vec<&str> = headers
        .get(CONTENT_ENCODING)
        .and_then(|value| value.to_str().ok())
        .into_iter()
        .flat_map(|value| value.split(','))
        .map(str::trim)
        .filter(|encoding| !encoding.is_empty() && *encoding != "aws-chunked")
        .collect();
    match HeaderValue::try_from(encodings.join(", ")) {
        Ok(value) if !value.is_empty() => headers.insert(CONTENT_ENCODING, value),
        _ => headers.remove(CONTENT_ENCODING),
    };
    headers.remove(TRANSFER_ENCODING);
    headers.remove(CONTENT_LENGTH);
    let length = headers.get("x-amz-decoded-content-length")?.clone();
    headers.insert(CONTENT_LENGTH, length.clone());
    length.to_str().ok()?.parse().ok()
}

/// A body that is being read.
struct Payload {
    body: Incoming,
    /// Received, not yet decoded.
    left: Bytes,
    decoder: Option<Decoder>,
    /// Decoded bytes that are still to come.
    promised: Option<u64>,
    sha256: Option<(Sha256, String)>,
    trailers: Trailers,
}

impl Payload {
    /// The next bytes, `None` at the end of a body that is right.
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
            match self.body.frame().await.transpose()? {
                Some(frame) => self.left = frame.into_data().unwrap_or_default(),
                None => return self.end().map(|()| None),
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
            // A body ends once, and nothing else sets it.
            let _ = self.trailers.0.set(decoder.finish()?);
        }
        if self.promised.is_some_and(|promised| promised > 0) {
            return Err(PayloadError::Incomplete);
        }
        let kept = self
            .sha256
            .take()
            .is_none_or(|(hasher, signed)| hex::encode(hasher.finalize()).eq_ignore_ascii_case(&signed));
        if kept { Ok(()) } else { Err(PayloadError::Sha256Mismatch) }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_headers_of_a_decoded_body_tell_its_own_length_and_encoding() {
        let mut headers = HeaderMap::new();
        headers.insert(CONTENT_ENCODING, HeaderValue::from_static("aws-chunked, gzip"));
        headers.insert(CONTENT_LENGTH, HeaderValue::from_static("99"));
        headers.insert("x-amz-decoded-content-length", HeaderValue::from_static("5"));
        assert_eq!(describe_decoded(&mut headers), Some(5));
        assert_eq!(headers[CONTENT_LENGTH], "5");
        assert_eq!(headers[CONTENT_ENCODING], "gzip");
        headers.insert(CONTENT_ENCODING, HeaderValue::from_static("aws-chunked"));
        describe_decoded(&mut headers);
        assert!(!headers.contains_key(CONTENT_ENCODING));
    }
}

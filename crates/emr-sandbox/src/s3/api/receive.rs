//! Receives a body: streams it to disk, and compares its digests with those in the request.

use std::sync::Arc;

use bytes::Bytes;
use futures_util::StreamExt as _;
use hyper::http::Extensions;
use hyper::{HeaderMap, StatusCode};
use s3s::dto::StreamingBlob;
use s3s::{S3Error, S3ErrorCode, S3Result, StdError, s3_error};
use tokio::sync::mpsc;

use super::super::payload::{PayloadError, Trailers};
use super::blocking::blocking;
use crate::s3::refusal::Refusal;
use crate::s3::store::Store;
use crate::s3::store::body::Written;
use crate::s3::store::checksum::{Algorithm, Checksum};
use crate::s3::store::error::StoreError;

/// Pieces of a body that may wait for the disk. Limits the memory of a request.
const QUEUED: usize = 8;

/// How an error writes the request's MD5: for an object as an `ETag`, for a part as in the header.
#[derive(Clone, Copy)]
pub(super) enum Digest {
    Hex,
    Base64,
}

impl Digest {
    fn write(self, md5: &[u8]) -> String {
        match self {
            Self::Hex => hex::encode(md5),
            Self::Base64 => base64_simd::STANDARD.encode_to_string(md5),
        }
    }
}

/// Receives `body`, with a checksum by `algorithm`.
pub(super) async fn receive(
    store: &Arc<Store>,
    body: Option<StreamingBlob>,
    (headers, extensions): (&HeaderMap, &Extensions),
    (algorithm, digest): (Algorithm, Digest),
) -> S3Result<Written> {
    let written = store_body(store, body, algorithm).await?;
    verify_md5(&written, headers, digest)?;
    verify(&written, headers, extensions.get::<Trailers>())?;
    Ok(written)
}

/// Streams `body` to disk.
pub(crate) async fn store_body(
    store: &Arc<Store>,
    body: Option<StreamingBlob>,
    algorithm: Algorithm,
) -> S3Result<Written> {
    let (pieces, queue) = mpsc::channel(QUEUED);
    let write = blocking(store, move |store| write(store, queue, algorithm));
    let (sent, written) = tokio::join!(send(body, pieces), write);
    sent?;
    Ok(written?.map_err(StoreError::Disk)?)
}

async fn send(body: Option<StreamingBlob>, pieces: mpsc::Sender<Bytes>) -> S3Result<()> {
    let Some(mut body) = body else {
        return Ok(());
    };
    while let Some(piece) = body.next().await {
        let piece = piece.map_err(|error| broken(&error))?;
        if pieces.send(piece).await.is_err() {
            // The writer failed. `write` returns its error.
            return Ok(());
        }
    }
    Ok(())
}

fn broken(error: &StdError) -> S3Error {
    error
        .downcast_ref::<PayloadError>()
        .map_or_else(|| s3_error!(IncompleteBody, "The request body could not be read: {error}"), S3Error::from)
}

fn write(store: &Store, mut queue: mpsc::Receiver<Bytes>, algorithm: Algorithm) -> std::io::Result<Written> {
    let mut draft = store.draft(algorithm)?;
    while let Some(piece) = queue.blocking_recv() {
        draft.write(&piece)?;
    }
    Ok(draft.finish())
}

/// Compares `written` with the checksums in headers and trailers.
fn verify(written: &Written, headers: &HeaderMap, trailers: Option<&Trailers>) -> Result<(), Refusal> {
    let algorithm = written.checksum.algorithm;
    let trailers = trailers.and_then(Trailers::get);
    let stated = Checksum::stated(algorithm, headers).or_else(|| Checksum::stated(algorithm, trailers?));
    if let Some(trailers) = trailers {
        algorithm.check_stated(trailers)?;
    }
    match stated {
        Some(stated) if stated != written.checksum.value => {
            let message = format!("The {} you specified did not match the calculated checksum.", algorithm.name());
            Err(Refusal::new(S3ErrorCode::BadDigest, message))
        }
        None if headers.contains_key("x-amz-trailer") => Err(Refusal::custom(
            "MalformedTrailerError",
            StatusCode::BAD_REQUEST,
            "The request contained trailing data that was not well-formed or did not conform to our published schema.",
        )),
        _ => Ok(()),
    }
}

fn verify_md5(written: &Written, headers: &HeaderMap, digest: Digest) -> Result<(), Refusal> {
    let Some(stated) = headers.get("content-md5") else {
        return Ok(());
    };
    let md5 = base64_simd::STANDARD.decode_to_vec(stated.as_bytes()).ok();
    let Some(md5) = md5.filter(|md5| md5.len() == written.md5.len()) else {
        let refusal = Refusal::new(S3ErrorCode::InvalidDigest, "The Content-MD5 you specified was invalid.");
        return Err(refusal.with("Content-MD5", String::from_utf8_lossy(stated.as_bytes())));
    };
    if md5 == written.md5 {
        return Ok(());
    }
    let message = "The Content-MD5 you specified did not match what we received.";
    Err(Refusal::new(S3ErrorCode::BadDigest, message)
        .with("ExpectedDigest", digest.write(&md5))
        .with("CalculatedDigest", Digest::Base64.write(&written.md5)))
}

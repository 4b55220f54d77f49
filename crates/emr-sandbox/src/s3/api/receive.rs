//! Receives a body: streams it to disk, and compares its digests with those that the request states.

use std::sync::Arc;

use bytes::Bytes;
use futures_util::StreamExt as _;
use hyper::HeaderMap;
use hyper::http::Extensions;
use s3s::dto::StreamingBlob;
use s3s::{S3Error, S3Result, StdError, s3_error};
use tokio::sync::mpsc;

use super::super::payload::{PayloadError, Trailers};
use super::blocking::blocking;
use crate::s3::store::Store;
use crate::s3::store::body::Written;
use crate::s3::store::checksum::{Algorithm, Checksum};
use crate::s3::store::error::StoreError;

/// Pieces of a body that may wait for the disk. Bounds the memory of a request.
const QUEUED: usize = 8;

/// Receives `body`, with the checksum that `headers` name, else by `algorithm`.
pub(super) async fn receive(
    store: &Arc<Store>,
    body: Option<StreamingBlob>,
    (headers, extensions): (&HeaderMap, &Extensions),
    algorithm: Algorithm,
) -> S3Result<Written> {
    let algorithm = Algorithm::requested_by(headers).unwrap_or(algorithm);
    let written = store_body(store, body, algorithm).await?;
    verify(&written, headers, extensions.get::<Trailers>())?;
    Ok(written)
}

/// Streams `body` to disk as it comes.
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
            // The writer failed: `write` has the error.
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

/// Compares `written` with the digests in headers and trailers.
fn verify(written: &Written, headers: &HeaderMap, trailers: Option<&Trailers>) -> S3Result<()> {
    if let Some(stated) = headers.get("content-md5") {
        let stated = base64_simd::STANDARD
            .decode_to_vec(stated.as_bytes())
            .ok()
            .filter(|md5| md5.len() == written.md5.len())
            .ok_or_else(|| s3_error!(InvalidDigest, "The Content-MD5 you specified was invalid."))?;
        if stated != written.md5 {
            return Err(s3_error!(BadDigest, "The Content-MD5 you specified did not match what we received."));
        }
    }
    let algorithm = written.checksum.algorithm;
    let stated = Checksum::stated(algorithm, headers).or_else(|| {
        let trailers = trailers.and_then(Trailers::get)?;
        Checksum::stated(algorithm, trailers)
    });
    if stated.is_some_and(|stated| stated != written.checksum.value) {
        return Err(s3_error!(
            BadDigest,
            "The {} you specified did not match the calculated checksum.",
            algorithm.name()
        ));
    }
    Ok(())
}

//! The readers of what clients and users wrote, as functions of bytes, for `tests/fuzz`. Nothing that a request asks for is
//! run.

use std::convert::Infallible;
use std::io;
use std::path::Path;
use std::sync::Arc;

use bytes::Bytes;
use hyper::body::Incoming;
use hyper::server::conn::http1;
use hyper::service::service_fn;
use hyper::{Request, Response};
use hyper_util::rt::TokioIo;
use tokio::io::{AsyncReadExt as _, AsyncWriteExt as _, duplex};

use crate::emr::{Account, Settings, Timestamp, answer, read_all};
use crate::gateway::fault::Rule;
use crate::identity::{Form, Identity};
use crate::s3::{Body, Service, Store, chunked, into_path_style};
use crate::{run, webhdfs};

/// The bucket that there is.
const BUCKET: &str = "bucket";

/// Whether `text` is a rule of `--fault`.
#[must_use]
pub fn is_fault(text: &str) -> bool {
    text.parse::<Rule>().is_ok()
}

/// The answer of STS and IAM to this form.
#[must_use]
pub fn query(form: &[u8]) -> String {
    Identity::default().answer(&Form::parse(form)).1
}

/// The ids of the clusters in a file of `--load`.
pub fn loaded(file: &[u8]) -> Result<Vec<String>, String> {
    read_all(file).map(|clusters| clusters.iter().map(|cluster| cluster.id().to_owned()).collect())
}

/// The number of inputs of the streaming job with these arguments, or why there is no such job.
pub fn streaming(args: &[String]) -> Result<usize, String> {
    run::check_streaming(args)
}

/// Answers requests to EMR, each an operation and a body, one second after another. Returns how many succeeded.
pub fn emr<'a>(requests: impl Iterator<Item = (&'a str, &'a str)>) -> usize {
    let settings = Settings { provision_s: 2, run_bootstrap_actions: true, region: "us-east-1".to_owned() };
    let (mut account, mut now) = (Account::new(settings), Timestamp::at(chrono::DateTime::UNIX_EPOCH));
    let mut answered = 0;
    for (operation, body) in requests {
        answered += usize::from(answer(&mut account, operation, body.as_bytes(), now).is_ok());
        drop(account.take_orders(now));
        now = now.after(1);
    }
    answered
}

/// What S3 sends on a connection on which `requests` arrive. Its objects are below `folder`.
pub async fn s3(folder: &Path, requests: &[u8]) -> io::Result<Vec<u8>> {
    let service = &Service::new(store(folder)?);
    let answer = async |request: Request<Incoming>| {
        let (mut parts, body) = request.into_parts();
        into_path_style(&mut parts);
        service.call(Request::from_parts(parts, body)).await
    };
    connected(requests, &answer).await
}

/// The same of `WebHDFS`, and the keys of the bucket in the end.
pub async fn webhdfs(folder: &Path, requests: &[u8]) -> io::Result<(Vec<u8>, Vec<String>)> {
    let store = store(folder)?;
    let service = &webhdfs::Service::open(Arc::clone(&store))?;
    let answers = connected(requests, &async |request: Request<Incoming>| service.call(request).await).await?;
    Ok((answers, store.list(BUCKET, "").into_iter().map(|object| object.key).collect()))
}

fn store(folder: &Path) -> io::Result<Arc<Store>> {
    let store = Arc::new(Store::open(folder)?);
    store.create_bucket(BUCKET).map_err(|error| io::Error::other(error.to_string()))?;
    Ok(store)
}

/// What is sent on a connection on which `requests` arrive, each of which is answered by `answer`.
async fn connected(requests: &[u8], answer: &impl AsyncFn(Request<Incoming>) -> Response<Body>) -> io::Result<Vec<u8>> {
    let (mut client, server) = duplex(1 << 16);
    let answer = service_fn(|request| async move { Ok::<_, Infallible>(answer(request).await) });
    let connection = http1::Builder::new().half_close(true).serve_connection(TokioIo::new(server), answer);
    let asked = async {
        let (mut read, mut write) = tokio::io::split(&mut client);
        let mut answers = Vec::new();
        let send = async {
            // A server that has seen enough closes the connection.
            write.write_all(requests).await.ok();
            write.shutdown().await.ok();
        };
        let ((), received) = tokio::join!(send, read.read_to_end(&mut answers));
        received.map(|_| answers)
    };
    // What the server cannot understand is the end of the connection.
    let (_, answers) = tokio::join!(connection, asked);
    answers
}

/// The data of a body in the encoding `aws-chunked`, which comes in pieces, and the number of its trailers.
#[must_use]
pub fn unchunked<'a>(pieces: impl Iterator<Item = &'a [u8]>) -> Option<(Vec<u8>, usize)> {
    let (mut decoder, mut data) = (chunked::Decoder::new(), Vec::new());
    for piece in pieces {
        let mut piece = Bytes::copy_from_slice(piece);
        while let Some(decoded) = decoder.decode(&mut piece).ok()? {
            data.extend_from_slice(&decoded);
        }
    }
    Some((data, decoder.finish().ok()?.len()))
}

//! `WebHDFS` over the buckets of S3, for Hadoop's own client. Without an S3A jar, Spark reads and writes `s3://`
//! through it.
//!
//! - [`request`] parses a request: its operation, its path, its parameters
//! - [`tree`] presents the keys of a bucket as directories and files; [`change`] changes them
//! - [`read`] answers the operations that only read, [`write`](mod@write) those that change something
//! - [`transfer`] moves bodies, [`json`] has the shapes of answers, [`error`] the refusals
//!
//! The first part of a path is the bucket. The protocol is that of
//! <https://hadoop.apache.org/docs/stable/hadoop-project-dist/hadoop-hdfs/WebHDFS.html>. No answer has a content type:
//! the client of Hadoop 3.5 as `PyPI`'s pyspark ships it lacks the library that parses one.

mod change;
mod error;
mod json;
mod read;
mod request;
mod transfer;
mod tree;
mod write;

use std::io;
use std::sync::Arc;

use bytes::Bytes;
use hyper::body::Incoming;
use hyper::header::{HOST, LOCATION};
use hyper::{Request, Response, StatusCode};
use serde_json::Value;

pub(crate) use self::error::Refusal;
pub(crate) use self::request::operation;
use self::request::{Operation, WebHdfsRequest};
use crate::s3::{Body, Store, Written};

/// The parameter of a request that has been redirected to the data.
const REDIRECTED: &str = "datanode";

/// Answers `WebHDFS` requests from a [`Store`].
pub(crate) struct Service {
    store: Arc<Store>,
    /// The body of the objects that mark empty directories.
    empty: Written,
}

impl Service {
    pub(crate) fn open(store: Arc<Store>) -> io::Result<Self> {
        let empty = store.draft(crate::s3::Algorithm::Crc64Nvme)?.finish();
        Ok(Self { store, empty })
    }

    /// Answers a request.
    pub(crate) async fn call(&self, request: Request<Incoming>) -> Response<Body> {
        self.answer(request).await.unwrap_or_else(Refusal::answer)
    }

    async fn answer(&self, request: Request<Incoming>) -> Result<Response<Body>, Refusal> {
        let (parts, body) = request.into_parts();
        let asked = WebHdfsRequest::parse(&parts)?;
        match asked.operation {
            Operation::Open | Operation::Create if !asked.is_redirected() => {
                self.check(&asked)?;
                redirect(&parts)
            }
            Operation::Open => self.read_file(&asked).await,
            Operation::Create => self.create(&asked, body).await,
            _ => self.answer_at_once(&asked),
        }
    }

    /// Answers an operation without a body.
    fn answer_at_once(&self, asked: &WebHdfsRequest) -> Result<Response<Body>, Refusal> {
        let answer = match asked.operation {
            Operation::GetFileStatus => self.status(&asked.path)?,
            Operation::ListStatus => self.list(&asked.path)?,
            Operation::ListStatusBatch => json::batch(&self.list(&asked.path)?),
            Operation::GetFileBlockLocations => self.block_locations(asked)?,
            Operation::GetBlockLocations => self.located_blocks(&asked.path)?,
            Operation::GetContentSummary => self.content_summary(&asked.path)?,
            Operation::GetHomeDirectory => json::home(),
            Operation::Mkdirs => json::boolean(self.mkdirs(&asked.path)?),
            Operation::Delete => json::boolean(self.delete(asked)?),
            Operation::Rename => return self.rename(asked),
            Operation::SetReplication => json::boolean(self.status(&asked.path).is_ok()),
            // S3 has no access times, owners or permissions of files: as in S3A, nothing changes.
            Operation::CheckAccess | Operation::SetAttribute => {
                self.status(&asked.path)?;
                return Ok(empty_answer(StatusCode::OK));
            }
            Operation::Open | Operation::Create | Operation::Unsupported => return Err(Refusal::unsupported(asked)),
        };
        Ok(json_answer(StatusCode::OK, &answer))
    }
}

/// The answer to a request that is refused before it gets here.
pub(crate) fn refuse(refusal: Refusal) -> Response<Body> {
    refusal.answer()
}

/// Redirects the client to the data, which is here.
fn redirect(parts: &hyper::http::request::Parts) -> Result<Response<Body>, Refusal> {
    let host = parts.headers.get(HOST).and_then(|host| host.to_str().ok()).unwrap_or_default();
    let location = format!("http://{host}{}&{REDIRECTED}=true", ascii(&parts.uri.to_string()));
    let location = location.try_into().map_err(|_| Refusal::illegal("the URI does not fit in a header"))?;
    let mut answer = empty_answer(StatusCode::TEMPORARY_REDIRECT);
    answer.headers_mut().insert(LOCATION, location);
    Ok(answer)
}

/// A URI in ASCII. Java sends UTF-8 unescaped, and reads a header as Latin-1.
fn ascii(uri: &str) -> String {
    let encode = |c: char| if c.is_ascii() { c.to_string() } else { urlencoding::encode(&c.to_string()).into_owned() };
    uri.chars().map(encode).collect()
}

fn empty_answer(status: StatusCode) -> Response<Body> {
    let mut answer = Response::new(Body::empty());
    *answer.status_mut() = status;
    answer
}

fn json_answer(status: StatusCode, value: &Value) -> Response<Body> {
    let mut answer = Response::new(Body::from(Bytes::from(value.to_string())));
    *answer.status_mut() = status;
    answer
}

#[cfg(test)]
mod tests {
    use super::ascii;

    #[test]
    fn a_redirect_is_ascii() {
        assert_eq!(ascii("/webhdfs/v1/b/a%20ü?op=OPEN"), "/webhdfs/v1/b/a%20%C3%BC?op=OPEN");
    }
}

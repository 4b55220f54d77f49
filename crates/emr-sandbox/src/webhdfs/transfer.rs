//! Transfers the bodies of files in pieces, so that none is in memory as a whole.

use std::sync::Arc;

use hyper::body::Incoming;
use hyper::header::{CONTENT_LENGTH, HeaderValue};
use hyper::{Response, StatusCode};

use super::error::Refusal;
use super::request::WebHdfsRequest;
use super::write::how_to_create;
use super::{Service, empty_answer};
use crate::s3::{self, Algorithm, Body, Object};

impl Service {
    /// Sends a file, or `length` bytes of it from `offset` on.
    pub(super) async fn read_file(&self, asked: &WebHdfsRequest) -> Result<Response<Body>, Refusal> {
        let object = self.file(&asked.path)?;
        let start = asked.bytes("offset")?.unwrap_or(0);
        if start > object.size {
            return Err(Refusal::io(&format!("Offset={start} out of the range [0, {}]", object.size)));
        }
        let length = asked.bytes("length")?.unwrap_or(u64::MAX).min(object.size - start);
        let body = s3::read_body(object, start..start + length).await?;
        let mut answer = Response::new(body.into());
        answer.headers_mut().insert(CONTENT_LENGTH, HeaderValue::from(length));
        Ok(answer)
    }

    /// Receives a file. As in S3, it appears only when it is complete.
    pub(super) async fn create(&self, asked: &WebHdfsRequest, body: Incoming) -> Result<Response<Body>, Refusal> {
        let (_, key) = asked.path.in_bucket()?;
        let how = how_to_create(asked);
        let written = s3::store_body(&self.store, Some(Body::from(body).into()), Algorithm::Crc64Nvme).await;
        let written = written.map_err(|error| Refusal::io(&format!("{}: {error}", asked.path.uri())))?;
        let object = Object::new(key, written, Arc::default(), Arc::default());
        drop(self.change(&asked.path, |tree| tree.create(object, how))?);
        Ok(empty_answer(StatusCode::CREATED))
    }
}

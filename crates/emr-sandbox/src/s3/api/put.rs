//! `PutObject`.

use std::sync::Arc;

use hyper::HeaderMap;
use s3s::dto::{ETag, PutObjectInput, PutObjectOutput};
use s3s::{S3Request, S3Response, S3Result, s3_error};

use super::receive::receive;
use crate::s3::store::Store;
use crate::s3::store::checksum::Algorithm;
use crate::s3::store::condition::Condition;
use crate::s3::store::object::{Object, headers_of};

pub(super) async fn put_object(
    store: &Arc<Store>,
    request: S3Request<PutObjectInput>,
) -> S3Result<S3Response<PutObjectOutput>> {
    let mut input = request.input;
    refuse_tags(input.tagging.as_deref())?;
    let condition = Condition::from_headers(&request.headers)?;
    let expectation = store.expect(&input.bucket, &input.key, condition)?;
    let context = (&request.headers, &request.extensions);
    let written = receive(store, input.body.take(), context, Algorithm::Crc64Nvme).await?;
    let object = Object::new(&input.key, written, Arc::new(headers_of!(input)));
    let object = store.commit(&input.bucket, object, &expectation)?;
    let mut headers = HeaderMap::new();
    object.checksum.put_into(&mut headers);
    let output = PutObjectOutput { e_tag: Some(ETag::Strong(object.etag)), ..PutObjectOutput::default() };
    Ok(S3Response::with_headers(output, headers))
}

/// Refuses tags, which the sandbox would lose.
pub(super) fn refuse_tags(tags: Option<&str>) -> S3Result<()> {
    match tags {
        None | Some("") => Ok(()),
        Some(_) => Err(s3_error!(NotImplemented, "The sandbox keeps no tags of objects")),
    }
}

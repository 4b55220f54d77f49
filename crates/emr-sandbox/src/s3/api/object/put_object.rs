//! `PutObject`.

use std::sync::Arc;

use hyper::HeaderMap;
use s3s::dto::{PutObjectInput, PutObjectOutput};
use s3s::{S3Request, S3Response, S3Result};

use crate::s3::api::describe;
use crate::s3::api::receive::{Digest, receive};
use crate::s3::refusal::Refusal;
use crate::s3::store::Store;
use crate::s3::store::checksum::Algorithm;
use crate::s3::store::condition::Condition;
use crate::s3::store::object::{Description, Object, headers_of};
use crate::s3::store::storage::Storage;
use crate::s3::store::tags;
use crate::s3::withheld::Withheld;

pub(in crate::s3::api) async fn put_object(
    store: &Arc<Store>,
    request: S3Request<PutObjectInput>,
) -> S3Result<S3Response<PutObjectOutput>> {
    let mut input = request.input;
    if input.write_offset_bytes.is_some() {
        return Err(Refusal::header("x-amz-write-offset-bytes").into());
    }
    let withheld = Withheld::of(&request.extensions);
    let condition = Condition::of_write(&withheld)?;
    let expectation = store.expect(&input.bucket, &input.key, condition)?;
    let description =
        Description { storage: Storage::of_write(&request.headers)?, headers: headers_of!(input, &withheld) };
    let tags = tags::parse_header(input.tagging.as_deref().unwrap_or_default())?;
    let context = (&request.headers, &request.extensions);
    let algorithm = Algorithm::requested_by(&request.headers)?.unwrap_or(Algorithm::Crc64Nvme);
    let written = receive(store, input.body.take(), context, (algorithm, Digest::Hex)).await?;
    let object = Object::new(&input.key, written, Arc::new(description), Arc::new(tags));
    let object = store.commit(&input.bucket, object, &expectation)?;
    let mut headers = HeaderMap::new();
    object.checksum.put_into(&mut headers);
    object.description.storage.encryption.put_into(&mut headers);
    let output = PutObjectOutput { e_tag: Some(describe::etag(&object)), ..PutObjectOutput::default() };
    Ok(S3Response::with_headers(output, headers))
}

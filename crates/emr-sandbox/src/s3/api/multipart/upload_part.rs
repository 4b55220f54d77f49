//! `UploadPart`.

use std::sync::Arc;

use hyper::HeaderMap;
use s3s::dto::{ETag, UploadPartInput, UploadPartOutput};
use s3s::{S3Request, S3Response, S3Result};

use super::check_number;
use crate::s3::api::receive::{Digest, receive};
use crate::s3::refusal::Refusal;
use crate::s3::store::Store;
use crate::s3::store::checksum::{Algorithm, Checksum};
use crate::s3::store::upload::Upload;

pub(in crate::s3::api) async fn upload_part(
    store: &Arc<Store>,
    request: S3Request<UploadPartInput>,
) -> S3Result<S3Response<UploadPartOutput>> {
    let input = request.input;
    let upload = store.upload(&input.bucket, &input.key, &input.upload_id)?;
    check_number(input.part_number)?;
    upload.description.storage.encryption.check_part(&request.headers)?;
    let requested = Algorithm::requested_by(&request.headers)?;
    let algorithm = algorithm(&upload, requested)?;
    let context = (&request.headers, &request.extensions);
    let written = receive(store, input.body, context, (algorithm, Digest::Base64)).await?;
    let name = (&*input.key, &*input.upload_id);
    let part = store.add_part(&input.bucket, name, input.part_number, written)?;
    let mut headers = HeaderMap::new();
    upload.description.storage.encryption.put_into(&mut headers);
    if requested.is_some() {
        put_value(&part.written.checksum, &mut headers);
    }
    let output = UploadPartOutput { e_tag: Some(ETag::Strong(part.etag)), ..UploadPartOutput::default() };
    Ok(S3Response::with_headers(output, headers))
}

/// The algorithm of a part. If its upload has one, it must be the same.
fn algorithm(upload: &Upload, requested: Option<Algorithm>) -> Result<Algorithm, Refusal> {
    let Some((wanted, _)) = upload.checksum.filter(|(wanted, _)| requested != Some(*wanted)) else {
        return Ok(requested.unwrap_or(Algorithm::Crc64Nvme));
    };
    Err(Refusal::request(format!(
        "Checksum Type mismatch occurred, expected checksum Type: {}, actual checksum Type: {}",
        wanted.name().to_lowercase(),
        requested.map_or_else(|| "null".to_owned(), |algorithm| algorithm.name().to_lowercase())
    )))
}

/// Adds the checksum of a part, without a type: parts have none.
fn put_value(checksum: &Checksum, headers: &mut HeaderMap) {
    checksum.put_into(headers);
    headers.remove("x-amz-checksum-type");
}

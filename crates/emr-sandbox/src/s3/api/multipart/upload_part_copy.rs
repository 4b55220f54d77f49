//! `UploadPartCopy`.

use std::sync::Arc;

use hyper::HeaderMap;
use s3s::dto::{CopyPartResult, ETag, UploadPartCopyInput, UploadPartCopyOutput};
use s3s::{S3Request, S3Response, S3Result};

use super::check_number;
use crate::s3::api::object::source;
use crate::s3::range;
use crate::s3::store::Store;
use crate::s3::store::checksum::{Algorithm, set_checksum};

pub(in crate::s3::api) async fn upload_part_copy(
    store: &Arc<Store>,
    request: S3Request<UploadPartCopyInput>,
) -> S3Result<S3Response<UploadPartCopyOutput>> {
    let input = request.input;
    store.with_bucket(&input.bucket, |_| Ok(()))?;
    let (_, source) = source::find(store, &input.copy_source, (&request.headers, &request.extensions))?;
    let upload = store.upload(&input.bucket, &input.key, &input.upload_id)?;
    check_number(input.part_number)?;
    upload.description.storage.encryption.check_part(&request.headers)?;
    let range = input.copy_source_range.as_deref();
    let bytes = range.map_or(Ok(0..source.size), |range| range::of_copy(range, source.size))?;
    let algorithm = upload.checksum.map_or(Algorithm::Crc64Nvme, |(algorithm, _)| algorithm);
    let written = source::slice(store, source, bytes, algorithm).await?;
    let name = (&*input.key, &*input.upload_id);
    let part = store.add_part(&input.bucket, name, input.part_number, written)?;
    let mut result = CopyPartResult {
        e_tag: Some(ETag::Strong(part.etag)),
        last_modified: Some(part.last_modified.into()),
        ..CopyPartResult::default()
    };
    if upload.checksum.is_some() {
        set_checksum!(result, part.written.checksum);
    }
    let mut headers = HeaderMap::new();
    upload.description.storage.encryption.put_into(&mut headers);
    let output = UploadPartCopyOutput { copy_part_result: Some(result), ..UploadPartCopyOutput::default() };
    Ok(S3Response::with_headers(output, headers))
}

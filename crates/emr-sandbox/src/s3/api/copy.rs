//! `CopyObject` and `UploadPartCopy`. A copy shares the body of its source, since bodies never change.

use std::fs::File;
use std::io::{Read as _, Seek as _, SeekFrom};
use std::sync::Arc;

use s3s::dto::{
    CopyObjectInput, CopyObjectOutput, CopyObjectResult, CopyPartResult, CopySource, ETag, MetadataDirective, Range,
    UploadPartCopyInput, UploadPartCopyOutput,
};
use s3s::{S3Request, S3Response, S3Result, s3_error};

use super::blocking::blocking;
use super::multipart::check_number;
use crate::s3::store::Store;
use crate::s3::store::body::Written;
use crate::s3::store::checksum::{Algorithm, ChecksumType, set_checksum};
use crate::s3::store::condition::{Condition, ReadCondition, Verdict};
use crate::s3::store::error::StoreError;
use crate::s3::store::object::{Headers, Object, headers_of};

/// The conditions on the source of a copy.
macro_rules! source_condition {
    ($input:expr) => {
        ReadCondition {
            matches: $input.copy_source_if_match.take(),
            none_match: $input.copy_source_if_none_match.take(),
            modified_since: $input.copy_source_if_modified_since.take(),
            unmodified_since: $input.copy_source_if_unmodified_since.take(),
        }
    };
}

pub(super) async fn copy_object(
    store: &Arc<Store>,
    request: S3Request<CopyObjectInput>,
) -> S3Result<S3Response<CopyObjectOutput>> {
    let mut input = request.input;
    let condition = Condition::from_headers(&request.headers)?;
    let expectation = store.expect(&input.bucket, &input.key, condition)?;
    let (from, source) = source(store, &input.copy_source, &source_condition!(input))?;
    let directive = input.metadata_directive.as_ref().map(MetadataDirective::as_str);
    let headers = if directive == Some(MetadataDirective::REPLACE) {
        Arc::new(headers_of!(input))
    } else if from == input.bucket && source.key == input.key && input.storage_class.is_none() {
        return Err(s3_error!(
            InvalidRequest,
            "This copy request is illegal because it is trying to copy an object to itself without changing the object's metadata, storage class, website redirect location or encryption attributes."
        ));
    } else {
        Arc::clone(&source.headers)
    };
    let algorithm = Algorithm::requested_by(&request.headers);
    let object = duplicate(store, source, &input.key, headers, algorithm).await?;
    let object = store.commit(&input.bucket, object, &expectation)?;
    let mut result = CopyObjectResult {
        e_tag: Some(ETag::Strong(object.etag)),
        last_modified: Some(object.last_modified.into()),
        ..CopyObjectResult::default()
    };
    set_checksum!(result, object.checksum);
    Ok(S3Response::new(CopyObjectOutput { copy_object_result: Some(result), ..CopyObjectOutput::default() }))
}

/// The source under its new key. Its body is read again only where the digests of the copy differ: the
/// copy of a multipart object has no parts.
async fn duplicate(
    store: &Arc<Store>,
    source: Object,
    key: &str,
    headers: Arc<Headers>,
    algorithm: Option<Algorithm>,
) -> S3Result<Object> {
    let algorithm = algorithm.unwrap_or(source.checksum.algorithm);
    if source.parts.is_empty() && algorithm == source.checksum.algorithm {
        return Ok(source.renamed(key, headers));
    }
    let size = source.size;
    let written = slice(store, source, (0, size), algorithm).await?;
    Ok(Object::new(key, written, headers))
}

pub(super) async fn upload_part_copy(
    store: &Arc<Store>,
    request: S3Request<UploadPartCopyInput>,
) -> S3Result<S3Response<UploadPartCopyOutput>> {
    let mut input = request.input;
    check_number(input.part_number)?;
    let upload = store.upload(&input.bucket, &input.key, &input.upload_id)?;
    let (_, source) = source(store, &input.copy_source, &source_condition!(input))?;
    let bytes = match input.copy_source_range.as_deref().map(Range::parse) {
        None => (0, source.size),
        Some(Ok(range)) => range.check(source.size).map(|range| (range.start, range.end))?,
        Some(Err(_)) => {
            return Err(s3_error!(
                InvalidArgument,
                "The x-amz-copy-source-range value must be of the form bytes=first-last"
            ));
        }
    };
    let written = slice(store, source, bytes, upload.algorithm).await?;
    let part = store.add_part(&input.bucket, &input.upload_id, input.part_number, written)?;
    let mut result = CopyPartResult {
        e_tag: Some(ETag::Strong(part.etag)),
        last_modified: Some(part.last_modified.into()),
        ..CopyPartResult::default()
    };
    if upload.checksum_type == ChecksumType::Composite {
        set_checksum!(result, part.written.checksum);
    }
    Ok(S3Response::new(UploadPartCopyOutput { copy_part_result: Some(result), ..UploadPartCopyOutput::default() }))
}

/// A new body with the bytes of `source` from `start` up to `end`.
async fn slice(
    store: &Arc<Store>,
    source: Object,
    (start, end): (u64, u64),
    algorithm: Algorithm,
) -> S3Result<Written> {
    let copy = move |store: &Store| -> Result<Written, StoreError> {
        let mut file = File::open(source.path())?;
        file.seek(SeekFrom::Start(start))?;
        let mut draft = store.draft(algorithm)?;
        draft.copy_from(file.take(end - start))?;
        Ok(draft.finish())
    };
    Ok(blocking(store, copy).await??)
}

/// The bucket and the object that a copy reads, if the condition holds.
fn source(store: &Store, source: &CopySource, condition: &ReadCondition) -> S3Result<(String, Object)> {
    let CopySource::Bucket { bucket, key, version_id } = source else {
        return Err(s3_error!(NotImplemented, "Copies from access points are not implemented"));
    };
    if version_id.as_deref().is_some_and(|version| version != "null") {
        return Err(s3_error!(NoSuchVersion, "The specified version does not exist."));
    }
    let found = store.with_bucket(bucket, |bucket| Ok(bucket.objects.get(&**key).cloned()))?;
    let object = found.ok_or(StoreError::NoSuchKey)?;
    match condition.check(&object.etag, &object.last_modified.into()) {
        Verdict::Proceed => Ok((bucket.to_string(), object)),
        Verdict::NotModified | Verdict::Failed => Err(StoreError::PreconditionFailed.into()),
    }
}

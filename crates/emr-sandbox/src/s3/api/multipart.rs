//! Multipart uploads: `CreateMultipartUpload`, `UploadPart`, `CompleteMultipartUpload`,
//! `AbortMultipartUpload`, `ListParts`.

use std::collections::BTreeMap;
use std::ops::Bound;
use std::sync::Arc;

use hyper::HeaderMap;
use s3s::dto::{
    self, AbortMultipartUploadInput, AbortMultipartUploadOutput, ChecksumAlgorithm, CompleteMultipartUploadInput,
    CompleteMultipartUploadOutput, CreateMultipartUploadInput, CreateMultipartUploadOutput, ETag, ListPartsInput,
    ListPartsOutput, UploadPartInput, UploadPartOutput,
};
use s3s::{S3Request, S3Response, S3Result, s3_error};

use super::blocking::blocking;
use super::bucket::owner;
use super::get::signed;
use super::list::limit;
use super::put::refuse_tags;
use super::receive::receive;
use crate::s3::store::Store;
use crate::s3::store::checksum::{Algorithm, ChecksumType, set_checksum};
use crate::s3::store::condition::Condition;
use crate::s3::store::error::StoreError;
use crate::s3::store::object::{headers_of, now};
use crate::s3::store::upload::{Part, Upload};

pub(super) fn create_multipart_upload(
    store: &Store,
    request: S3Request<CreateMultipartUploadInput>,
) -> S3Result<S3Response<CreateMultipartUploadOutput>> {
    let mut input = request.input;
    refuse_tags(input.tagging.as_deref())?;
    let algorithm = algorithm(input.checksum_algorithm.as_ref())?;
    let checksum_type = checksum_type(algorithm, input.checksum_type.as_ref())?;
    let upload = Upload {
        key: input.key.clone(),
        initiated: now(),
        algorithm,
        checksum_type,
        headers: Arc::new(headers_of!(input)),
        parts: BTreeMap::new(),
    };
    let id = store.create_upload(&input.bucket, upload)?;
    Ok(S3Response::new(CreateMultipartUploadOutput {
        checksum_type: input.checksum_algorithm.is_some().then(|| checksum_type.into()),
        checksum_algorithm: input.checksum_algorithm,
        bucket: Some(input.bucket),
        key: Some(input.key),
        upload_id: Some(id),
        ..CreateMultipartUploadOutput::default()
    }))
}

/// The algorithm that the request names, else S3's default.
fn algorithm(named: Option<&ChecksumAlgorithm>) -> S3Result<Algorithm> {
    named.map_or(Ok(Algorithm::Crc64Nvme), |named| {
        Algorithm::named(named.as_str())
            .ok_or_else(|| s3_error!(InvalidRequest, "Checksum algorithm provided is unsupported."))
    })
}

/// The checksum type that the request names, else S3's default for the algorithm.
fn checksum_type(algorithm: Algorithm, named: Option<&dto::ChecksumType>) -> S3Result<ChecksumType> {
    let is_full = match named.map(dto::ChecksumType::as_str) {
        None => algorithm == Algorithm::Crc64Nvme,
        Some(name) => name == dto::ChecksumType::FULL_OBJECT,
    };
    match (algorithm, is_full) {
        (Algorithm::Sha1 | Algorithm::Sha256, true) | (Algorithm::Crc64Nvme, false) => Err(s3_error!(
            InvalidRequest,
            "The checksum type cannot be used with the {} checksum algorithm.",
            algorithm.name()
        )),
        (_, true) => Ok(ChecksumType::FullObject),
        (_, false) => Ok(ChecksumType::Composite),
    }
}

/// Part numbers go from 1 to 10,000.
pub(super) fn check_number(number: i32) -> S3Result<()> {
    if (1..=10_000).contains(&number) {
        return Ok(());
    }
    Err(s3_error!(InvalidArgument, "Part number must be an integer between 1 and 10000, inclusive"))
}

pub(super) async fn upload_part(
    store: &Arc<Store>,
    request: S3Request<UploadPartInput>,
) -> S3Result<S3Response<UploadPartOutput>> {
    let input = request.input;
    check_number(input.part_number)?;
    let upload = store.upload(&input.bucket, &input.key, &input.upload_id)?;
    let context = (&request.headers, &request.extensions);
    let written = receive(store, input.body, context, upload.algorithm).await?;
    let part = store.add_part(&input.bucket, &input.upload_id, input.part_number, written)?;
    let mut headers = HeaderMap::new();
    part.written.checksum.put_into(&mut headers);
    let output = UploadPartOutput { e_tag: Some(ETag::Strong(part.etag)), ..UploadPartOutput::default() };
    Ok(S3Response::with_headers(output, headers))
}

pub(super) async fn complete_multipart_upload(
    store: &Arc<Store>,
    request: S3Request<CompleteMultipartUploadInput>,
) -> S3Result<S3Response<CompleteMultipartUploadOutput>> {
    let input = request.input;
    let condition = Condition::from_headers(&request.headers)?;
    let expectation = store.expect(&input.bucket, &input.key, condition)?;
    let parts = input.multipart_upload.and_then(|upload| upload.parts);
    let named: Vec<(i32, String)> = parts
        .unwrap_or_default()
        .into_iter()
        .map(|part| Some((part.part_number?, part.e_tag?.into_value())))
        .collect::<Option<_>>()
        .ok_or(StoreError::InvalidPart)?;
    let (bucket, key, id) = (input.bucket.clone(), input.key.clone(), input.upload_id);
    let object =
        blocking(store, move |store| store.complete_upload(&bucket, (&key, &id), &named, &expectation)).await??;
    let mut output = CompleteMultipartUploadOutput {
        location: Some(format!("/{}/{}", input.bucket, input.key)),
        bucket: Some(input.bucket),
        key: Some(input.key),
        checksum_type: Some(object.checksum.checksum_type.into()),
        e_tag: Some(ETag::Strong(object.etag)),
        ..CompleteMultipartUploadOutput::default()
    };
    set_checksum!(output, object.checksum);
    Ok(S3Response::new(output))
}

pub(super) fn abort_multipart_upload(
    store: &Store,
    request: S3Request<AbortMultipartUploadInput>,
) -> S3Result<S3Response<AbortMultipartUploadOutput>> {
    let input = request.input;
    store.abort_upload(&input.bucket, &input.key, &input.upload_id)?;
    Ok(S3Response::new(AbortMultipartUploadOutput::default()))
}

pub(super) fn list_parts(store: &Store, request: S3Request<ListPartsInput>) -> S3Result<S3Response<ListPartsOutput>> {
    let input = request.input;
    let upload = store.upload(&input.bucket, &input.key, &input.upload_id)?;
    let (max, shown) = limit(input.max_parts)?;
    let after = Bound::Excluded(input.part_number_marker.unwrap_or(0));
    let mut rest = upload.parts.range((after, Bound::Unbounded));
    let parts: Vec<dto::Part> = rest.by_ref().take(max).map(listed).collect();
    let more = rest.next().is_some();
    Ok(S3Response::new(ListPartsOutput {
        bucket: Some(input.bucket),
        key: Some(input.key),
        upload_id: Some(input.upload_id),
        checksum_algorithm: Some(upload.algorithm.into()),
        checksum_type: Some(upload.checksum_type.into()),
        is_truncated: Some(more),
        max_parts: Some(shown),
        next_part_number_marker: parts.last().and_then(|part| part.part_number),
        part_number_marker: input.part_number_marker,
        parts: Some(parts),
        owner: Some(owner()),
        ..ListPartsOutput::default()
    }))
}

fn listed((number, part): (&i32, &Part)) -> dto::Part {
    let mut shown = dto::Part {
        part_number: Some(*number),
        e_tag: Some(ETag::Strong(part.etag.clone())),
        last_modified: Some(part.last_modified.into()),
        size: Some(signed(part.written.size)),
        ..dto::Part::default()
    };
    set_checksum!(shown, part.written.checksum);
    shown
}

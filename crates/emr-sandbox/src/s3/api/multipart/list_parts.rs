//! `ListParts`.

use std::ops::Bound;

use s3s::dto::{self, ETag, ListPartsInput, ListPartsOutput, StorageClass};
use s3s::{S3Request, S3Response, S3Result};

use super::initiator;
use crate::s3::api::bucket::owner;
use crate::s3::api::list::limit;
use crate::s3::api::signed;
use crate::s3::store::Store;
use crate::s3::store::checksum::set_checksum;
use crate::s3::store::upload::Part;

pub(in crate::s3::api) fn list_parts(
    store: &Store,
    request: S3Request<ListPartsInput>,
) -> S3Result<S3Response<ListPartsOutput>> {
    let input = request.input;
    let upload = store.upload(&input.bucket, &input.key, &input.upload_id)?;
    let (max, shown) = limit(input.max_parts);
    let marker = input.part_number_marker.unwrap_or(0);
    let mut rest = upload.parts.range((Bound::Excluded(marker), Bound::Unbounded));
    let has_checksums = upload.checksum.is_some();
    let parts: Vec<dto::Part> =
        rest.by_ref().take(max).map(|(number, part)| listed(*number, part, has_checksums)).collect();
    let more = rest.next().is_some();
    Ok(S3Response::new(ListPartsOutput {
        bucket: Some(input.bucket),
        key: Some(input.key),
        upload_id: Some(input.upload_id),
        checksum_algorithm: upload.checksum.map(|(algorithm, _)| algorithm.into()),
        checksum_type: upload.checksum.map(|(_, checksum_type)| checksum_type.into()),
        is_truncated: Some(more),
        max_parts: Some(shown),
        next_part_number_marker: Some(parts.last().and_then(|part| part.part_number).unwrap_or(0)),
        part_number_marker: Some(marker),
        parts: Some(parts),
        storage_class: Some(StorageClass::from(upload.description.storage.class.clone())),
        owner: Some(owner()),
        initiator: Some(initiator()),
        ..ListPartsOutput::default()
    }))
}

fn listed(number: i32, part: &Part, has_checksum: bool) -> dto::Part {
    let mut shown = dto::Part {
        part_number: Some(number),
        e_tag: Some(ETag::Strong(part.etag.clone())),
        last_modified: Some(part.last_modified.into()),
        size: Some(signed(part.written.size)),
        ..dto::Part::default()
    };
    if has_checksum {
        set_checksum!(shown, part.written.checksum);
    }
    shown
}

//! `GetObjectAttributes`.

use s3s::dto::{
    self, ETag, GetObjectAttributesInput, GetObjectAttributesOutput, GetObjectAttributesParts, ObjectAttributes,
    StorageClass,
};
use s3s::{S3Request, S3Response, S3Result};

use super::read;
use crate::s3::api::describe::object_part;
use crate::s3::api::list::limit;
use crate::s3::api::signed;
use crate::s3::refusal::Refusal;
use crate::s3::store::checksum::{ChecksumType, set_checksum};
use crate::s3::store::storage::CUSTOMER;
use crate::s3::store::{Object, Store};

/// The attributes that a request may ask for.
const KNOWN: [&str; 5] = ["ETag", "Checksum", "ObjectParts", "StorageClass", "ObjectSize"];

pub(in crate::s3::api) fn get_object_attributes(
    store: &Store,
    request: S3Request<GetObjectAttributesInput>,
) -> S3Result<S3Response<GetObjectAttributesOutput>> {
    let input = request.input;
    // One header may list several names.
    let named = input.object_attributes.iter().map(ObjectAttributes::as_str);
    let asked: Vec<&str> = named.flat_map(|names| names.split(',')).map(str::trim).collect();
    if asked.is_empty() || asked.iter().any(|name| !KNOWN.contains(name)) {
        return Err(Refusal::argument(
            "x-amz-object-attributes",
            &asked.join(","),
            "Invalid attribute name specified.",
        )
        .into());
    }
    let object = read::find(store, &input.bucket, &input.key, input.version_id.as_deref())?;
    object.description.storage.encryption.check_key(&request.headers, CUSTOMER)?;
    let wants = |name: &str| asked.contains(&name);
    let parts = || parts(&object, input.part_number_marker.unwrap_or(0), input.max_parts);
    Ok(S3Response::new(GetObjectAttributesOutput {
        e_tag: wants("ETag").then(|| ETag::Strong(object.etag.clone())),
        checksum: wants("Checksum").then(|| checksum(&object)),
        object_parts: wants("ObjectParts").then(parts).flatten(),
        storage_class: wants("StorageClass").then(|| StorageClass::from(object.description.storage.class.clone())),
        object_size: wants("ObjectSize").then(|| signed(object.size)),
        last_modified: Some(object.last_modified.into()),
        ..GetObjectAttributesOutput::default()
    }))
}

/// The checksum. A composite one has no number of parts here, unlike elsewhere.
fn checksum(object: &Object) -> dto::Checksum {
    let mut own = object.checksum.clone();
    if let Some(value) = own.without_count() {
        own.value = value.to_owned();
    }
    let mut shown = dto::Checksum { checksum_type: Some(own.checksum_type.into()), ..dto::Checksum::default() };
    set_checksum!(shown, own);
    shown
}

/// A page of the parts of a multipart object. S3 lists parts only if they have their own checksums.
fn parts(object: &Object, marker: i32, max: Option<i32>) -> Option<GetObjectAttributesParts> {
    let parts = object.parts();
    let total_parts_count = i32::try_from(parts.len()).ok().filter(|count| *count > 0)?;
    let total =
        GetObjectAttributesParts { total_parts_count: Some(total_parts_count), ..GetObjectAttributesParts::default() };
    if object.checksum.checksum_type == ChecksumType::FullObject {
        return Some(total);
    }
    let (max, shown) = limit(max);
    let mut rest = parts.iter().filter(|part| part.number > marker);
    let listed: Vec<dto::ObjectPart> =
        rest.by_ref().take(max).map(|part| object_part(part.number, part.size, &part.checksum)).collect();
    Some(GetObjectAttributesParts {
        is_truncated: Some(rest.next().is_some()),
        max_parts: Some(shown),
        part_number_marker: Some(marker),
        next_part_number_marker: Some(listed.last().and_then(|part| part.part_number).unwrap_or(0)),
        parts: Some(listed),
        ..total
    })
}

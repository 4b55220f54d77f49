//! Describes objects in the answers to writes and reads.

use hyper::HeaderMap;
use hyper::header::{HeaderName, HeaderValue};
use s3s::dto::{self, ETag};

use super::signed;
use crate::s3::metadata;
use crate::s3::store::checksum::set_checksum;
use crate::s3::store::{Object, checksum::Checksum};

/// The headers of a read that `s3s` cannot write as S3 does: the attributes that the object was stored with.
pub(super) fn stored_headers(object: &Object) -> HeaderMap {
    let mut headers = HeaderMap::new();
    let storage = &object.description.storage;
    storage.encryption.put_into(&mut headers);
    metadata::put_into(&object.description.headers.metadata, &mut headers);
    put(&mut headers, "x-amz-storage-class", storage.unusual_class());
    put(&mut headers, "x-amz-website-redirect-location", storage.redirect.as_deref());
    let count = object.tags.len().to_string();
    put(&mut headers, "x-amz-tagging-count", Some(&*count).filter(|_| !object.tags.is_empty()));
    headers
}

fn put(headers: &mut HeaderMap, name: &'static str, value: Option<&str>) {
    if let Some(value) = value.and_then(|value| HeaderValue::try_from(value).ok()) {
        headers.insert(HeaderName::from_static(name), value);
    }
}

/// A part of an object, as `GetObjectAttributes` lists it.
pub(super) fn object_part(number: i32, size: u64, checksum: &Checksum) -> dto::ObjectPart {
    let mut part =
        dto::ObjectPart { part_number: Some(number), size: Some(signed(size)), ..dto::ObjectPart::default() };
    set_checksum!(part, checksum);
    part
}

/// The `ETag` of an object in an answer.
pub(super) fn etag(object: &Object) -> ETag {
    ETag::Strong(object.etag.clone())
}

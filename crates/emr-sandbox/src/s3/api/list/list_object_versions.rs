//! `ListObjectVersions`: buckets have no versioning, so each object is its only version, `null`.

use s3s::dto::{ETag, ListObjectVersionsInput, ListObjectVersionsOutput, ObjectVersion, ObjectVersionStorageClass};
use s3s::{S3Request, S3Response, S3Result};

use super::limit;
use super::names::Names;
use super::page::{After, Query, page};
use crate::s3::api::bucket::owner;
use crate::s3::api::signed;
use crate::s3::api::version::UNVERSIONED;
use crate::s3::refusal::Refusal;
use crate::s3::store::{Object, Store};

pub(in crate::s3::api) fn list_object_versions(
    store: &Store,
    request: S3Request<ListObjectVersionsInput>,
) -> S3Result<S3Response<ListObjectVersionsOutput>> {
    let input = request.input;
    let names = Names::of(input.encoding_type.as_ref())?;
    let (max, shown) = limit(input.max_keys);
    let key_marker = input.key_marker.as_deref().unwrap_or_default();
    let version_marker = input.version_id_marker.as_deref().filter(|version| !version.is_empty());
    if let Some(version) = version_marker.filter(|_| key_marker.is_empty()) {
        let message = "A version-id marker cannot be specified without a key marker.";
        return Err(Refusal::argument("version-id-marker", version, message).into());
    }
    let query = Query::new(input.prefix.as_deref(), input.delimiter.as_deref(), After::Mark(key_marker), max);
    let found = store.with_bucket(&input.bucket, |bucket| Ok(page(&bucket.objects, &query)))?;
    let is_key = |name: &&str| found.entries.last().is_some_and(|object| object.key == *name);
    let next = found.next.as_deref();
    Ok(S3Response::new(ListObjectVersionsOutput {
        is_truncated: Some(next.is_some()),
        next_key_marker: next.map(|next| names.encode(next)),
        next_version_id_marker: next.filter(is_key).map(|_| UNVERSIONED.to_owned()),
        common_prefixes: Some(names.common_prefixes(&found)),
        versions: Some(found.entries.iter().map(|object| version(object, &names)).collect()),
        max_keys: Some(shown),
        prefix: Some(names.encode(query.prefix)),
        delimiter: query.delimiter.map(|delimiter| names.encode(delimiter)),
        key_marker: Some(names.encode(key_marker)),
        version_id_marker: Some(version_marker.unwrap_or_default().to_owned()),
        encoding_type: input.encoding_type.clone(),
        name: Some(input.bucket.clone()),
        ..ListObjectVersionsOutput::default()
    }))
}

fn version(object: &Object, names: &Names) -> ObjectVersion {
    ObjectVersion {
        key: Some(names.encode(&object.key)),
        version_id: Some(UNVERSIONED.to_owned()),
        is_latest: Some(true),
        e_tag: Some(ETag::Strong(object.etag.clone())),
        last_modified: Some(object.last_modified.into()),
        size: Some(signed(object.size)),
        storage_class: Some(ObjectVersionStorageClass::from(object.description.storage.class.clone())),
        owner: Some(owner()),
        checksum_algorithm: Some(vec![object.checksum.algorithm.into()]),
        checksum_type: Some(object.checksum.checksum_type.into()),
        ..ObjectVersion::default()
    }
}

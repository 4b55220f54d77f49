//! `ListMultipartUploads`: sorted by key, then by start time.

use std::collections::BTreeMap;

use s3s::dto::{ListMultipartUploadsInput, ListMultipartUploadsOutput, MultipartUpload, StorageClass};
use s3s::{S3Request, S3Response, S3Result};

use super::limit;
use super::names::Names;
use super::page::{After, Query, page};
use crate::s3::api::bucket::owner;
use crate::s3::api::multipart::initiator;
use crate::s3::refusal::Refusal;
use crate::s3::store::Store;
use crate::s3::store::buckets::Bucket;
use crate::s3::store::upload::Upload;

pub(in crate::s3::api) fn list_multipart_uploads(
    store: &Store,
    request: S3Request<ListMultipartUploadsInput>,
) -> S3Result<S3Response<ListMultipartUploadsOutput>> {
    let input = request.input;
    let names = Names::of(input.encoding_type.as_ref())?;
    let (max, shown) = limit(input.max_uploads);
    let key_marker = input.key_marker.unwrap_or_default();
    // Without a key marker, S3 ignores the id marker.
    let id_marker = input.upload_id_marker.filter(|id| !id.is_empty() && !key_marker.is_empty());
    let uploads = store.with_bucket(&input.bucket, |bucket| Ok(by_key(bucket)))?;
    let after = mark(&key_marker, id_marker.as_deref());
    if let Some(id) = id_marker.as_deref().filter(|_| !uploads.contains_key(&after)) {
        return Err(Refusal::argument("upload-id-marker", id, "Invalid uploadId marker").into());
    }
    let query = Query::new(input.prefix.as_deref(), input.delimiter.as_deref(), After::Mark(&after), max);
    let found = page(&uploads, &query);
    // As in S3, a page that ends with a common prefix does not say where the next one begins.
    let last = found.entries.last();
    Ok(S3Response::new(ListMultipartUploadsOutput {
        is_truncated: Some(found.next.is_some()),
        next_key_marker: Some(last.map_or_else(String::new, |(_, upload)| names.encode(&upload.key))),
        next_upload_id_marker: Some(last.map_or_else(String::new, |(id, _)| id.clone())),
        common_prefixes: Some(names.common_prefixes(&found)),
        uploads: Some(found.entries.iter().map(|(id, upload)| listed(id, upload, &names)).collect()),
        max_uploads: Some(shown),
        prefix: Some(query.prefix).filter(|prefix| !prefix.is_empty()).map(|prefix| names.encode(prefix)),
        delimiter: query.delimiter.map(|delimiter| names.encode(delimiter)),
        key_marker: Some(names.encode(&key_marker)),
        upload_id_marker: Some(id_marker.unwrap_or_default()),
        encoding_type: input.encoding_type.clone(),
        bucket: Some(input.bucket),
        ..ListMultipartUploadsOutput::default()
    }))
}

/// Separates key and upload id in the names of uploads. It is the smallest character, so all uploads of a key sort
/// before the next key.
const MARK: char = '\0';

/// Uploads under names that sort as in S3: by key, then by id.
fn by_key(bucket: &Bucket) -> BTreeMap<String, (String, Upload)> {
    let uploads = bucket.uploads.iter();
    uploads.map(|((key, id), upload)| (mark(key, Some(id)), (id.clone(), upload.clone()))).collect()
}

/// The name of an upload. Without an id, a name that sorts after all uploads of the key.
fn mark(key: &str, id: Option<&str>) -> String {
    match id {
        Some(id) => format!("{key}{MARK}{id}"),
        None if key.is_empty() => String::new(),
        // Ids are hexadecimal, so `~` sorts after all of them.
        None => format!("{key}{MARK}~"),
    }
}

fn listed(id: &str, upload: &Upload, names: &Names) -> MultipartUpload {
    MultipartUpload {
        key: Some(names.encode(&upload.key)),
        upload_id: Some(id.to_owned()),
        initiated: Some(upload.initiated.into()),
        storage_class: Some(StorageClass::from(upload.description.storage.class.clone())),
        owner: Some(owner()),
        initiator: Some(initiator()),
        checksum_algorithm: upload.checksum.map(|(algorithm, _)| algorithm.into()),
        checksum_type: upload.checksum.map(|(_, checksum_type)| checksum_type.into()),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_mark_of_a_key_sorts_after_all_its_uploads() {
        assert!(mark("k", Some("ffff")) < mark("k", None));
        assert!(mark("k", None) < mark("k0", Some("0")));
    }
}

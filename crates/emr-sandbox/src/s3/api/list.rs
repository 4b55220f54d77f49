//! `ListObjects`, `ListObjectsV2` and `ListMultipartUploads`: pages of names, encoded on request.

use std::collections::BTreeMap;

use s3s::dto::{
    self, CommonPrefix, ETag, EncodingType, ListMultipartUploadsInput, ListMultipartUploadsOutput, ListObjectsInput,
    ListObjectsOutput, ListObjectsV2Input, ListObjectsV2Output, MultipartUpload, ObjectStorageClass,
};
use s3s::{S3Request, S3Response, S3Result, s3_error};

use super::bucket::owner;
use super::get::signed;
use super::page::{Page, Query, page};
use crate::s3::store::Object;
use crate::s3::store::Store;
use crate::s3::store::upload::Upload;

/// The most entries of a page.
const MAX_ENTRIES: i32 = 1000;

pub(super) fn list_objects(
    store: &Store,
    request: S3Request<ListObjectsInput>,
) -> S3Result<S3Response<ListObjectsOutput>> {
    let input = request.input;
    let (max, shown) = limit(input.max_keys)?;
    let query = Query::new(input.prefix.as_deref(), input.delimiter.as_deref(), input.marker.as_deref(), max);
    let found = store.with_bucket(&input.bucket, |bucket| Ok(page(&bucket.objects, &query)))?;
    let names = Names::of(input.encoding_type.as_ref());
    let next = found.next.as_deref().filter(|_| query.delimiter.is_some());
    Ok(S3Response::new(ListObjectsOutput {
        is_truncated: Some(found.next.is_some()),
        next_marker: next.map(|next| names.encode(next)),
        common_prefixes: Some(names.common_prefixes(&found)),
        contents: Some(names.contents(&found, true)),
        max_keys: Some(shown),
        prefix: Some(names.encode(query.prefix)),
        marker: Some(names.encode(query.after)),
        delimiter: query.delimiter.map(|delimiter| names.encode(delimiter)),
        encoding_type: input.encoding_type.clone(),
        name: Some(input.bucket.clone()),
        ..ListObjectsOutput::default()
    }))
}

pub(super) fn list_objects_v2(
    store: &Store,
    request: S3Request<ListObjectsV2Input>,
) -> S3Result<S3Response<ListObjectsV2Output>> {
    let input = request.input;
    let (max, shown) = limit(input.max_keys)?;
    let from = input.continuation_token.as_deref().map(token::decode).transpose()?;
    let query = Query::new(
        input.prefix.as_deref(),
        input.delimiter.as_deref(),
        from.as_deref().or(input.start_after.as_deref()),
        max,
    );
    let found = store.with_bucket(&input.bucket, |bucket| Ok(page(&bucket.objects, &query)))?;
    let names = Names::of(input.encoding_type.as_ref());
    Ok(S3Response::new(ListObjectsV2Output {
        is_truncated: Some(found.next.is_some()),
        next_continuation_token: found.next.as_deref().map(token::encode),
        key_count: i32::try_from(found.len()).ok(),
        common_prefixes: Some(names.common_prefixes(&found)),
        contents: Some(names.contents(&found, input.fetch_owner == Some(true))),
        max_keys: Some(shown),
        prefix: Some(names.encode(query.prefix)),
        delimiter: query.delimiter.map(|delimiter| names.encode(delimiter)),
        start_after: input.start_after.as_deref().map(|after| names.encode(after)),
        continuation_token: input.continuation_token.clone(),
        encoding_type: input.encoding_type.clone(),
        name: Some(input.bucket.clone()),
        ..ListObjectsV2Output::default()
    }))
}

pub(super) fn list_multipart_uploads(
    store: &Store,
    request: S3Request<ListMultipartUploadsInput>,
) -> S3Result<S3Response<ListMultipartUploadsOutput>> {
    let input = request.input;
    let (max, shown) = limit(input.max_uploads)?;
    let key_marker = input.key_marker.unwrap_or_default();
    let after = mark(&key_marker, input.upload_id_marker.as_deref());
    let query = Query::new(input.prefix.as_deref(), input.delimiter.as_deref(), Some(&after), max);
    let uploads = store.with_bucket(&input.bucket, |bucket| Ok(by_key(&bucket.uploads)))?;
    let found = page(&uploads, &query);
    let names = Names::of(input.encoding_type.as_ref());
    let (next_key, next_id) = found.next.as_deref().map(unmark).unzip();
    Ok(S3Response::new(ListMultipartUploadsOutput {
        is_truncated: Some(found.next.is_some()),
        next_key_marker: next_key.map(|key| names.encode(key)),
        next_upload_id_marker: next_id.map(str::to_owned),
        common_prefixes: Some(names.common_prefixes(&found)),
        uploads: Some(found.entries.iter().map(|upload| names.upload(upload)).collect()),
        max_uploads: Some(shown),
        prefix: Some(names.encode(query.prefix)),
        delimiter: query.delimiter.map(|delimiter| names.encode(delimiter)),
        key_marker: Some(names.encode(&key_marker)),
        upload_id_marker: input.upload_id_marker,
        encoding_type: input.encoding_type.clone(),
        bucket: Some(input.bucket),
        ..ListMultipartUploadsOutput::default()
    }))
}

/// The most entries of a page, for the page itself and for the answer.
pub(super) fn limit(requested: Option<i32>) -> S3Result<(usize, i32)> {
    let shown = requested.unwrap_or(MAX_ENTRIES).min(MAX_ENTRIES);
    let limit = usize::try_from(shown).map_err(|_| s3_error!(InvalidArgument, "The maximum must not be negative"))?;
    Ok((limit, shown))
}

/// Separates key and upload id in the names of uploads. As the least character it sorts all uploads of a
/// key before the next key.
const MARK: char = '\0';

/// Uploads by names that sort as S3 does: by key, then by id.
fn by_key(uploads: &BTreeMap<String, Upload>) -> BTreeMap<String, (String, Upload)> {
    uploads.iter().map(|(id, upload)| (mark(&upload.key, Some(id)), (id.clone(), upload.clone()))).collect()
}

/// The name of an upload or, without an id, a name after all uploads of a key.
fn mark(key: &str, id: Option<&str>) -> String {
    match id {
        Some(id) => format!("{key}{MARK}{id}"),
        None if key.is_empty() => String::new(),
        // Ids are hexadecimal: `~` sorts after all of them.
        None => format!("{key}{MARK}~"),
    }
}

fn unmark(name: &str) -> (&str, &str) {
    name.rsplit_once(MARK).unwrap_or((name, ""))
}

/// How names are written: plain, or percent-encoded.
struct Names {
    encoded: bool,
}

impl Names {
    fn of(encoding: Option<&EncodingType>) -> Names {
        Names { encoded: encoding.is_some_and(|encoding| encoding.as_str() == EncodingType::URL) }
    }

    fn encode(&self, name: &str) -> String {
        if !self.encoded {
            return name.to_owned();
        }
        name.bytes()
            .map(|byte| match byte {
                b'A'..=b'Z' | b'a'..=b'z' | b'0'..=b'9' | b'-' | b'_' | b'.' | b'~' | b'/' => {
                    char::from(byte).to_string()
                }
                _ => format!("%{byte:02X}"),
            })
            .collect()
    }

    fn common_prefixes<T>(&self, page: &Page<T>) -> Vec<CommonPrefix> {
        let prefixes = page.common_prefixes.iter().map(|prefix| CommonPrefix { prefix: Some(self.encode(prefix)) });
        prefixes.collect()
    }

    fn contents(&self, page: &Page<Object>, with_owner: bool) -> Vec<dto::Object> {
        let contents = page.entries.iter().map(|object| dto::Object {
            key: Some(self.encode(&object.key)),
            e_tag: Some(ETag::Strong(object.etag.clone())),
            last_modified: Some(object.last_modified.into()),
            size: Some(signed(object.size)),
            storage_class: Some(ObjectStorageClass::from_static(ObjectStorageClass::STANDARD)),
            owner: with_owner.then(owner),
            checksum_algorithm: Some(vec![object.checksum.algorithm.into()]),
            checksum_type: Some(object.checksum.checksum_type.into()),
            ..dto::Object::default()
        });
        contents.collect()
    }

    fn upload(&self, (id, upload): &(String, Upload)) -> MultipartUpload {
        MultipartUpload {
            key: Some(self.encode(&upload.key)),
            upload_id: Some(id.clone()),
            initiated: Some(upload.initiated.into()),
            owner: Some(owner()),
            checksum_algorithm: Some(upload.algorithm.into()),
            checksum_type: Some(upload.checksum_type.into()),
            ..MultipartUpload::default()
        }
    }
}

/// Continuation tokens: the last name of a page, opaque to clients.
mod token {
    use s3s::{S3Result, s3_error};

    pub(super) fn encode(name: &str) -> String {
        base64_simd::URL_SAFE.encode_to_string(name)
    }

    pub(super) fn decode(token: &str) -> S3Result<String> {
        base64_simd::URL_SAFE
            .decode_to_vec(token)
            .ok()
            .and_then(|name| String::from_utf8(name).ok())
            .ok_or_else(|| s3_error!(InvalidArgument, "The continuation token provided is incorrect"))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn encoded_names_are_ascii_and_keep_their_slashes() {
        let names = Names { encoded: true };
        assert_eq!(names.encode("a/b +%é"), "a/b%20%2B%25%C3%A9");
        assert_eq!(Names { encoded: false }.encode("a b"), "a b");
    }

    #[test]
    fn a_token_leads_back_to_its_name_and_any_other_is_refused() {
        for name in ["", "a/b", "ü\0"] {
            assert_eq!(token::decode(&token::encode(name)).unwrap(), name);
        }
        assert!(token::decode("not a token!").is_err());
    }

    #[test]
    fn a_page_has_at_most_a_thousand_entries() {
        assert_eq!(limit(None).unwrap(), (1000, 1000));
        assert_eq!(limit(Some(5000)).unwrap(), (1000, 1000));
        assert_eq!(limit(Some(0)).unwrap(), (0, 0));
        assert!(limit(Some(-1)).is_err());
    }

    #[test]
    fn the_mark_of_a_key_alone_comes_after_all_its_uploads() {
        assert!(mark("k", Some("ffff")) < mark("k", None));
        assert!(mark("k", None) < mark("k0", Some("0")));
        assert_eq!(unmark(&mark("k", Some("0a"))), ("k", "0a"));
    }
}

//! `GetObject`, `HeadObject` and `GetObjectTagging`.

use std::io::SeekFrom;
use std::ops;
use std::sync::Arc;

use bytes::{Bytes, BytesMut};
use futures_util::stream::try_unfold;
use hyper::header::{ETAG, HeaderValue};
use hyper::{HeaderMap, StatusCode};
use s3s::dto::{
    ChecksumMode, ETag, GetObjectInput, GetObjectOutput, GetObjectTaggingInput, GetObjectTaggingOutput,
    HeadObjectInput, HeadObjectOutput, Range, StreamingBlob,
};
use s3s::{S3Error, S3ErrorCode, S3Request, S3Response, S3Result, s3_error};
use tokio::fs::File;
use tokio::io::{AsyncReadExt as _, AsyncSeekExt as _};

use crate::s3::store::Object;
use crate::s3::store::Store;
use crate::s3::store::body::CHUNK;
use crate::s3::store::condition::{ReadCondition, Verdict};
use crate::s3::store::error::StoreError;

/// The content type of an object that was put without one.
const DEFAULT_CONTENT_TYPE: &str = "binary/octet-stream";

/// The conditions of both requests.
macro_rules! read_condition {
    ($input:expr) => {
        ReadCondition {
            matches: $input.if_match.take(),
            none_match: $input.if_none_match.take(),
            modified_since: $input.if_modified_since.take(),
            unmodified_since: $input.if_unmodified_since.take(),
        }
    };
}

/// What both answers describe of an object.
macro_rules! describe {
    ($output:ident, $object:expr, $slice:expr) => {{
        let headers = &$object.headers;
        let content_type = headers.content_type.as_deref().unwrap_or(DEFAULT_CONTENT_TYPE);
        $output {
            accept_ranges: Some("bytes".to_owned()),
            cache_control: headers.cache_control.clone(),
            content_disposition: headers.content_disposition.clone(),
            content_encoding: headers.content_encoding.clone(),
            content_language: headers.content_language.clone(),
            content_length: Some(signed($slice.bytes.end - $slice.bytes.start)),
            content_range: $slice.content_range($object.size),
            content_type: Some(content_type.to_owned()),
            e_tag: Some(ETag::Strong($object.etag.clone())),
            expires: headers.expires.clone(),
            last_modified: Some($object.last_modified.into()),
            metadata: headers.metadata.clone(),
            parts_count: $slice.parts_count,
            ..$output::default()
        }
    }};
}

pub(super) async fn get_object(
    store: &Arc<Store>,
    request: S3Request<GetObjectInput>,
) -> S3Result<S3Response<GetObjectOutput>> {
    let mut input = request.input;
    let object = readable(store, &input.bucket, &input.key, &read_condition!(input))?;
    let slice = Slice::of(&object, input.range, input.part_number)?;
    let headers = checksum_headers(&object, &slice, input.checksum_mode.as_ref());
    let mut output = describe!(GetObjectOutput, object, slice);
    let body = read(object, slice.bytes).await;
    output.body = Some(body.map_err(StoreError::Disk)?);
    Ok(S3Response::with_headers(output, headers))
}

pub(super) fn head_object(
    store: &Store,
    request: S3Request<HeadObjectInput>,
) -> S3Result<S3Response<HeadObjectOutput>> {
    let mut input = request.input;
    let object = readable(store, &input.bucket, &input.key, &read_condition!(input))?;
    let slice = Slice::of(&object, input.range, input.part_number)?;
    let headers = checksum_headers(&object, &slice, input.checksum_mode.as_ref());
    let output = describe!(HeadObjectOutput, object, slice);
    Ok(S3Response::with_headers(output, headers))
}

/// Answers that an object has no tags. The AWS CLI asks when it copies in parts.
pub(super) fn get_object_tagging(
    store: &Store,
    request: S3Request<GetObjectTaggingInput>,
) -> S3Result<S3Response<GetObjectTaggingOutput>> {
    let input = request.input;
    readable(store, &input.bucket, &input.key, &ReadCondition::default())?;
    Ok(S3Response::new(GetObjectTaggingOutput::default()))
}

/// The object, if it exists and the condition holds.
fn readable(store: &Store, bucket: &str, key: &str, condition: &ReadCondition) -> S3Result<Object> {
    let found = store.with_bucket(bucket, |bucket| Ok(bucket.objects.get(key).cloned()))?;
    let object = found.ok_or(StoreError::NoSuchKey)?;
    match condition.check(&object.etag, &object.last_modified.into()) {
        Verdict::Proceed => Ok(object),
        Verdict::Failed => Err(StoreError::PreconditionFailed.into()),
        Verdict::NotModified => {
            let mut answer = s3_error!(NotModified, "Not Modified");
            if let Ok(etag) = HeaderValue::try_from(format!("\"{}\"", object.etag)) {
                answer.set_headers(HeaderMap::from_iter([(ETAG, etag)]));
            }
            Err(answer)
        }
    }
}

/// The bytes of an object that a request names.
struct Slice {
    bytes: ops::Range<u64>,
    /// Whether the request has a range or a part number.
    partial: bool,
    /// The number of parts, where the request names one of them.
    parts_count: Option<i32>,
}

impl Slice {
    fn of(object: &Object, range: Option<Range>, part: Option<i32>) -> S3Result<Slice> {
        match (range, part) {
            (None, None) => Ok(Slice { bytes: 0..object.size, partial: false, parts_count: None }),
            (Some(range), None) => Ok(Slice { bytes: range.check(object.size)?, partial: true, parts_count: None }),
            (None, Some(number)) => Slice::of_part(object, number),
            (Some(_), Some(_)) => {
                Err(s3_error!(InvalidRequest, "Cannot specify both Range header and partNumber query parameter"))
            }
        }
    }

    /// An object without parts is its own first part.
    fn of_part(object: &Object, number: i32) -> S3Result<Slice> {
        let whole = [object.size];
        let sizes = if object.parts.is_empty() { &whole } else { &*object.parts };
        let before = usize::try_from(number).ok().and_then(|number| number.checked_sub(1));
        let (before, size) =
            before.and_then(|before| Some((before, sizes.get(before)?))).ok_or_else(invalid_part_number)?;
        let start = sizes[..before].iter().sum();
        Ok(Slice {
            bytes: start..start + size,
            partial: true,
            parts_count: i32::try_from(object.parts.len()).ok().filter(|count| *count > 0),
        })
    }

    fn content_range(&self, size: u64) -> Option<String> {
        let ops::Range { start, end } = self.bytes;
        (self.partial && end > start).then(|| format!("bytes {start}-{}/{size}", end - 1))
    }
}

/// An error of S3 that `s3s` does not have.
fn invalid_part_number() -> S3Error {
    let code = S3ErrorCode::Custom("InvalidPartNumber".into());
    let mut answer = S3Error::with_message(code, "The requested partnumber is not satisfiable");
    answer.set_status_code(StatusCode::RANGE_NOT_SATISFIABLE);
    answer
}

/// The object's checksum, where the request enables it and reads the whole object.
fn checksum_headers(object: &Object, slice: &Slice, mode: Option<&ChecksumMode>) -> HeaderMap {
    let mut headers = HeaderMap::new();
    let is_enabled = mode.is_some_and(|mode| mode.as_str().eq_ignore_ascii_case("ENABLED"));
    if is_enabled && slice.bytes == (0..object.size) {
        object.checksum.put_into(&mut headers);
    }
    headers
}

/// The bytes of the body in pieces. Holds the object until the last piece has been read.
pub(crate) async fn read(object: Object, bytes: ops::Range<u64>) -> std::io::Result<StreamingBlob> {
    let mut file = File::open(object.path()).await?;
    file.seek(SeekFrom::Start(bytes.start)).await?;
    let rest = file.take(bytes.end - bytes.start);
    let pieces = try_unfold((rest, object), |(mut rest, object)| async move {
        let mut piece = BytesMut::with_capacity(CHUNK);
        let n = rest.read_buf(&mut piece).await?;
        Ok::<_, std::io::Error>((n > 0).then(|| (Bytes::from(piece), (rest, object))))
    });
    Ok(StreamingBlob::wrap(pieces))
}

/// A size in the type of S3's shapes.
pub(super) fn signed(size: u64) -> i64 {
    i64::try_from(size).unwrap_or(i64::MAX)
}

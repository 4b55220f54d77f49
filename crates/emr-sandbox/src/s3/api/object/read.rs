//! What a GET or HEAD reads: an object, if its conditions hold, and a slice of it.

use std::ops;

use hyper::header::{ETAG, LAST_MODIFIED};
use hyper::http::Extensions;
use hyper::{HeaderMap, StatusCode};
use s3s::S3ErrorCode;
use s3s::dto::{ChecksumMode, Timestamp, TimestampFormat};

use crate::s3::api::version;
use crate::s3::range;
use crate::s3::refusal::Refusal;
use crate::s3::store::checksum::{Checksum, ChecksumType};
use crate::s3::store::condition::{ReadCondition, Verdict};
use crate::s3::store::object::now;
use crate::s3::store::storage::CUSTOMER;
use crate::s3::store::{Object, Store};
use crate::s3::withheld::Withheld;

/// The content type of an object stored without one.
pub(super) const DEFAULT_CONTENT_TYPE: &str = "binary/octet-stream";

/// The part numbers that S3 accepts.
const PART_NUMBERS: ops::RangeInclusive<i32> = 1..=10_000;

/// The members that both answers have in common.
macro_rules! describe {
    ($output:ident, $object:expr, $slice:expr) => {{
        let headers = &$object.description.headers;
        let content_type =
            headers.content_type.as_deref().unwrap_or($crate::s3::api::object::read::DEFAULT_CONTENT_TYPE);
        $output {
            accept_ranges: Some("bytes".to_owned()),
            cache_control: headers.cache_control.clone(),
            content_disposition: headers.content_disposition.clone(),
            content_encoding: headers.content_encoding.clone(),
            content_language: headers.content_language.clone(),
            content_length: Some($crate::s3::api::signed($slice.bytes.end - $slice.bytes.start)),
            content_range: $slice.content_range($object.size),
            content_type: Some(content_type.to_owned()),
            e_tag: Some($crate::s3::api::describe::etag(&$object)),
            last_modified: Some($object.last_modified.into()),
            parts_count: $slice.parts_count,
            ..$output::default()
        }
    }};
}
pub(super) use describe;

/// The object of a version, without checks of keys and conditions.
pub(super) fn find(store: &Store, bucket: &str, key: &str, version: Option<&str>) -> Result<Object, Refusal> {
    store.with_bucket(bucket, |_| Ok(()))?;
    version::check(version)?;
    Ok(store.find(bucket, key)?)
}

/// Fails unless the request has the object's encryption key and its conditions hold.
pub(super) fn check(object: &Object, headers: &HeaderMap, extensions: &Extensions) -> Result<(), Refusal> {
    object.description.storage.encryption.check_key(headers, CUSTOMER)?;
    let condition = ReadCondition::of_read(&Withheld::of(extensions));
    match condition.check(&object.etag, object.last_modified, now()) {
        Verdict::Proceed => Ok(()),
        Verdict::Failed(header) => Err(precondition_failed(header)),
        Verdict::NotModified(_) => Err(not_modified(object)),
    }
}

fn precondition_failed(header: &str) -> Refusal {
    let message = "At least one of the pre-conditions you specified did not hold";
    Refusal::new(S3ErrorCode::PreconditionFailed, message).with("Condition", header)
}

fn not_modified(object: &Object) -> Refusal {
    let mut modified = Vec::new();
    // The store's times always fit HTTP's format.
    let _ = Timestamp::from(object.last_modified).format(TimestampFormat::HttpDate, &mut modified);
    Refusal::new(S3ErrorCode::NotModified, "Not Modified")
        .with_header(ETAG, &format!("\"{}\"", object.etag))
        .with_header(LAST_MODIFIED, &String::from_utf8_lossy(&modified))
}

/// The bytes of an object that a request asks for.
pub(super) struct Slice {
    pub(super) bytes: ops::Range<u64>,
    /// Whether the request has a range or a part number.
    partial: bool,
    /// The number of parts, if the request asks for one of them.
    pub(super) parts_count: Option<i32>,
    /// The checksum of these bytes, if S3 has it.
    checksum: Option<Checksum>,
}

impl Slice {
    pub(super) fn of(object: &Object, range: Option<&str>, part: Option<i32>) -> Result<Slice, Refusal> {
        match (range, part) {
            (None, None) => Ok(Slice::whole(object)),
            (Some(range), None) => {
                let bytes = range::requested(range, object.size)?;
                Ok(bytes.map_or_else(|| Slice::whole(object), |bytes| Slice::of_bytes(object, bytes)))
            }
            (None, Some(number)) => Slice::of_part(object, number),
            (Some(_), Some(_)) => {
                Err(Refusal::request("Cannot specify both Range header and partNumber query parameter"))
            }
        }
    }

    fn whole(object: &Object) -> Slice {
        Slice { partial: false, ..Slice::of_bytes(object, 0..object.size) }
    }

    fn of_bytes(object: &Object, bytes: ops::Range<u64>) -> Slice {
        let is_whole = bytes == (0..object.size);
        Slice { bytes, partial: true, parts_count: None, checksum: is_whole.then(|| object.checksum.clone()) }
    }

    /// The slice of a part. An object without parts is its own first part.
    fn of_part(object: &Object, number: i32) -> Result<Slice, Refusal> {
        if !PART_NUMBERS.contains(&number) {
            let message = "Part number must be an integer between 1 and 10000, inclusive";
            return Err(Refusal::argument("partNumber", &number.to_string(), message));
        }
        let parts = object.parts();
        if parts.is_empty() && number == 1 {
            return Ok(Slice::of_bytes(object, 0..object.size));
        }
        let place = parts.iter().position(|part| part.number == number);
        let place = place.ok_or_else(|| unknown_part(number, parts.len().max(1)))?;
        let start: u64 = parts[..place].iter().map(|part| part.size).sum();
        let mut slice = Slice::of_bytes(object, start..start + parts[place].size);
        if object.checksum.checksum_type == ChecksumType::Composite {
            let own = parts[place].checksum.clone();
            slice.checksum = Some(Checksum { checksum_type: ChecksumType::Composite, ..own });
        }
        slice.parts_count = i32::try_from(parts.len()).ok();
        Ok(slice)
    }

    pub(super) fn content_range(&self, size: u64) -> Option<String> {
        let ops::Range { start, end } = self.bytes;
        (self.partial && end > start).then(|| format!("bytes {start}-{}/{size}", end - 1))
    }

    /// Adds the checksum to an answer, if the request wants it.
    pub(super) fn put_checksum(&self, mode: Option<&ChecksumMode>, headers: &mut HeaderMap) {
        let is_enabled = mode.is_some_and(|mode| mode.as_str().eq_ignore_ascii_case("ENABLED"));
        if let Some(checksum) = self.checksum.as_ref().filter(|_| is_enabled) {
            checksum.put_into(headers);
        }
    }
}

/// An error code of S3 that `s3s` does not have.
fn unknown_part(number: i32, count: usize) -> Refusal {
    let message = "The requested partnumber is not satisfiable";
    Refusal::custom("InvalidPartNumber", StatusCode::RANGE_NOT_SATISFIABLE, message)
        .with("PartNumberRequested", number.to_string())
        .with("ActualPartCount", count.to_string())
}

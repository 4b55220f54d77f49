//! Ranges of bytes: those of `Range`, which S3 ignores if they are malformed (RFC 9110, section 14.2), and the stricter
//! ones of `x-amz-copy-source-range`. Pure.

use std::ops::Range;

use s3s::S3ErrorCode;

use super::refusal::Refusal;

/// A well-formed range.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Bytes {
    /// From the first byte to the end, or to the last byte inclusive.
    From(u64, Option<u64>),
    /// This many bytes at the end.
    Last(u64),
}

/// The bytes that the header `Range: value` selects from an object of `size` bytes. `None`, for the whole object, if
/// the range is malformed, has another unit or is a list.
pub(super) fn requested(value: &str, size: u64) -> Result<Option<Range<u64>>, Refusal> {
    let Some(range) = parse(value) else {
        return Ok(None);
    };
    let bytes = match range {
        Bytes::From(first, last) => first..last.map_or(size, |last| last.saturating_add(1).min(size)),
        Bytes::Last(count) => size.saturating_sub(count)..size,
    };
    if bytes.is_empty() {
        return Err(Refusal::new(S3ErrorCode::InvalidRange, "The requested range is not satisfiable")
            .with("RangeRequested", value)
            .with("ActualObjectSize", size.to_string()));
    }
    Ok(Some(bytes))
}

fn parse(value: &str) -> Option<Bytes> {
    let (unit, range) = value.split_once('=')?;
    let (first, last) = range.trim().split_once('-')?;
    if !unit.trim().eq_ignore_ascii_case("bytes") {
        return None;
    }
    match (first, last) {
        ("", count) => number(count).map(Bytes::Last),
        (first, "") => Some(Bytes::From(number(first)?, None)),
        (first, last) => {
            let (first, last) = (number(first)?, number(last)?);
            (first <= last).then_some(Bytes::From(first, Some(last)))
        }
    }
}

/// Parses digits. A number beyond `u64` becomes the largest one.
fn number(digits: &str) -> Option<u64> {
    let is_number = !digits.is_empty() && digits.bytes().all(|byte| byte.is_ascii_digit());
    is_number.then(|| digits.parse().unwrap_or(u64::MAX))
}

/// The bytes that `x-amz-copy-source-range: value` selects from a source of `size` bytes. It must have both ends.
pub(super) fn of_copy(value: &str, size: u64) -> Result<Range<u64>, Refusal> {
    let name = "x-amz-copy-source-range";
    let Some(Bytes::From(first, Some(last))) = parse(value) else {
        return Err(Refusal::argument(
            name,
            value,
            "The x-amz-copy-source-range value must be of the form bytes=first-last where first and last are the zero-based offsets of the first and last bytes to copy",
        ));
    };
    if first >= size {
        return Err(Refusal::request("The specified copy range is invalid for the source object size"));
    }
    if last >= size {
        let message = format!("Range specified is not valid for source object of size: {size}");
        return Err(Refusal::argument(name, value, message));
    }
    Ok(first..last + 1)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_range_is_cut_to_the_object() {
        for (value, bytes) in [
            ("bytes=0-8", 0..9),
            ("bytes=1-", 1..10),
            ("bytes=-2", 8..10),
            ("bytes=-15", 0..10),
            ("bytes=0-100", 0..10),
            ("BYTES=3-3", 3..4),
            ("bytes=0-99999999999999999999999", 0..10),
        ] {
            assert_eq!(requested(value, 10).unwrap(), Some(bytes), "{value}");
        }
    }

    #[test]
    fn a_malformed_range_means_the_whole_object() {
        for value in [
            "bytes=1-0",
            "bytes=-1-",
            "bytes=0--1",
            "bytes=0-1,3-4,7-9",
            "0-1",
            "bytes=-",
            "lines=0-1",
            "",
            "bytes=+1-2",
        ] {
            assert_eq!(requested(value, 10).unwrap(), None, "{value}");
        }
    }

    #[test]
    fn a_range_beyond_the_object_is_refused_with_its_size() {
        for (value, size) in
            [("bytes=-0", 10), ("bytes=100-200", 10), ("bytes=10-", 10), ("bytes=0-", 0), ("bytes=-5", 0)]
        {
            assert_eq!(requested(value, size).unwrap_err().code(), "InvalidRange", "{value}");
        }
    }

    #[test]
    fn the_range_of_a_copy_has_both_ends_within_the_source() {
        assert_eq!(of_copy("bytes=0-8", 10).unwrap(), 0..9);
        for (value, code) in [
            ("bytes=1-", "InvalidArgument"),
            ("bytes=-2", "InvalidArgument"),
            ("bytes=0-100", "InvalidArgument"),
            ("bytes=100-200", "InvalidRequest"),
            ("0-8", "InvalidArgument"),
            ("bytes=1-0", "InvalidArgument"),
            ("bytes=0-1,3-4", "InvalidArgument"),
        ] {
            assert_eq!(of_copy(value, 10).unwrap_err().code(), code, "{value}");
        }
    }
}

//! Reads a range of one version of an object and resumes after broken connections.
//!
//! A large output is read in many ranges, concurrently and for hours. Each request names the listed version by
//! `If-Match`, so that an object that is replaced meanwhile is an error and never a mix of old and new bytes. A broken
//! connection resumes at the byte where it broke.

use std::ops::Range;

use aws_sdk_s3::operation::get_object::GetObjectOutput;
use emr_core::claim::backoff;
use emr_core::error::{CallError, Error, Outcome, Result, StrangeAnswer};
use emr_core::model::s3_uri::S3Uri;

use super::{S3, asked};

/// Attempts in a row without a new byte before the error is final.
const ATTEMPTS: u32 = 6;

/// One version of an object, as it was listed.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Version {
    /// Where it is.
    pub at: S3Uri,
    /// The `ETag` that identifies the version.
    pub etag: String,
    /// Its size.
    pub bytes: u64,
}

impl S3 {
    /// All bytes in `range` of `version`.
    ///
    /// Source: <https://docs.aws.amazon.com/AmazonS3/latest/API/API_GetObject.html>
    pub async fn read_range(&self, version: &Version, range: Range<u64>) -> Result<Vec<u8>> {
        let length = usize::try_from(range.end - range.start)
            .map_err(|_| Error::new(Outcome::Bug, format!("{} is to be read at once", version.at)))?;
        let mut bytes = Vec::with_capacity(length);
        let mut barren = 0;
        while bytes.len() < length {
            let before = bytes.len();
            let rest = range.start + before as u64..range.end;
            let Err(error) = self.read_once(version, rest, &mut bytes).await else { continue };
            barren = if bytes.len() > before { 0 } else { barren + 1 };
            if barren == ATTEMPTS || error.call().is_some() && !error.may_pass() {
                return Err(error);
            }
            log::debug!("{error}; going on at byte {}", range.start + bytes.len() as u64);
            tokio::time::sleep(backoff::quick_delay(barren, fastrand::f64())).await;
        }
        Ok(bytes)
    }

    /// Appends `range` to `bytes`. On an error the bytes before it are kept.
    async fn read_once(&self, version: &Version, range: Range<u64>, bytes: &mut Vec<u8>) -> Result<()> {
        let Version { at, etag, bytes: size } = version;
        let is_part = range.start > 0 || range.end < *size;
        let header = is_part.then(|| format!("bytes={}-{}", range.start, range.end - 1));
        let got = self.follow(&at.bucket, async |located| {
            let get = self.sdk.get_object().bucket(&at.bucket).key(&at.key).if_match(etag).set_range(header.clone());
            asked("GetObject", get.customize().config_override(located).send().await)
        });
        let mut got = got.await.map_err(|failure| unread(failure, at))?;
        if is_part {
            check_range(&got, &range).map_err(|strange| strange.on(at))?;
        }
        let (before, mut left) = (bytes.len(), range.end - range.start);
        while left > 0 {
            let more = got.body.try_next().await.map_err(|cause| broke_off(at, &cause).caused_by(cause))?;
            let more = more.ok_or_else(|| broke_off(at, &"it ends early"))?;
            left = left.checked_sub(more.len() as u64).ok_or_else(|| strange("with more than was asked for").on(at))?;
            bytes.extend_from_slice(&more);
        }
        // The SDK verifies the checksum of a whole object when asked for more after the last byte.
        let error = match got.body.try_next().await {
            Ok(None) => return Ok(()),
            Ok(Some(_)) => strange("with more than was asked for").on(at),
            Err(cause) => Error::new(Outcome::Unavailable, format!("{at} arrived damaged: {cause}")).caused_by(cause),
        };
        bytes.truncate(before);
        Err(error)
    }
}

/// Checks that the answer is the requested range. A store without ranges sends the whole object.
fn check_range(got: &GetObjectOutput, range: &Range<u64>) -> Result<()> {
    let begins = format!("bytes {}-{}/", range.start, range.end - 1);
    match got.content_range() {
        Some(sent) if sent.starts_with(&begins) => Ok(()),
        _ => Err(strange("with another range than requested")),
    }
}

fn strange(how: &str) -> Error {
    CallError::strange("GetObject", &StrangeAnswer::new(how).into()).into()
}

fn broke_off(at: &S3Uri, why: &dyn std::fmt::Display) -> Error {
    Error::new(Outcome::Unavailable, format!("{at} broke off: {why}"))
}

/// Why `at` cannot be read. A replaced or deleted object is not a failure of AWS.
fn unread(failure: CallError, at: &S3Uri) -> Error {
    match (failure.status, failure.code.as_deref()) {
        (Some(412), _) => Error::new(Outcome::TryAgain, format!("{at} was replaced while it was read"))
            .caused_by(failure)
            .advise("run it again, once nothing writes there"),
        (Some(404), Some("NoSuchKey")) => {
            Error::new(Outcome::No, format!("{at} was deleted before it was read")).caused_by(failure)
        }
        _ => Error::from(failure).on(at),
    }
}

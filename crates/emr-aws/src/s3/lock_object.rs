//! Reads and conditionally writes the object of a lock. Calls are never retried here: what an unclear answer means is
//! for the protocol to decide.

use std::time::Duration;

use aws_config::retry::RetryConfig;
use aws_config::timeout::TimeoutConfig;
use aws_sdk_s3::config::{Builder, RequestChecksumCalculation};
use aws_sdk_s3::primitives::ByteStream;
use chrono::{DateTime, Utc};
use emr_core::claim::lease::{Answer, Sighting};
use emr_core::error::{CallError, CallErrorKind, Error, Result};
use emr_core::model::content::Content;
use emr_core::model::lock::{LARGEST, Lock};
use emr_core::model::s3_uri::S3Uri;
use sha2::{Digest, Sha256};

use super::content::base64;
use super::{S3, asked};
use crate::clock::AwsClock;
use crate::convert;

/// The condition of a write.
#[derive(Debug, Clone, Copy)]
pub(crate) enum Condition<'a> {
    /// There is no object.
    Absent,
    /// The object has this `ETag`.
    Is(&'a str),
}

impl S3 {
    /// Reads the lock at `at`, within `limit`. A failed call is an error; [`unclear`] says which leave the result open.
    ///
    /// Source: <https://docs.aws.amazon.com/AmazonS3/latest/API/API_GetObject.html>
    pub(crate) async fn read_lock(&self, at: &S3Uri, limit: Duration) -> Result<Answer> {
        let date = AwsClock::default();
        let got = self.follow(&at.bucket, async |located| {
            let get = self.sdk.get_object().bucket(&at.bucket).key(&at.key).customize();
            asked("GetObject", get.config_override(once(located, limit)).interceptor(date.clone()).send().await)
        });
        let object = match got.await {
            Ok(object) => object,
            Err(failure) if failure.status == Some(404) && failure.code.as_deref() != Some("NoSuchBucket") => {
                return Ok(Answer::Absent(date.now().map_or(0, epoch)));
            }
            Err(failure) => return unanswered(failure).map_err(|error| error.on(at)),
        };
        if object.content_length().is_some_and(|length| length.cast_unsigned() > LARGEST) {
            return Err(too_large().on(at));
        }
        let modified = convert::time(object.last_modified());
        let (Some(now), Some(modified), Some(etag)) = (date.now(), modified, object.e_tag().map(str::to_owned)) else {
            return Err(unfit("its answers lack Date, Last-Modified or ETag").on(at));
        };
        let Ok(Some(body)) = tokio::time::timeout(limit, beginning(object.body)).await else {
            return Ok(Answer::Unclear);
        };
        if body.len() as u64 > LARGEST {
            return Err(too_large().on(at));
        }
        let lock = Lock::read(&body).map_err(|error| error.on(at))?;
        let age = (now - modified).to_std().unwrap_or_default();
        Ok(Answer::Found(Sighting { lock, etag, age }))
    }

    /// Writes `lock` if `condition` holds.
    ///
    /// Source: <https://docs.aws.amazon.com/AmazonS3/latest/userguide/conditional-writes.html>
    pub(crate) async fn write_lock(
        &self,
        at: &S3Uri,
        condition: Condition<'_>,
        lock: &Lock,
        limit: Duration,
    ) -> Result<Answer> {
        let body = lock.write();
        // Buckets with Object Lock require a checksum.
        let checksum = base64(&Content::from(<[u8; 32]>::from(Sha256::digest(&body))));
        let written = self.follow(&at.bucket, async |located| {
            let put = self.put_object(at).content_type("application/json").checksum_sha256(&checksum);
            let put = match condition {
                Condition::Absent => put.if_none_match("*"),
                Condition::Is(etag) => put.if_match(etag),
            };
            let put = put.body(body.clone().into()).customize();
            asked("PutObject", put.config_override(once(located, limit)).send().await)
        });
        match written.await {
            Ok(written) => match written.e_tag() {
                Some(etag) => Ok(Answer::Written(etag.to_owned())),
                None => Err(unfit("its answers lack an ETag").on(at)),
            },
            Err(failure) => unanswered(failure).map_err(|error| error.on(at)),
        }
    }
}

/// Turns an error of [`S3::read_lock`] or [`S3::write_lock`] that leaves the result open into [`Answer::Unclear`].
pub(crate) fn unclear(error: Error) -> Result<Answer> {
    match error.call().map(|call| call.kind) {
        Some(CallErrorKind::Unclear | CallErrorKind::Throttled | CallErrorKind::NotNow) => Ok(Answer::Unclear),
        _ => Err(error),
    }
}

/// The bytes of `body`, up to just over [`LARGEST`]; `None` if it breaks off. A chunked answer does not announce its
/// length.
async fn beginning(mut body: ByteStream) -> Option<Vec<u8>> {
    let mut bytes = Vec::new();
    while let Some(more) = body.try_next().await.ok()? {
        bytes.extend_from_slice(&more);
        if bytes.len() as u64 > LARGEST {
            break;
        }
    }
    Some(bytes)
}

fn too_large() -> Error {
    Error::usage("the object is not a lock: it is too large")
}

/// What a failed call means to the protocol.
fn unanswered(failure: CallError) -> Result<Answer> {
    match (failure.kind, failure.status, failure.code.as_deref()) {
        (_, _, Some("NoSuchBucket")) => Err(failure.into()),
        (_, Some(412 | 404), _) => Ok(Answer::Refused),
        (_, Some(409), _) => Ok(Answer::Conflict),
        (_, Some(501), _) => Err(unfit("it does not support conditional writes")),
        (CallErrorKind::Denied, _, None | Some("AccessDenied")) if failure.operation == "GetObject" => {
            Err(Error::from(failure).advise(
                "locks need s3:GetObject, s3:PutObject, and s3:ListBucket, without which S3 hides what is absent",
            ))
        }
        _ => Err(failure.into()),
    }
}

fn unfit(why: &str) -> Error {
    Error::config(format!("this store is unfit for locks: {why}"))
        .advise("use Amazon S3, or a store that s3-lock probe accepts")
}

fn epoch(time: DateTime<Utc>) -> u64 {
    u64::try_from(time.timestamp()).unwrap_or_default()
}

/// One attempt within `limit`. The SDK's default checksums are off, because few other stores support trailing
/// checksums.
fn once(located: Builder, limit: Duration) -> Builder {
    located
        .retry_config(RetryConfig::disabled())
        .timeout_config(TimeoutConfig::builder().operation_attempt_timeout(limit).build())
        .request_checksum_calculation(RequestChecksumCalculation::WhenRequired)
}

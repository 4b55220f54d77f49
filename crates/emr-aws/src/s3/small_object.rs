//! Reads and conditionally writes a small object, in one attempt each.

use std::time::Duration;

use aws_config::retry::RetryConfig;
use aws_config::timeout::TimeoutConfig;
use aws_sdk_s3::config::{Builder, RequestChecksumCalculation};
use aws_sdk_s3::primitives::ByteStream;
use chrono::{DateTime, Utc};
use emr_core::claim::lease::Answer;
use emr_core::error::{CallError, CallErrorKind, Error, Result};
use emr_core::model::content::Content;
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

/// What a read found.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) enum SmallObject {
    /// There is no object. Carries the store's time, if it tells.
    Absent(Option<DateTime<Utc>>),
    /// The whole object.
    Found {
        /// Its content.
        body: Vec<u8>,
        /// Its `ETag`.
        etag: String,
        /// The answer's `Date` minus its `Last-Modified`, both in whole seconds by the store's clock.
        age: Duration,
        /// The store's time.
        now: DateTime<Utc>,
    },
    /// The object is larger than what was asked for may be.
    TooLarge {
        /// Its `ETag`.
        etag: String,
        /// The store's time.
        now: DateTime<Utc>,
    },
    /// The answer broke off.
    Unclear,
}

impl S3 {
    /// Reads the object at `at`, of at most `largest` bytes, within `limit`.
    ///
    /// Source: <https://docs.aws.amazon.com/AmazonS3/latest/API/API_GetObject.html>
    pub(crate) async fn read_small(&self, at: &S3Uri, largest: u64, limit: Duration) -> Result<SmallObject> {
        let date = AwsClock::default();
        let got = self.follow(&at.bucket, async |located| {
            let get = self.sdk.get_object().bucket(&at.bucket).key(&at.key).customize();
            asked("GetObject", get.config_override(once(located, limit)).interceptor(date.clone()).send().await)
        });
        let object = match got.await {
            Ok(object) => object,
            Err(failure) if failure.status == Some(404) && failure.code.as_deref() != Some("NoSuchBucket") => {
                return Ok(SmallObject::Absent(date.now()));
            }
            Err(failure) => return unanswered(failure).map(|_| SmallObject::Unclear).map_err(|error| error.on(at)),
        };
        let modified = convert::time(object.last_modified());
        let (Some(now), Some(modified), Some(etag)) = (date.now(), modified, object.e_tag().map(str::to_owned)) else {
            return Err(unfit("its answers lack Date, Last-Modified or ETag").on(at));
        };
        if object.content_length().is_some_and(|length| length.cast_unsigned() > largest) {
            return Ok(SmallObject::TooLarge { etag, now });
        }
        let Ok(Some(body)) = tokio::time::timeout(limit, beginning(object.body, largest)).await else {
            return Ok(SmallObject::Unclear);
        };
        if body.len() as u64 > largest {
            return Ok(SmallObject::TooLarge { etag, now });
        }
        Ok(SmallObject::Found { body, etag, age: (now - modified).to_std().unwrap_or_default(), now })
    }

    /// Writes `body` if `condition` holds.
    ///
    /// Source: <https://docs.aws.amazon.com/AmazonS3/latest/userguide/conditional-writes.html>
    pub(crate) async fn write_small(
        &self,
        at: &S3Uri,
        condition: Condition<'_>,
        body: &[u8],
        limit: Duration,
    ) -> Result<Answer> {
        // Buckets with Object Lock require a checksum.
        let checksum = base64(&Content::from(<[u8; 32]>::from(Sha256::digest(body))));
        let written = self.follow(&at.bucket, async |located| {
            let put = self.put_object(at).content_type("application/json").checksum_sha256(&checksum);
            let put = match condition {
                Condition::Absent => put.if_none_match("*"),
                Condition::Is(etag) => put.if_match(etag),
            };
            let put = put.body(body.to_vec().into()).customize();
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

/// The bytes of `body`, up to just over `largest`; `None` if it breaks off. A chunked answer does not announce its
/// length.
async fn beginning(mut body: ByteStream, largest: u64) -> Option<Vec<u8>> {
    let mut bytes = Vec::new();
    while let Some(more) = body.try_next().await.ok()? {
        bytes.extend_from_slice(&more);
        if bytes.len() as u64 > largest {
            break;
        }
    }
    Some(bytes)
}

/// What a failed call means for a conditional write.
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

/// One attempt within `limit`. The SDK's default checksums are off, because few other stores support trailing
/// checksums.
fn once(located: Builder, limit: Duration) -> Builder {
    located
        .retry_config(RetryConfig::disabled())
        .timeout_config(TimeoutConfig::builder().operation_attempt_timeout(limit).build())
        .request_checksum_calculation(RequestChecksumCalculation::WhenRequired)
}

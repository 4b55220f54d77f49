//! Looks whether an upload is there already, and makes it new where a sweep might soon delete it.
//!
//! `emr_core::scratch` says why a job loses nothing that way.

use std::collections::HashMap;
use std::time::{Duration, Instant};

use aws_config::timeout::TimeoutConfig;
use aws_sdk_s3::types::{MetadataDirective, ServerSideEncryption};
use emr_core::claim::lease::{Sighting, is_held};
use emr_core::error::{CallErrorKind, Error, Outcome, Result};
use emr_core::model::job_flow::Upload;
use emr_core::model::s3_uri::S3Uri;
use emr_core::scratch::{REFRESH_AFTER, SETTLED_AFTER, sweep_lock};

use super::{S3, asked};
use crate::clock::AwsClock;
use crate::convert;

/// The time limit of one `HeadObject`.
const LOOK: Duration = Duration::from_secs(30);

/// S3 copies no larger object in one request.
///
/// Source: <https://docs.aws.amazon.com/AmazonS3/latest/API/API_CopyObject.html>
const LARGEST_COPY: u64 = 5 << 30;

/// The pause between two looks at a sweep that is under way.
const PAUSE: Duration = Duration::from_millis(500);

/// How many looks one waits for sweeps. Each holds the lock for a page of a list.
const PATIENCE: u32 = 240;

/// From this look on one says that one waits.
const SAID_AT: u32 = 10;

/// How often one begins again because of sweeps. Between any two of them an upload has a second.
const ROUNDS: u32 = 20;

/// Whether an upload is there.
pub(super) enum Found {
    /// No object of its size is there, or access is denied.
    Absent,
    /// It is there, and no sweep deletes it within a day.
    Young,
    /// It is there, and a sweep might delete it.
    Old(Old),
}

/// An object that might be deleted, with all that a copy onto itself has to keep.
pub(super) struct Old {
    bytes: u64,
    etag: Option<String>,
    content_type: Option<String>,
    metadata: Option<HashMap<String, String>>,
    encryption: Option<ServerSideEncryption>,
    kms_key: Option<String>,
}

/// What was seen of the lock of sweeps.
enum Seen {
    /// It, held or free.
    Lock(Sighting),
    /// Nothing: no sweep ever was.
    Absent,
    /// It may not be read.
    Denied,
}

impl Seen {
    fn etag(&self) -> Option<&str> {
        match self {
            Self::Lock(sighting) => Some(&sighting.etag),
            Self::Absent | Self::Denied => None,
        }
    }
}

impl S3 {
    /// Whether an object of this size is at `at`, and how old it is by S3's clock.
    pub(super) async fn find(&self, at: &S3Uri, bytes: u64) -> Result<Found> {
        let timeouts = TimeoutConfig::builder().operation_attempt_timeout(LOOK).build();
        let date = AwsClock::default();
        let head = self.follow(&at.bucket, async |located| {
            let head = self.sdk.head_object().bucket(&at.bucket).key(&at.key).customize();
            let located = located.timeout_config(timeouts.clone());
            asked("HeadObject", head.config_override(located).interceptor(date.clone()).send().await)
        });
        let head = match head.await {
            Ok(head) => head,
            // Answers to HEAD have no error code, so absent and denied look alike. If denied, the upload will fail and
            // say so.
            Err(failure) if failure.answered => return Ok(Found::Absent),
            Err(failure) => return Err(Error::from(failure).on(at)),
        };
        if head.content_length().and_then(|length| length.try_into().ok()) != Some(bytes) {
            return Ok(Found::Absent);
        }
        let answered_at = Instant::now();
        let age = date.now().zip(convert::time(head.last_modified())).map(|(now, modified)| now - modified);
        let age = age.map_or(REFRESH_AFTER, |age| age.to_std().unwrap_or_default());
        let is_young = if age < SETTLED_AFTER {
            match self.sweep(sweep_lock(at).as_ref()).await? {
                Seen::Lock(lock) => was_before(&lock, age + answered_at.elapsed()),
                Seen::Absent => true,
                Seen::Denied => false,
            }
        } else {
            age < REFRESH_AFTER
        };
        if is_young {
            return Ok(Found::Young);
        }
        Ok(Found::Old(Old {
            bytes,
            etag: head.e_tag,
            content_type: head.content_type,
            metadata: head.metadata,
            encryption: head.server_side_encryption,
            kms_key: head.ssekms_key_id,
        }))
    }

    /// Makes the object of `upload` new: copies it onto itself, or uploads it again where that cannot be done. Returns
    /// whether it was uploaded. Begins again if a sweep may have deleted it meanwhile. Where the lock of sweeps may not be
    /// read, which is also what S3 says of an absent one to who may not list, it uploads it.
    pub(super) async fn refresh(&self, upload: &Upload, old: &Old, sent: &dyn Fn(u64)) -> Result<bool> {
        let lock = sweep_lock(&upload.to);
        for _ in 0..ROUNDS {
            let before = self.between_sweeps(lock.as_ref()).await?;
            let is_copied = !matches!(before, Seen::Denied) && self.copy_onto_itself(&upload.to, old).await;
            if is_copied {
                sent(old.bytes);
            } else {
                self.send(upload, sent).await?;
            }
            let after = self.sweep(lock.as_ref()).await?;
            if before.etag() == after.etag() {
                return Ok(!is_copied);
            }
            log::debug!("{}: swept meanwhile; looking again", upload.to);
        }
        Err(busy(lock.as_ref()))
    }

    /// The lock of sweeps, once none is under way.
    async fn between_sweeps(&self, lock: Option<&S3Uri>) -> Result<Seen> {
        for look in 0..PATIENCE {
            match self.sweep(lock).await? {
                Seen::Lock(sighting) if is_held(&sighting) => {
                    if let Some(lock) = lock.filter(|_| look == SAID_AT) {
                        log::warn!("{lock}: an s3-tmpwatch is deleting uploads; waiting for it before uploading");
                    }
                    tokio::time::sleep(PAUSE).await;
                }
                seen => return Ok(seen),
            }
        }
        Err(busy(lock))
    }

    async fn sweep(&self, lock: Option<&S3Uri>) -> Result<Seen> {
        let Some(lock) = lock else { return Ok(Seen::Absent) };
        match self.lock(lock).look().await {
            Ok(Some(sighting)) => Ok(Seen::Lock(sighting)),
            Ok(None) => Ok(Seen::Absent),
            Err(error) if error.call().is_some_and(|call| call.kind == CallErrorKind::Denied) => {
                log::debug!("{lock}: cannot be read: {error}");
                Ok(Seen::Denied)
            }
            Err(error) => Err(error),
        }
    }

    /// Copies the object onto itself, if it is still there and the store can. S3 takes such a copy only if it replaces
    /// the metadata; tags are kept.
    ///
    /// Source: <https://docs.aws.amazon.com/AmazonS3/latest/API/API_CopyObject.html>
    async fn copy_onto_itself(&self, at: &S3Uri, old: &Old) -> bool {
        let Some(etag) = old.etag.as_ref().filter(|_| old.bytes <= LARGEST_COPY) else { return false };
        let source = format!("{}/{}", at.bucket, urlencoding::encode(&at.key).replace("%2F", "/"));
        let of_options = self.encryption.algorithm().map(ServerSideEncryption::from);
        let (encryption, key) = match of_options {
            Some(algorithm) => (Some(algorithm), self.encryption.kms_key_id().map(str::to_owned)),
            None => (old.encryption.clone(), old.kms_key.clone()),
        };
        let copied = self.follow(&at.bucket, async |located| {
            let copy = self.sdk.copy_object().bucket(&at.bucket).key(&at.key).copy_source(&source);
            let copy = copy
                .copy_source_if_match(etag)
                .metadata_directive(MetadataDirective::Replace)
                .set_content_type(old.content_type.clone())
                .set_metadata(old.metadata.clone())
                .set_server_side_encryption(encryption.clone())
                .set_ssekms_key_id(key.clone());
            asked("CopyObject", copy.customize().config_override(located).send().await)
        });
        match copied.await {
            Ok(copied) => copied.copy_object_result().and_then(|result| result.e_tag()).is_some(),
            Err(failure) => {
                log::debug!("{at}: cannot be copied onto itself, and is uploaded again: {}", failure.message);
                false
            }
        }
    }
}

/// Whether the last sweep had ended before an object of this `age` was written. Times are in whole seconds.
fn was_before(lock: &Sighting, age: Duration) -> bool {
    let held = lock.lock.holder.as_ref().map_or(Duration::ZERO, |holder| holder.ttl);
    lock.age > age + held + Duration::from_secs(2)
}

fn busy(lock: Option<&S3Uri>) -> Error {
    let busy = Error::new(Outcome::TryAgain, "an s3-tmpwatch has been deleting uploads for minutes");
    busy.on(lock.map(ToString::to_string).unwrap_or_default()).advise("try again when it has ended")
}

//! Reads and conditionally writes the object of a lock. Calls are never retried here: what an unclear answer means is
//! for the protocol to decide.

use std::time::Duration;

use chrono::{DateTime, Utc};
use emr_core::claim::lease::{Answer, Sighting};
use emr_core::error::{CallErrorKind, Error, Result};
use emr_core::model::lock::{LARGEST, Lock};
use emr_core::model::s3_uri::S3Uri;

use super::S3;
use super::small_object::{Condition, SmallObject};

impl S3 {
    /// Reads the lock at `at`, within `limit`. A failed call is an error; [`unclear`] says which leave the result open.
    pub(crate) async fn read_lock(&self, at: &S3Uri, limit: Duration) -> Result<Answer> {
        let (body, etag, age) = match self.read_small(at, LARGEST, limit).await? {
            SmallObject::Found { body, etag, age, .. } => (body, etag, age),
            SmallObject::Absent(now) => return Ok(Answer::Absent(now.map_or(0, epoch))),
            SmallObject::TooLarge { .. } => {
                return Err(Error::usage("the object is not a lock: it is too large").on(at));
            }
            SmallObject::Unclear => return Ok(Answer::Unclear),
        };
        let lock = Lock::read(&body).map_err(|error| error.on(at))?;
        Ok(Answer::Found(Sighting { lock, etag, age }))
    }

    /// Writes `lock` if `condition` holds.
    pub(crate) async fn write_lock(
        &self,
        at: &S3Uri,
        condition: Condition<'_>,
        lock: &Lock,
        limit: Duration,
    ) -> Result<Answer> {
        self.write_small(at, condition, &lock.write(), limit).await
    }
}

/// Turns an error of [`S3::read_lock`] or [`S3::write_lock`] that leaves the result open into [`Answer::Unclear`].
pub(crate) fn unclear(error: Error) -> Result<Answer> {
    match error.call().map(|call| call.kind) {
        Some(CallErrorKind::Unclear | CallErrorKind::Throttled | CallErrorKind::NotNow) => Ok(Answer::Unclear),
        _ => Err(error),
    }
}

fn epoch(time: DateTime<Utc>) -> u64 {
    u64::try_from(time.timestamp()).unwrap_or_default()
}

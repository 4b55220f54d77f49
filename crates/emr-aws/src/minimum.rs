//! Reads and conditionally writes the minimum of a pool.

use chrono::{DateTime, Utc};
use emr_core::claim::lease::Answer;
use emr_core::error::{Error, Outcome, Result};
use emr_core::model::s3_uri::S3Uri;
use emr_core::pool::minimum::{LARGEST, Minimum};

use crate::call_time;
use crate::lock::pause;
use crate::s3::{Condition, S3, SmallObject, unclear};

/// Attempts at a request whose answers are unclear.
const ATTEMPTS: u32 = 6;

/// What is at the place of a minimum.
#[derive(Debug, Clone)]
pub struct StoredMinimum {
    /// The minimum; `None` without an object, and an error if that is damaged or of another version.
    pub content: Option<Result<Minimum>>,
    /// Whether newer tools wrote it, which these must not overwrite.
    pub is_newer: bool,
    /// The time of the answer, by S3's clock.
    pub now: DateTime<Utc>,
    etag: Option<String>,
}

impl S3 {
    /// Reads the minimum at `at`.
    pub async fn minimum(&self, at: &S3Uri) -> Result<StoredMinimum> {
        let mut trouble = Error::new(Outcome::Unavailable, "S3 gave no clear answer").on(at);
        for tries in 0..ATTEMPTS {
            match self.read_small(at, LARGEST, call_time::LONGEST).await {
                Ok(SmallObject::Absent(Some(now))) => {
                    return Ok(StoredMinimum { content: None, is_newer: false, now, etag: None });
                }
                Ok(SmallObject::Found { body, etag, now, .. }) => {
                    let content = Minimum::read(&body).map_err(|error| error.on(at));
                    let is_newer = Minimum::is_newer(&body);
                    return Ok(StoredMinimum { content: Some(content), is_newer, now, etag: Some(etag) });
                }
                Ok(SmallObject::TooLarge { etag, now }) => {
                    let content = Some(Err(Minimum::damaged("it is too large").on(at)));
                    return Ok(StoredMinimum { content, is_newer: false, now, etag: Some(etag) });
                }
                Ok(SmallObject::Absent(None) | SmallObject::Unclear) => {}
                Err(error) => {
                    unclear(error.clone())?;
                    trouble = error;
                }
            }
            pause(tries).await;
        }
        Err(trouble)
    }

    /// Writes `minimum` at `at`, unless somebody has written there since `before` was read. Returns whether it is
    /// written.
    pub async fn put_minimum(&self, at: &S3Uri, before: &StoredMinimum, minimum: &Minimum) -> Result<bool> {
        let condition = before.etag.as_deref().map_or(Condition::Absent, Condition::Is);
        let mut tries = 0;
        loop {
            let failed = match self.write_small(at, condition, &minimum.write(), call_time::LONGEST).await {
                Ok(Answer::Written(_)) => return Ok(true),
                Ok(_) => None,
                Err(error) => {
                    unclear(error.clone())?;
                    Some(error)
                }
            };
            // This write, or one before, may have arrived although its answer was lost: the object tells.
            let now = self.minimum(at).await?;
            if now.content.is_some_and(|now| now.is_ok_and(|now| now == *minimum)) {
                return Ok(true);
            }
            let Some(error) = failed.filter(|_| now.etag == before.etag) else { return Ok(false) };
            tries += 1;
            if tries == ATTEMPTS {
                return Err(error);
            }
            pause(tries).await;
        }
    }
}

//! Lists locks and guesses from size and age which are held. That costs one call for 1,000 locks instead of one for
//! each.

use std::time::Duration;

use aws_sdk_s3::types::EncodingType;
use emr_core::error::{Error, Result};
use emr_core::model::lock::SMALLEST_HELD;
use emr_core::model::s3_uri::S3Uri;

use super::list_objects::{decode, turn};
use super::{S3, asked};
use crate::clock::AwsClock;
use crate::convert;
use crate::paging::Paging;

/// A lock as a list of objects shows it.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct ListedLock {
    /// Its key after the listed prefix.
    pub name: String,
    /// Whether it was last written as held, by its size: a hint.
    pub is_held: bool,
    /// Seconds since it was last written, by S3's clock.
    pub age_s: u64,
}

/// The default time to live of a claim.
const USUAL_TTL: Duration = Duration::from_mins(1);

impl ListedLock {
    /// Whether it is probably still held, by holders with the time to live `ttl` or the usual one, whichever is
    /// shorter. A wrong no costs one read; a wrong yes would skip the lock of a dead holder.
    #[must_use]
    pub fn seems_held(&self, ttl: Duration) -> bool {
        self.is_held && self.age_s <= ttl.min(USUAL_TTL).as_secs()
    }
}

impl S3 {
    /// The locks whose keys begin with `place`, 1,000 a call.
    ///
    /// Source: <https://docs.aws.amazon.com/AmazonS3/latest/API/API_ListObjectsV2.html>
    pub async fn list_locks(&self, place: &S3Uri) -> Result<Vec<ListedLock>> {
        let mut locks = Vec::new();
        let mut paging = Paging::default();
        while !paging.is_done() {
            let date = AwsClock::default();
            let page = self.follow(&place.bucket, async |located| {
                let list = self.sdk.list_objects_v2().bucket(&place.bucket).prefix(&place.key);
                let list = list.encoding_type(EncodingType::Url).set_continuation_token(paging.marker());
                let list = list.customize().config_override(located);
                asked("ListObjectsV2", list.interceptor(date.clone()).send().await)
            });
            let mut page = page.await.map_err(|failure| Error::from(failure).on(place))?;
            decode(&mut page).map_err(|error| error.on(place))?;
            let now = date.now().map_or(i64::MAX, |now| now.timestamp());
            locks.extend(page.contents().iter().filter_map(|object| {
                let modified = convert::time(object.last_modified())?.timestamp();
                Some(ListedLock {
                    name: object.key()?.strip_prefix(&place.key)?.to_owned(),
                    is_held: object.size()?.cast_unsigned() > SMALLEST_HELD,
                    age_s: u64::try_from(now - modified).unwrap_or_default(),
                })
            }));
            turn(&mut paging, &page).map_err(|error| error.on(place))?;
        }
        Ok(locks)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_lock_older_than_the_usual_time_to_live_does_not_seem_held() {
        let seems_held = |is_held, age_s, ttl_s| {
            ListedLock { name: String::new(), is_held, age_s }.seems_held(Duration::from_secs(ttl_s))
        };
        assert!(seems_held(true, 10, 60) && seems_held(true, 60, 3600));
        assert!(!seems_held(true, 61, 3600) && !seems_held(true, 3, 2) && !seems_held(false, 0, 60));
    }
}

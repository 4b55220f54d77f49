//! `ListObjectsV2`: objects with their ages by S3's clock, a page at a time, from any key on.

use aws_sdk_s3::operation::list_objects_v2::ListObjectsV2Output;
use aws_sdk_s3::types::{EncodingType, Object};
use chrono::{DateTime, Utc};
use emr_core::error::{CallError, Error, Result, StrangeAnswer};
use emr_core::model::s3_uri::S3Uri;

use super::list_objects::{decode, size};
use super::{S3, asked, lacks};
use crate::clock::AwsClock;
use crate::convert;

/// A page of a list.
#[derive(Debug, Clone)]
pub struct AgedObjects {
    /// The objects, in the order of their keys.
    pub objects: Vec<AgedObject>,
    /// The time of the answer, by S3's clock.
    pub now: DateTime<Utc>,
    /// Whether it is the last page.
    pub is_last: bool,
}

/// An object in a list.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct AgedObject {
    /// Its key.
    pub key: String,
    /// Its size.
    pub bytes: u64,
    /// Its version; some stores do not send it.
    pub etag: Option<String>,
    /// When it was last written, by S3's clock.
    pub modified: DateTime<Utc>,
}

impl S3 {
    /// Up to 1,000 objects whose keys begin with `below` and come after the key `after`.
    ///
    /// Source: <https://docs.aws.amazon.com/AmazonS3/latest/API/API_ListObjectsV2.html>
    pub async fn aged_objects(&self, below: &S3Uri, after: Option<&str>) -> Result<AgedObjects> {
        let date = AwsClock::default();
        let page = self.follow(&below.bucket, async |located| {
            let list = self.sdk.list_objects_v2().bucket(&below.bucket).prefix(&below.key);
            let list = list.encoding_type(EncodingType::Url).set_start_after(after.map(str::to_owned));
            asked("ListObjectsV2", list.customize().config_override(located).interceptor(date.clone()).send().await)
        });
        let page = page.await.map_err(|failure| Error::from(failure).on(below))?;
        told(page, date.now(), &below.key, after).map_err(|error| error.on(below))
    }
}

/// What `page` tells, which was answered `now`.
fn told(
    mut page: ListObjectsV2Output,
    now: Option<DateTime<Utc>>,
    below: &str,
    after: Option<&str>,
) -> Result<AgedObjects> {
    decode(&mut page)?;
    let is_truncated = page.is_truncated().ok_or_else(|| lacks("ListObjectsV2", "IsTruncated"))?;
    let objects = page.contents().iter().map(aged).collect::<Result<Vec<_>>>()?;
    check_order(&objects, below, after, is_truncated)?;
    let now = now.ok_or_else(|| lacks("ListObjectsV2", "Date"))?;
    Ok(AgedObjects { objects, now, is_last: !is_truncated })
}

/// A list goes on after its last key, so keys must grow, and a page that is not the last must have some.
fn check_order(objects: &[AgedObject], below: &str, after: Option<&str>, is_truncated: bool) -> Result<()> {
    let keys = after.into_iter().chain(objects.iter().map(|object| object.key.as_str()));
    let how = if !keys.is_sorted_by(|one, next| one < next) {
        "with keys out of order"
    } else if objects.iter().any(|object| !object.key.starts_with(below)) {
        "with a key that was not asked for"
    } else if is_truncated && objects.is_empty() {
        "with an empty page before the last one"
    } else {
        return Ok(());
    };
    Err(CallError::strange("ListObjectsV2", &StrangeAnswer::new(how).into()).into())
}

fn aged(object: &Object) -> Result<AgedObject> {
    Ok(AgedObject {
        key: object.key().ok_or_else(|| lacks("ListObjectsV2", "Key"))?.to_owned(),
        bytes: size(object),
        etag: object.e_tag().map(str::to_owned),
        modified: convert::time(object.last_modified()).ok_or_else(|| lacks("ListObjectsV2", "LastModified"))?,
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    fn check(keys: &[&str], after: Option<&str>, is_truncated: bool) -> bool {
        let object =
            |key: &&str| AgedObject { key: (*key).to_owned(), bytes: 0, etag: None, modified: DateTime::UNIX_EPOCH };
        let objects: Vec<_> = keys.iter().map(object).collect();
        check_order(&objects, "a", after, is_truncated).is_ok()
    }

    #[test]
    fn a_list_that_could_go_on_for_ever_or_was_not_asked_for_is_refused() {
        assert!(check(&["a", "ab"], None, true) && check(&[], Some("a"), false) && check(&["ab"], Some("a"), true));
        assert!(!check(&["a"], Some("a"), true) && !check(&["ab", "aa"], None, false));
        assert!(!check(&[], None, true) && !check(&["a", "b"], None, false));
    }
}

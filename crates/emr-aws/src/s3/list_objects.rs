//! `ListObjectsV2`: the objects below a place, a thousand a call.

use aws_sdk_s3::operation::list_objects_v2::ListObjectsV2Output;
use emr_core::error::{Error, Result};
use emr_core::model::log::{LogFile, Place};
use emr_core::model::s3_uri::S3Uri;

use super::{S3, asked, lacks};
use crate::convert;
use crate::paging::Paging;

/// The pages of a list of objects, each fetched when it is asked for.
pub struct ObjectPages<'a> {
    s3: &'a S3,
    below: S3Uri,
    paging: Paging,
}

impl S3 {
    /// Lists the log files whose keys begin with `below`, in the order of their keys.
    ///
    /// Source: <https://docs.aws.amazon.com/AmazonS3/latest/API/API_ListObjectsV2.html>
    #[must_use]
    pub fn logs_below(&self, below: S3Uri) -> ObjectPages<'_> {
        ObjectPages { s3: self, below, paging: Paging::default() }
    }
}

/// Goes on behind `page`. One that does not say whether it is the last, or where the next begins, is not S3's.
pub(super) fn turn(paging: &mut Paging, page: &ListObjectsV2Output) -> Result<()> {
    match (page.is_truncated(), page.next_continuation_token()) {
        (None, _) => Err(lacks("ListObjectsV2", "IsTruncated")),
        (Some(true), None) => Err(lacks("ListObjectsV2", "NextContinuationToken")),
        (Some(true), token) => paging.turn("ListObjectsV2", token),
        (Some(false), _) => paging.turn("ListObjectsV2", None),
    }
}

impl ObjectPages<'_> {
    /// The next page; none after the last.
    pub async fn next(&mut self) -> Result<Option<Vec<LogFile>>> {
        if self.paging.is_done() {
            return Ok(None);
        }
        let page = self.s3.follow(&self.below.bucket, async |located| {
            let list = self.s3.sdk.list_objects_v2().bucket(&self.below.bucket).prefix(&self.below.key);
            let list = list.set_continuation_token(self.paging.marker()).customize().config_override(located);
            asked("ListObjectsV2", list.send().await)
        });
        let page = page.await.map_err(|failure| Error::from(failure).on(&self.below))?;
        turn(&mut self.paging, &page).map_err(|error| error.on(&self.below))?;
        let file = |object: &aws_sdk_s3::types::Object| {
            let uri = S3Uri { bucket: self.below.bucket.clone(), key: object.key()?.to_owned() };
            let time = convert::time(object.last_modified());
            let bytes = object.size().and_then(|size| size.try_into().ok()).unwrap_or_default();
            Some(LogFile { place: Place::S3 { uri }, bytes, time })
        };
        Ok(Some(page.contents().iter().filter_map(file).filter(|file| !file.place.path().ends_with('/')).collect()))
    }

    /// All that is left.
    pub async fn all(mut self) -> Result<Vec<LogFile>> {
        let mut all = Vec::new();
        while let Some(page) = self.next().await? {
            all.extend(page);
        }
        Ok(all)
    }
}

//! `ListObjectsV2`: the objects below a place, a thousand a call.

use chrono::DateTime;
use emr_core::error::{Error, Result};
use emr_core::model::log::{LogFile, Place};
use emr_core::model::s3_uri::S3Uri;

use super::{S3, asked};

/// The pages of a list of objects, each fetched when it is asked for.
pub struct ObjectPages<'a> {
    s3: &'a S3,
    below: S3Uri,
    token: Option<String>,
    done: bool,
}

impl S3 {
    /// Lists the log files whose keys begin with `below`, in the order of their keys.
    ///
    /// Source: <https://docs.aws.amazon.com/AmazonS3/latest/API/API_ListObjectsV2.html>
    #[must_use]
    pub fn logs_below(&self, below: S3Uri) -> ObjectPages<'_> {
        ObjectPages { s3: self, below, token: None, done: false }
    }
}

impl ObjectPages<'_> {
    /// The next page; none after the last.
    pub async fn next(&mut self) -> Result<Option<Vec<LogFile>>> {
        if self.done {
            return Ok(None);
        }
        let token = self.token.take();
        let page = self.s3.follow(&self.below.bucket, async |located| {
            let list = self.s3.sdk.list_objects_v2().bucket(&self.below.bucket).prefix(&self.below.key);
            let list = list.set_continuation_token(token.clone()).customize().config_override(located);
            asked("ListObjectsV2", list.send().await)
        });
        let page = page.await.map_err(|failure| Error::from(failure).on(&self.below))?;
        self.token = page.next_continuation_token().map(str::to_owned);
        self.done = self.token.is_none();
        let file = |object: &aws_sdk_s3::types::Object| {
            let uri = S3Uri { bucket: self.below.bucket.clone(), key: object.key()?.to_owned() };
            let time = object.last_modified().and_then(|time| DateTime::from_timestamp(time.secs(), 0));
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

//! `HeadBucket`: the region of a bucket.

use emr_core::error::{Error, Result};

use super::{S3, asked};

impl S3 {
    /// The region of `bucket`; `None` if the store does not say it.
    ///
    /// Source: <https://docs.aws.amazon.com/AmazonS3/latest/API/API_HeadBucket.html>
    pub async fn bucket_region(&self, bucket: &str) -> Result<Option<String>> {
        let answer = self.follow(bucket, async |located| {
            asked("HeadBucket", self.sdk.head_bucket().bucket(bucket).customize().config_override(located).send().await)
        });
        let answer = answer.await.map_err(|failure| Error::from(failure).on(format!("s3://{bucket}")))?;
        Ok(answer.bucket_region().map(str::to_owned))
    }
}

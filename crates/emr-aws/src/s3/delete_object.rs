//! `DeleteObject`: deletes an object unless it was replaced meanwhile.

use emr_core::error::{Error, Outcome, Result};

use super::{S3, Version, asked};

impl S3 {
    /// Deletes the object if it is still this `version`. A missing object is no error.
    ///
    /// Source: <https://docs.aws.amazon.com/AmazonS3/latest/API/API_DeleteObject.html>
    pub async fn delete_version(&self, Version { at, etag, .. }: &Version) -> Result<()> {
        let deleted = self.follow(&at.bucket, async |located| {
            let delete = self.sdk.delete_object().bucket(&at.bucket).key(&at.key).if_match(etag).customize();
            asked("DeleteObject", delete.config_override(located).send().await)
        });
        match deleted.await {
            Ok(_) => Ok(()),
            Err(failure) if failure.status == Some(404) && failure.code.as_deref() == Some("NoSuchKey") => Ok(()),
            Err(failure) if failure.status == Some(412) => {
                Err(Error::new(Outcome::No, format!("{at} was replaced since it was fetched, and is kept"))
                    .caused_by(failure))
            }
            Err(failure) => Err(Error::from(failure).on(at)),
        }
    }
}

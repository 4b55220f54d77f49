//! Buckets in other regions: S3 answers with their region, and is asked there from then on.

use aws_config::Region;
use aws_sdk_s3::config::Builder;
use emr_core::error::CallError;

use super::S3;

impl S3 {
    /// Makes a call about `bucket` with this much of the configuration changed; once more where the answer is that the
    /// bucket is in another region.
    pub(super) async fn follow<T>(
        &self,
        bucket: &str,
        call: impl AsyncFn(Builder) -> Result<T, CallError>,
    ) -> Result<T, CallError> {
        let asked_in = self.region_of(bucket);
        let failed = match call(self.located(bucket)).await {
            Err(failed) if failed.region.is_some() && failed.region.as_deref() != asked_in.as_deref() => failed,
            other => return other,
        };
        if let Some(region) = failed.region {
            log::debug!("{bucket} is in {region}, and asked for there");
            self.regions().insert(bucket.to_owned(), region.into());
        }
        call(self.located(bucket)).await
    }

    /// What has to be changed in the configuration for calls about `bucket`.
    pub(crate) fn located(&self, bucket: &str) -> Builder {
        match self.regions().get(bucket) {
            Some(region) => Builder::new().region(Region::new(region.clone())),
            None => Builder::new(),
        }
    }

    fn region_of(&self, bucket: &str) -> Option<String> {
        self.regions().get(bucket).cloned().or_else(|| self.region.clone())
    }
}

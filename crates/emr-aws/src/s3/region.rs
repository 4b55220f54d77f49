//! Retries calls to S3 that prove that nothing happened: redirects to another region, which is remembered for the
//! bucket, and stale signatures.

use aws_config::Region;
use aws_sdk_s3::config::Builder;
use emr_core::claim::backoff;
use emr_core::error::{CallError, CallErrorKind};

use super::S3;
use crate::call::SIGNATURES;

impl S3 {
    /// Makes a call about `bucket`; `call` gets the configuration to override. Retries once in another region if S3
    /// redirects there, and with a fresh signature if S3 calls the old one stale.
    pub(crate) async fn follow<T>(
        &self,
        bucket: &str,
        call: impl AsyncFn(Builder) -> Result<T, CallError>,
    ) -> Result<T, CallError> {
        let (mut signatures, mut is_followed) = (1, false);
        loop {
            let asked_in = self.region_of(bucket);
            let failed = match call(self.located(bucket)).await {
                Err(failed) => failed,
                answered => return answered,
            };
            let is_elsewhere = failed.region.is_some() && failed.region.as_deref() != asked_in.as_deref();
            match &failed.region {
                Some(region) if is_elsewhere && !is_followed => {
                    log::debug!("{bucket} is in {region}; asking there");
                    self.regions().insert(bucket.to_owned(), region.to_string());
                    is_followed = true;
                }
                _ if failed.kind == CallErrorKind::Stale && signatures < SIGNATURES => {
                    tokio::time::sleep(backoff::quick_delay(signatures, fastrand::f64())).await;
                    signatures += 1;
                }
                _ => return Err(failed),
            }
        }
    }

    /// The configuration to override for calls about `bucket`.
    fn located(&self, bucket: &str) -> Builder {
        match self.regions().get(bucket) {
            Some(region) => Builder::new().region(Region::new(region.clone())),
            None => Builder::new(),
        }
    }

    /// The region that `bucket` is asked in: the one that S3 told, where that was another.
    #[must_use]
    pub fn region_of(&self, bucket: &str) -> Option<String> {
        self.regions().get(bucket).cloned().or_else(|| self.region.clone())
    }
}

//! S3's API, one file an operation.

mod content;
mod delete_object;
mod get_object;
mod list_objects;
mod lock_list;
mod lock_object;
mod put;
mod put_file;
mod read_range;
mod region;

use std::collections::HashMap;
use std::sync::atomic::{AtomicBool, Ordering};
use std::sync::{Mutex, MutexGuard, PoisonError};
use std::time::Duration;

use aws_config::SdkConfig;
use aws_smithy_runtime_api::client::orchestrator::HttpResponse;
use aws_smithy_runtime_api::client::result::SdkError;
use aws_smithy_types::error::metadata::ProvideErrorMetadata;

pub use content::content_of_file;
pub use get_object::Body;
pub use list_objects::{ListedObject, ObjectPages};
pub use lock_list::ListedLock;
pub(super) use lock_object::{Condition, unclear};
pub use read_range::Version;

use super::answer::AnswerCheck;
use super::connect::timeouts;
use super::failure::failure;
use emr_core::error::{CallError, CallErrorKind, Error, StrangeAnswer};
use emr_core::model::encryption::Encryption;
use emr_core::model::s3_uri::S3Uri;

/// An upload of 64 MiB that takes longer goes at less than 110 KB a second, and has failed.
const ATTEMPT: Duration = Duration::from_mins(10);

/// S3 in one account and region.
pub struct S3 {
    sdk: aws_sdk_s3::Client,
    /// How S3 is to encrypt what is written.
    encryption: Encryption,
    /// Where S3 is asked first.
    region: Option<String>,
    /// The regions of the buckets that are elsewhere.
    regions: Mutex<HashMap<String, String>>,
    /// Whether it was said that S3 answers slowly.
    is_slowness_said: AtomicBool,
    /// Uploads in parts that are under way, each with its upload id.
    unfinished: Mutex<Vec<(S3Uri, String)>>,
}

impl S3 {
    /// S3 as `config` has it, or at an endpoint of its own.
    pub(super) fn new(config: &SdkConfig, endpoint: Option<String>, encryption: Encryption) -> Self {
        // A store behind an endpoint of one's own rarely answers to a host name per bucket.
        let own_endpoint = match &endpoint {
            Some(url) => !url.contains(".amazonaws.com"),
            None => config.endpoint_url().is_some() || std::env::var_os("AWS_ENDPOINT_URL_S3").is_some(),
        };
        let mut s3 = aws_sdk_s3::config::Builder::from(config)
            .force_path_style(own_endpoint)
            .timeout_config(timeouts(config, ATTEMPT))
            .interceptor(AnswerCheck);
        if endpoint.is_some() {
            s3.set_endpoint_url(endpoint);
        }
        Self {
            sdk: aws_sdk_s3::Client::from_conf(s3.build()),
            encryption,
            region: config.region().map(ToString::to_string),
            regions: Mutex::default(),
            is_slowness_said: AtomicBool::default(),
            unfinished: Mutex::default(),
        }
    }

    pub(super) fn sdk(&self) -> &aws_sdk_s3::Client {
        &self.sdk
    }

    /// Whether nobody has asked this before.
    pub(super) fn is_first_slow_answer(&self) -> bool {
        !self.is_slowness_said.swap(true, Ordering::Relaxed)
    }

    fn regions(&self) -> MutexGuard<'_, HashMap<String, String>> {
        self.regions.lock().unwrap_or_else(PoisonError::into_inner)
    }

    fn unfinished(&self) -> MutexGuard<'_, Vec<(S3Uri, String)>> {
        self.unfinished.lock().unwrap_or_else(PoisonError::into_inner)
    }

    /// Gives up the uploads in parts that are under way: S3 stores their parts, at a price, until they are aborted.
    pub async fn abort_unfinished(&self) {
        let unfinished = std::mem::take(&mut *self.unfinished());
        for (to, upload) in unfinished {
            let aborted = self.follow(&to.bucket, async |located| {
                let abort = self.sdk.abort_multipart_upload().bucket(&to.bucket).key(&to.key).upload_id(&upload);
                asked("AbortMultipartUpload", abort.customize().config_override(located).send().await)
            });
            if let Err(failure) = aborted.await {
                log::warn!("{to}: parts of the broken upload {upload} stay there: {}", failure.message);
            }
        }
    }
}

/// The answer to `api`, which is a success, has no `member`: it is not S3's, and nothing may have been done.
fn lacks(api: &'static str, member: &str) -> Error {
    CallError::strange(api, &StrangeAnswer::new(format!("without {member}")).into()).into()
}

/// The failed call, where S3 says that it has no time for it, which it says with this status alone to HEAD.
///
/// Source: <https://docs.aws.amazon.com/AmazonS3/latest/userguide/http-503-service-unavailable.html>
fn busy(mut failed: CallError) -> CallError {
    let is_busy = match failed.code.as_deref() {
        Some(code) => code == "ServiceUnavailable",
        None => failed.operation == "HeadObject",
    };
    if is_busy && failed.status == Some(503) {
        failed.kind = CallErrorKind::Throttled;
    }
    failed
}

/// What came of a call to `api`, said with `-vv`.
pub(super) fn asked<T, E>(api: &'static str, answer: Result<T, SdkError<E, HttpResponse>>) -> Result<T, CallError>
where
    E: ProvideErrorMetadata + std::error::Error + Send + Sync + 'static,
{
    let answer = answer.map_err(|error| busy(failure(api, error)));
    match &answer {
        Ok(_) => log::trace!("{api}: answered"),
        Err(failed) => log::trace!("{api}: {} ({:?})", failed.message, failed.kind),
    }
    answer
}

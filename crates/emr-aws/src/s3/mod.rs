//! Calls to S3, one file an operation.

mod aged_objects;
mod content;
mod delete_object;
mod delete_objects;
mod get_object;
mod head_bucket;
mod list_objects;
mod lock_list;
mod lock_object;
mod put;
mod put_file;
mod read_range;
mod refresh;
mod region;
mod small_object;

use std::collections::HashMap;
use std::sync::atomic::{AtomicBool, Ordering};
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};
use std::time::Duration;

use aws_config::SdkConfig;
use aws_smithy_runtime_api::client::orchestrator::HttpResponse;
use aws_smithy_runtime_api::client::result::SdkError;
use aws_smithy_types::error::metadata::ProvideErrorMetadata;

pub use aged_objects::{AgedObject, AgedObjects};
pub use content::content_of_file;
pub use delete_objects::{DELETED_PER_CALL, NotDeleted};
pub use get_object::Body;
pub use list_objects::{ListedObject, ObjectPages};
pub use lock_list::ListedLock;
pub(super) use lock_object::unclear;
pub use read_range::Version;
pub(super) use small_object::{Condition, SmallObject};

use super::answer::AnswerCheck;
use super::connect::timeouts;
use super::failure::failure;
use super::history::History;
use emr_core::error::{CallError, CallErrorKind, Error, StrangeAnswer};
use emr_core::model::encryption::Encryption;
use emr_core::model::s3_uri::S3Uri;

/// The time limit of one attempt. An upload of 64 MiB takes longer only below 110 KB/s.
const ATTEMPT: Duration = Duration::from_mins(10);

/// S3 in one account and region.
pub struct S3 {
    sdk: aws_sdk_s3::Client,
    /// The encryption of objects that are written.
    encryption: Encryption,
    /// Where requests for locks are recorded.
    history: Option<Arc<History>>,
    /// The region of first calls.
    region: Option<String>,
    /// The regions of buckets that are in another region.
    regions: Mutex<HashMap<String, String>>,
    /// Whether the user was warned that S3 is slow.
    is_slowness_said: AtomicBool,
    /// Multipart uploads in progress, each with its upload id.
    unfinished: Mutex<Vec<(S3Uri, String)>>,
}

impl S3 {
    /// A client of S3 from `config`, at `endpoint` if there is one.
    pub(super) fn new(
        config: &SdkConfig,
        endpoint: Option<String>,
        encryption: Encryption,
        history: Option<History>,
    ) -> Self {
        // Stores other than AWS rarely have a host name for each bucket.
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
            history: history.map(Arc::new),
            region: config.region().map(ToString::to_string),
            regions: Mutex::default(),
            is_slowness_said: AtomicBool::default(),
            unfinished: Mutex::default(),
        }
    }

    pub(super) fn sdk(&self) -> &aws_sdk_s3::Client {
        &self.sdk
    }

    /// Where requests for locks are recorded, if they are.
    pub(super) fn history(&self) -> Option<&Arc<History>> {
        self.history.as_ref()
    }

    /// Whether this is the first call of this method: the warning is given once.
    pub(super) fn is_first_slow_answer(&self) -> bool {
        !self.is_slowness_said.swap(true, Ordering::Relaxed)
    }

    fn regions(&self) -> MutexGuard<'_, HashMap<String, String>> {
        self.regions.lock().unwrap_or_else(PoisonError::into_inner)
    }

    fn unfinished(&self) -> MutexGuard<'_, Vec<(S3Uri, String)>> {
        self.unfinished.lock().unwrap_or_else(PoisonError::into_inner)
    }

    /// Aborts multipart uploads in progress: until then S3 keeps their parts and charges for them.
    pub async fn abort_unfinished(&self) {
        let unfinished = std::mem::take(&mut *self.unfinished());
        for (to, upload) in unfinished {
            let aborted = self.follow(&to.bucket, async |located| {
                let abort = self.sdk.abort_multipart_upload().bucket(&to.bucket).key(&to.key).upload_id(&upload);
                asked("AbortMultipartUpload", abort.customize().config_override(located).send().await)
            });
            if let Err(failure) = aborted.await {
                log::warn!("{to}: could not abort the upload {upload}, whose parts stay on S3: {}", failure.message);
            }
        }
    }
}

/// The error for a successful answer to `api` without `member`. It cannot be S3's, so nothing may have been done.
fn lacks(api: &'static str, member: &str) -> Error {
    CallError::strange(api, &StrangeAnswer::new(format!("without {member}")).into()).into()
}

/// Marks a failed call as throttled if S3 is busy. To HEAD, S3 says so by the status alone.
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

/// Converts the SDK's answer to `api` and logs it at `-vv`.
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

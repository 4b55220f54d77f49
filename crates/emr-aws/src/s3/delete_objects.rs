//! `DeleteObjects`: deletes up to 1,000 objects a call, unless they were replaced meanwhile.

use std::collections::HashSet;
use std::time::Duration;

use aws_config::retry::RetryConfig;
use aws_config::timeout::TimeoutConfig;
use aws_sdk_s3::config::Builder;
use aws_sdk_s3::operation::delete_objects::DeleteObjectsOutput;
use aws_sdk_s3::types::{Delete, ObjectIdentifier};
use emr_core::error::{CallError, Error, Outcome, Result};
use emr_core::model::s3_uri::is_for_xml;

use super::{AgedObject, S3, asked, lacks};

/// The most objects that one call deletes.
pub const DELETED_PER_CALL: usize = 1000;

/// Why an object was not deleted.
#[derive(Debug)]
pub enum NotDeleted {
    /// It was replaced since it was listed, and is kept.
    Replaced,
    /// S3 refused, or said nothing of it.
    Failed(Error),
}

impl S3 {
    /// Deletes those of `objects` in `bucket` that are still the versions that were listed. One that is gone counts as
    /// deleted. With a `limit` each call is sent once, and given up after that time. Returns a result for each object,
    /// in their order.
    ///
    /// Source: <https://docs.aws.amazon.com/AmazonS3/latest/API/API_DeleteObjects.html>
    pub async fn delete_objects(
        &self,
        bucket: &str,
        objects: &[AgedObject],
        limit: Option<Duration>,
    ) -> Vec<std::result::Result<(), NotDeleted>> {
        let together: Vec<_> = objects.iter().filter(|object| is_for_xml(&object.key)).collect();
        let mut answered = self.delete_together(bucket, &together, limit).await.into_iter();
        let mut results = Vec::with_capacity(objects.len());
        for object in objects {
            let result = if is_for_xml(&object.key) { answered.next() } else { None };
            results.push(match result {
                Some(result) => result,
                None => self.delete_alone(bucket, object, limit).await,
            });
        }
        results
    }

    async fn delete_together(
        &self,
        bucket: &str,
        objects: &[&AgedObject],
        limit: Option<Duration>,
    ) -> Vec<std::result::Result<(), NotDeleted>> {
        let failed = |error: Error| objects.iter().map(|_| Err(NotDeleted::Failed(error.clone()))).collect();
        if objects.is_empty() {
            return Vec::new();
        }
        let named = match objects.iter().map(|object| named(object)).collect::<Result<Vec<_>>>() {
            Ok(named) => named,
            Err(error) => return failed(error),
        };
        let deleted = self.follow(bucket, async |located| {
            let delete = Delete::builder().set_objects(Some(named.clone())).build();
            let delete = delete.map_err(|cause| CallError::strange("DeleteObjects", &unbuilt(&cause)))?;
            let delete = self.sdk.delete_objects().bucket(bucket).delete(delete).customize();
            asked("DeleteObjects", delete.config_override(limited(located, limit)).send().await)
        });
        match deleted.await {
            Ok(answer) => results(&answer, objects),
            Err(failure) => failed(Error::from(failure)),
        }
    }

    /// Deletes an object whose key no XML can carry.
    async fn delete_alone(
        &self,
        bucket: &str,
        object: &AgedObject,
        limit: Option<Duration>,
    ) -> std::result::Result<(), NotDeleted> {
        let deleted = self.follow(bucket, async |located| {
            let delete = self.sdk.delete_object().bucket(bucket).key(&object.key).set_if_match(object.etag.clone());
            asked("DeleteObject", delete.customize().config_override(limited(located, limit)).send().await)
        });
        match deleted.await {
            Ok(_) => Ok(()),
            Err(failure) => refused(failure.code.as_deref(), failure.status, || failure.clone().into()),
        }
    }
}

/// One attempt within `limit`, if there is one.
fn limited(located: Builder, limit: Option<Duration>) -> Builder {
    match limit {
        Some(limit) => located
            .retry_config(RetryConfig::disabled())
            .timeout_config(TimeoutConfig::builder().operation_attempt_timeout(limit).build()),
        None => located,
    }
}

fn named(object: &AgedObject) -> Result<ObjectIdentifier> {
    let named = ObjectIdentifier::builder().key(&object.key).set_e_tag(object.etag.clone()).build();
    named.map_err(|cause| unbuilt(&cause))
}

fn unbuilt(cause: &aws_smithy_types::error::operation::BuildError) -> Error {
    Error::new(Outcome::Bug, format!("a request cannot be built: {cause}"))
}

/// What `answer` says of each of `objects`.
fn results(answer: &DeleteObjectsOutput, objects: &[&AgedObject]) -> Vec<std::result::Result<(), NotDeleted>> {
    let deleted: HashSet<&str> = answer.deleted().iter().filter_map(|deleted| deleted.key()).collect();
    let mut results = Vec::with_capacity(objects.len());
    for object in objects {
        let error = answer.errors().iter().find(|error| error.key() == Some(object.key.as_str()));
        results.push(match error {
            Some(error) => {
                let told = || CallError::answer("DeleteObjects", error.code(), status(error), error.message());
                refused(error.code(), None, || told().into())
            }
            None if deleted.contains(object.key.as_str()) => Ok(()),
            None => Err(NotDeleted::Failed(lacks("DeleteObjects", "a word on one of the keys"))),
        });
    }
    results
}

/// The status that `DeleteObject` would have answered with.
fn status(error: &aws_sdk_s3::types::Error) -> u16 {
    match error.code() {
        Some("AccessDenied") => 403,
        Some("InternalError" | "ServiceUnavailable") => 500,
        _ => 400,
    }
}

/// What a refusal to delete an object means.
fn refused(
    code: Option<&str>,
    status: Option<u16>,
    error: impl FnOnce() -> Error,
) -> std::result::Result<(), NotDeleted> {
    match code {
        Some("NoSuchKey") => Ok(()),
        Some("PreconditionFailed" | "ConditionalRequestConflict") => Err(NotDeleted::Replaced),
        _ if status == Some(412) => Err(NotDeleted::Replaced),
        _ => Err(NotDeleted::Failed(error())),
    }
}

#[cfg(test)]
mod tests {
    use aws_sdk_s3::types::{DeletedObject, Error as Refusal};
    use chrono::DateTime;

    use super::*;

    fn object(key: &str) -> AgedObject {
        AgedObject { key: key.to_owned(), bytes: 0, etag: None, modified: DateTime::UNIX_EPOCH }
    }

    #[test]
    fn each_object_has_its_own_result_and_silence_is_a_failure() {
        let refusal = |key: &str, code: &str| Refusal::builder().key(key).code(code).build();
        let answer = DeleteObjectsOutput::builder()
            .deleted(DeletedObject::builder().key("a").build())
            .errors(refusal("b", "AccessDenied"))
            .errors(refusal("c", "PreconditionFailed"))
            .errors(refusal("d", "NoSuchKey"))
            .errors(refusal("e", "SlowDown"))
            .build();
        let objects = ["a", "b", "c", "d", "e", "f"].map(object);
        let results = results(&answer, &objects.iter().collect::<Vec<_>>());
        let told: Vec<_> = results
            .iter()
            .map(|result| match result {
                Ok(()) => "deleted".to_owned(),
                Err(NotDeleted::Replaced) => "replaced".to_owned(),
                Err(NotDeleted::Failed(error)) => format!("{:?}", error.outcome),
            })
            .collect();
        assert_eq!(told, ["deleted", "Denied", "replaced", "deleted", "TryAgain", "Unavailable"]);
    }

    #[test]
    fn keys_that_xml_changes_are_deleted_one_by_one() {
        assert!(is_for_xml("a//../é ü\"<&") && !is_for_xml("a\r") && !is_for_xml("a\u{1}") && !is_for_xml("\u{fffe}"));
    }
}

//! `DeleteObjects`.

use s3s::dto::{DeleteObjectsInput, DeleteObjectsOutput, DeletedObject, Error, ObjectIdentifier};
use s3s::{S3ErrorCode, S3Request, S3Response, S3Result};

use super::delete_object::refuse_bypass;
use crate::s3::api::version::UNVERSIONED;
use crate::s3::refusal::Refusal;
use crate::s3::store::Store;
use crate::s3::store::condition::Condition;

/// S3's limit on the keys of a request.
const MAX_KEYS: usize = 1000;

pub(in crate::s3::api) fn delete_objects(
    store: &Store,
    request: S3Request<DeleteObjectsInput>,
) -> S3Result<S3Response<DeleteObjectsOutput>> {
    let input = request.input;
    store.with_bucket(&input.bucket, |_| Ok(()))?;
    refuse_bypass(input.bypass_governance_retention)?;
    if input.delete.objects.is_empty() || input.delete.objects.len() > MAX_KEYS {
        return Err(Refusal::malformed_xml().into());
    }
    let (mut deleted, mut errors) = (Vec::new(), Vec::new());
    for object in input.delete.objects {
        match delete(store, &input.bucket, &object) {
            Ok(()) => deleted.push(DeletedObject {
                key: Some(object.key),
                version_id: object.version_id,
                ..DeletedObject::default()
            }),
            Err(refusal) => errors.push(Error {
                code: Some(refusal.code().to_owned()),
                message: Some(refusal.message().to_owned()),
                key: Some(object.key),
                version_id: object.version_id,
            }),
        }
    }
    let quiet = input.delete.quiet.unwrap_or_default();
    Ok(S3Response::new(DeleteObjectsOutput {
        deleted: Some(deleted).filter(|_| !quiet),
        errors: Some(errors).filter(|errors| !errors.is_empty()),
        ..DeleteObjectsOutput::default()
    }))
}

fn delete(store: &Store, bucket: &str, object: &ObjectIdentifier) -> Result<(), Refusal> {
    if object.version_id.as_deref().is_some_and(|version| version != UNVERSIONED) {
        return Err(Refusal::new(S3ErrorCode::NoSuchVersion, "The specified version does not exist."));
    }
    let etag = object.e_tag.as_ref();
    let condition = etag.map_or(Condition::Always, |etag| Condition::matching(etag.value()));
    Ok(store.delete(bucket, &object.key, &condition)?)
}

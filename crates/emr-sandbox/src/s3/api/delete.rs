//! `DeleteObject` and `DeleteObjects`.

use s3s::dto::{
    DeleteObjectInput, DeleteObjectOutput, DeleteObjectsInput, DeleteObjectsOutput, DeletedObject, Error,
    ObjectIdentifier,
};
use s3s::{S3Request, S3Response, S3Result, s3_error};

use crate::s3::store::Store;
use crate::s3::store::condition::Condition;

/// The most keys of a `DeleteObjects`.
const MAX_KEYS: usize = 1000;

pub(super) fn delete_object(
    store: &Store,
    request: S3Request<DeleteObjectInput>,
) -> S3Result<S3Response<DeleteObjectOutput>> {
    let condition = Condition::from_headers(&request.headers)?;
    let input = request.input;
    store.delete(&input.bucket, &input.key, &condition)?;
    Ok(S3Response::new(DeleteObjectOutput::default()))
}

pub(super) fn delete_objects(
    store: &Store,
    request: S3Request<DeleteObjectsInput>,
) -> S3Result<S3Response<DeleteObjectsOutput>> {
    let input = request.input;
    store.with_bucket(&input.bucket, |_| Ok(()))?;
    if input.delete.objects.is_empty() || input.delete.objects.len() > MAX_KEYS {
        return Err(s3_error!(
            MalformedXML,
            "The XML you provided was not well-formed or did not validate against our published schema"
        ));
    }
    let (mut deleted, mut errors) = (Vec::new(), Vec::new());
    for object in input.delete.objects {
        match delete(store, &input.bucket, object) {
            Ok(one) => deleted.push(one),
            Err(one) => errors.push(one),
        }
    }
    let quiet = input.delete.quiet.unwrap_or_default();
    Ok(S3Response::new(DeleteObjectsOutput {
        deleted: Some(deleted).filter(|_| !quiet),
        errors: Some(errors).filter(|errors| !errors.is_empty()),
        ..DeleteObjectsOutput::default()
    }))
}

fn delete(store: &Store, bucket: &str, object: ObjectIdentifier) -> Result<DeletedObject, Error> {
    let condition = object.e_tag.map_or(Condition::Always, |etag| Condition::matching(etag.value()));
    match store.delete(bucket, &object.key, &condition) {
        Ok(()) => Ok(DeletedObject { key: Some(object.key), ..DeletedObject::default() }),
        Err(error) => Err(Error {
            code: Some(error.code().as_str().to_owned()),
            message: Some(error.to_string()),
            key: Some(object.key),
            version_id: None,
        }),
    }
}

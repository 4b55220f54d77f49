//! `GetObjectTagging`.

use s3s::dto::{GetObjectTaggingInput, GetObjectTaggingOutput};
use s3s::{S3Request, S3Response, S3Result};

use crate::s3::api::version;
use crate::s3::store::Store;
use crate::s3::store::error::StoreError;
use crate::s3::store::tags;

pub(in crate::s3::api) fn get_object_tagging(
    store: &Store,
    request: S3Request<GetObjectTaggingInput>,
) -> S3Result<S3Response<GetObjectTaggingOutput>> {
    let input = request.input;
    store.with_bucket(&input.bucket, |_| Ok(()))?;
    version::check(input.version_id.as_deref())?;
    let found = store.object(&input.bucket, &input.key);
    // Only here does S3 name the bucket along with the key.
    let object = found.ok_or_else(|| StoreError::NoSuchKey(format!("{}/{}", input.bucket, input.key)))?;
    Ok(S3Response::new(GetObjectTaggingOutput { tag_set: tags::listed(&object.tags), version_id: None }))
}

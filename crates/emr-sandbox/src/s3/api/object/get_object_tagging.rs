//! `GetObjectTagging`.

use s3s::dto::{GetObjectTaggingInput, GetObjectTaggingOutput};
use s3s::{S3Request, S3Response, S3Result};

use super::read;
use crate::s3::store::Store;
use crate::s3::store::tags;

pub(in crate::s3::api) fn get_object_tagging(
    store: &Store,
    request: S3Request<GetObjectTaggingInput>,
) -> S3Result<S3Response<GetObjectTaggingOutput>> {
    let input = request.input;
    let object = read::find(store, &input.bucket, &input.key, input.version_id.as_deref())?;
    Ok(S3Response::new(GetObjectTaggingOutput { tag_set: tags::listed(&object.tags), version_id: None }))
}

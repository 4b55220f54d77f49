//! `DeleteObjectTagging`.

use s3s::dto::{DeleteObjectTaggingInput, DeleteObjectTaggingOutput};
use s3s::{S3Request, S3Response, S3Result};

use super::read;
use crate::s3::store::Store;
use crate::s3::store::tags::Tags;

pub(in crate::s3::api) fn delete_object_tagging(
    store: &Store,
    request: S3Request<DeleteObjectTaggingInput>,
) -> S3Result<S3Response<DeleteObjectTaggingOutput>> {
    let input = request.input;
    read::find(store, &input.bucket, &input.key, input.version_id.as_deref())?;
    store.tag(&input.bucket, &input.key, Tags::new())?;
    Ok(S3Response::new(DeleteObjectTaggingOutput::default()))
}

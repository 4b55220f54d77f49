//! `PutObjectTagging`.

use s3s::dto::{PutObjectTaggingInput, PutObjectTaggingOutput};
use s3s::{S3Request, S3Response, S3Result};

use super::read;
use crate::s3::store::Store;
use crate::s3::store::tags::{self, Tagged};

pub(in crate::s3::api) fn put_object_tagging(
    store: &Store,
    request: S3Request<PutObjectTaggingInput>,
) -> S3Result<S3Response<PutObjectTaggingOutput>> {
    let input = request.input;
    read::find(store, &input.bucket, &input.key, input.version_id.as_deref())?;
    store.tag(&input.bucket, &input.key, tags::parse_set(input.tagging.tag_set, Tagged::Object)?)?;
    Ok(S3Response::new(PutObjectTaggingOutput::default()))
}

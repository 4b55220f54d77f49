//! `PutBucketTagging`.

use s3s::dto::{PutBucketTaggingInput, PutBucketTaggingOutput};
use s3s::{S3Request, S3Response, S3Result};

use crate::s3::store::Store;
use crate::s3::store::tags::{self, Tagged};

pub(in crate::s3::api) fn put_bucket_tagging(
    store: &Store,
    request: S3Request<PutBucketTaggingInput>,
) -> S3Result<S3Response<PutBucketTaggingOutput>> {
    let input = request.input;
    let tags = tags::parse_set(input.tagging.tag_set, Tagged::Bucket)?;
    store.with_bucket(&input.bucket, |bucket| {
        bucket.tags = tags;
        Ok(())
    })?;
    Ok(S3Response::new(PutBucketTaggingOutput::default()))
}

//! `DeleteBucketTagging`.

use s3s::dto::{DeleteBucketTaggingInput, DeleteBucketTaggingOutput};
use s3s::{S3Request, S3Response, S3Result};

use crate::s3::store::Store;

pub(in crate::s3::api) fn delete_bucket_tagging(
    store: &Store,
    request: S3Request<DeleteBucketTaggingInput>,
) -> S3Result<S3Response<DeleteBucketTaggingOutput>> {
    let bucket = request.input.bucket;
    store.with_bucket(&bucket, |bucket| {
        bucket.tags.clear();
        Ok(())
    })?;
    Ok(S3Response::new(DeleteBucketTaggingOutput::default()))
}

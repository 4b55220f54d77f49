//! `DeleteBucket`.

use s3s::dto::{DeleteBucketInput, DeleteBucketOutput};
use s3s::{S3Request, S3Response, S3Result};

use crate::s3::store::Store;

pub(in crate::s3::api) fn delete_bucket(
    store: &Store,
    request: S3Request<DeleteBucketInput>,
) -> S3Result<S3Response<DeleteBucketOutput>> {
    let bucket = request.input.bucket;
    store.delete_bucket(&bucket)?;
    Ok(S3Response::new(DeleteBucketOutput::default()))
}

//! `GetBucketVersioning`: the sandbox has no versioning.

use s3s::dto::{GetBucketVersioningInput, GetBucketVersioningOutput};
use s3s::{S3Request, S3Response, S3Result};

use crate::s3::store::Store;

pub(in crate::s3::api) fn get_bucket_versioning(
    store: &Store,
    request: S3Request<GetBucketVersioningInput>,
) -> S3Result<S3Response<GetBucketVersioningOutput>> {
    let bucket = request.input.bucket;
    store.with_bucket(&bucket, |_| Ok(()))?;
    Ok(S3Response::new(GetBucketVersioningOutput::default()))
}

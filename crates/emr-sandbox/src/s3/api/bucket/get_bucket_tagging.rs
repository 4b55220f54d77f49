//! `GetBucketTagging`.

use hyper::StatusCode;
use s3s::dto::{GetBucketTaggingInput, GetBucketTaggingOutput};
use s3s::{S3Request, S3Response, S3Result};

use crate::s3::refusal::Refusal;
use crate::s3::store::{Store, tags};

pub(in crate::s3::api) fn get_bucket_tagging(
    store: &Store,
    request: S3Request<GetBucketTaggingInput>,
) -> S3Result<S3Response<GetBucketTaggingOutput>> {
    let bucket = request.input.bucket;
    let tag_set = store.with_bucket(&bucket, |bucket| Ok(tags::listed(&bucket.tags)))?;
    if tag_set.is_empty() {
        let refusal = Refusal::custom("NoSuchTagSet", StatusCode::NOT_FOUND, "The TagSet does not exist");
        return Err(refusal.with("BucketName", bucket).into());
    }
    Ok(S3Response::new(GetBucketTaggingOutput { tag_set }))
}

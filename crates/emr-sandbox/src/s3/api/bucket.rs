//! The operations on buckets.

use s3s::dto::{
    Bucket, BucketLocationConstraint, CreateBucketInput, CreateBucketOutput, DeleteBucketInput, DeleteBucketOutput,
    GetBucketLocationInput, GetBucketLocationOutput, GetBucketVersioningInput, GetBucketVersioningOutput,
    HeadBucketInput, HeadBucketOutput, ListBucketsInput, ListBucketsOutput, Owner,
};
use s3s::{S3Request, S3Response, S3Result};

use crate::s3::store::Store;

/// The region of a bucket without a location constraint.
const DEFAULT_REGION: &str = "us-east-1";

pub(super) fn create_bucket(
    store: &Store,
    request: S3Request<CreateBucketInput>,
) -> S3Result<S3Response<CreateBucketOutput>> {
    let input = request.input;
    let region = input
        .create_bucket_configuration
        .and_then(|configuration| configuration.location_constraint)
        .map(|constraint| constraint.as_str().to_owned())
        .filter(|region| !region.is_empty() && region != DEFAULT_REGION);
    store.create_bucket_in(&input.bucket, region)?;
    Ok(S3Response::new(CreateBucketOutput { location: Some(format!("/{}", input.bucket)) }))
}

pub(super) fn delete_bucket(
    store: &Store,
    request: S3Request<DeleteBucketInput>,
) -> S3Result<S3Response<DeleteBucketOutput>> {
    let bucket = request.input.bucket;
    store.delete_bucket(&bucket)?;
    Ok(S3Response::new(DeleteBucketOutput::default()))
}

pub(super) fn head_bucket(
    store: &Store,
    request: S3Request<HeadBucketInput>,
) -> S3Result<S3Response<HeadBucketOutput>> {
    let bucket = request.input.bucket;
    let region = store.with_bucket(&bucket, |bucket| Ok(bucket.region.clone()))?;
    Ok(S3Response::new(HeadBucketOutput {
        bucket_region: Some(region.unwrap_or_else(|| DEFAULT_REGION.to_owned())),
        ..HeadBucketOutput::default()
    }))
}

pub(super) fn get_bucket_location(
    store: &Store,
    request: S3Request<GetBucketLocationInput>,
) -> S3Result<S3Response<GetBucketLocationOutput>> {
    let bucket = request.input.bucket;
    let region = store.with_bucket(&bucket, |bucket| Ok(bucket.region.clone()))?;
    Ok(S3Response::new(GetBucketLocationOutput { location_constraint: region.map(BucketLocationConstraint::from) }))
}

/// Answers that versioning was never enabled.
pub(super) fn get_bucket_versioning(
    store: &Store,
    request: S3Request<GetBucketVersioningInput>,
) -> S3Result<S3Response<GetBucketVersioningOutput>> {
    let bucket = request.input.bucket;
    store.with_bucket(&bucket, |_| Ok(()))?;
    Ok(S3Response::new(GetBucketVersioningOutput::default()))
}

#[expect(clippy::unnecessary_wraps, reason = "operations share one form, and most of them can be refused")]
pub(super) fn list_buckets(
    store: &Store,
    request: S3Request<ListBucketsInput>,
) -> S3Result<S3Response<ListBucketsOutput>> {
    let prefix = request.input.prefix;
    let buckets = store
        .buckets()
        .into_iter()
        .filter(|(name, ..)| name.starts_with(prefix.as_deref().unwrap_or_default()))
        .map(|(name, created, region)| Bucket {
            name: Some(name),
            creation_date: Some(created.into()),
            bucket_region: Some(region.unwrap_or_else(|| DEFAULT_REGION.to_owned())),
        })
        .collect();
    Ok(S3Response::new(ListBucketsOutput {
        buckets: Some(buckets),
        owner: Some(owner()),
        prefix,
        ..ListBucketsOutput::default()
    }))
}

/// The owner of all buckets and objects.
pub(super) fn owner() -> Owner {
    Owner { display_name: Some("emr-sandbox".to_owned()), id: Some("0".repeat(64)) }
}

//! Buckets: made, removed, named and placed.

use std::sync::Arc;

use s3s::dto::{
    Bucket, BucketLocationConstraint, CreateBucketInput, CreateBucketOutput, DeleteBucketInput,
    DeleteBucketOutput, GetBucketLocationInput, GetBucketLocationOutput, HeadBucketInput,
    HeadBucketOutput, ListBucketsInput, ListBucketsOutput, Owner,
};
use s3s::{S3Request, S3Response, S3Result};

use super::super::store::Store;

/// Where a bucket without a location constraint is.
const DEFAULT_REGION: &str = "us-east-1";

pub(super) async fn create_bucket(
    store: &Arc<Store>,
    request: S3Request<CreateBucketInput>,
) -> S3Result<S3Response<CreateBucketOutput>> {
    let input = request.input;
    let region = input
        .create_bucket_configuration
        .and_then(|configuration| configuration.location_constraint)
        .map(|constraint| constraint.as_str().to_owned())
        .filter(|region| !region.is_empty() && region != DEFAULT_REGION);
    store.create_bucket_in(&input.bucket, region)?;
    Ok(S3Response::new(CreateBucketOutput {
        location: Some(format!("/{}", input.bucket)),
    }))
}

pub(super) async fn delete_bucket(
    store: &Arc<Store>,
    request: S3Request<DeleteBucketInput>,
) -> S3Result<S3Response<DeleteBucketOutput>> {
    store.delete_bucket(&request.input.bucket)?;
    Ok(S3Response::new(DeleteBucketOutput::default()))
}

pub(super) async fn head_bucket(
    store: &Arc<Store>,
    request: S3Request<HeadBucketInput>,
) -> S3Result<S3Response<HeadBucketOutput>> {
    let region = store.with_bucket(&request.input.bucket, |bucket| Ok(bucket.region.clone()))?;
    Ok(S3Response::new(HeadBucketOutput {
        bucket_region: Some(region.unwrap_or_else(|| DEFAULT_REGION.to_owned())),
        ..HeadBucketOutput::default()
    }))
}

pub(super) async fn get_bucket_location(
    store: &Arc<Store>,
    request: S3Request<GetBucketLocationInput>,
) -> S3Result<S3Response<GetBucketLocationOutput>> {
    let region = store.with_bucket(&request.input.bucket, |bucket| Ok(bucket.region.clone()))?;
    Ok(S3Response::new(GetBucketLocationOutput {
        location_constraint: region.map(BucketLocationConstraint::from),
    }))
}

pub(super) async fn list_buckets(
    store: &Arc<Store>,
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

/// The owner of everything.
pub(super) fn owner() -> Owner {
    Owner {
        display_name: Some("emr-sandbox".to_owned()),
        id: Some("0".repeat(64)),
    }
}

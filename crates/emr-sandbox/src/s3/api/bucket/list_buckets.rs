//! `ListBuckets`, in pages if the request asks for them.

use std::ops::Bound;

use s3s::dto::{Bucket, ListBucketsInput, ListBucketsOutput};
use s3s::{S3ErrorCode, S3Request, S3Response, S3Result};

use super::{is_region, name_of, owner};
use crate::s3::api::list::token;
use crate::s3::refusal::Refusal;
use crate::s3::store::Store;

/// S3's largest page, and the largest number that a request may ask for.
const MAX_BUCKETS: i32 = 10_000;

pub(in crate::s3::api) fn list_buckets(
    store: &Store,
    request: S3Request<ListBucketsInput>,
) -> S3Result<S3Response<ListBucketsOutput>> {
    let input = request.input;
    let max = limit(input.max_buckets)?;
    if let Some(region) = input.bucket_region.as_deref().filter(|region| !is_region(region)) {
        let message = format!("Argument value {region} is not a valid AWS Region");
        let refusal = Refusal::new(S3ErrorCode::InvalidArgument, message);
        return Err(refusal.with("ArgumentName", "bucket-region").into());
    }
    let token = input.continuation_token.as_deref().filter(|token| !token.is_empty());
    let after = token.map(token::decode).transpose()?;
    let from = after.map_or(Bound::Unbounded, Bound::Excluded);
    let (prefix, region) = (input.prefix.as_deref().unwrap_or_default(), input.bucket_region.as_deref());
    let mut listed: Vec<Bucket> = store
        .buckets(from)
        .into_iter()
        .map(|(name, created, region)| Bucket {
            name: Some(name),
            creation_date: Some(created.into()),
            bucket_region: Some(name_of(region)),
        })
        .filter(|bucket| bucket.name.as_deref().is_some_and(|name| name.starts_with(prefix)))
        .filter(|bucket| region.is_none() || bucket.bucket_region.as_deref() == region)
        .take(max + 1)
        .collect();
    let more = listed.len() > max;
    listed.truncate(max);
    let last = listed.last().and_then(|bucket| bucket.name.as_deref()).filter(|_| more);
    Ok(S3Response::new(ListBucketsOutput {
        continuation_token: last.map(token::encode),
        buckets: Some(listed),
        owner: Some(owner()),
        prefix: input.prefix,
    }))
}

fn limit(requested: Option<i32>) -> Result<usize, Refusal> {
    let requested = requested.unwrap_or(MAX_BUCKETS);
    usize::try_from(requested).ok().filter(|_| (1..=MAX_BUCKETS).contains(&requested)).ok_or_else(|| {
        let message = format!("Argument max-buckets must be an integer between 1 and {MAX_BUCKETS}");
        Refusal::argument("max-buckets", &requested.to_string(), message)
    })
}

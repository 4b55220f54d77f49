//! `HeadBucket`.

use hyper::HeaderMap;
use hyper::header::{CONTENT_TYPE, HeaderName, HeaderValue};
use s3s::dto::{HeadBucketInput, HeadBucketOutput};
use s3s::{S3Request, S3Response, S3Result};

use super::{arn, name_of};
use crate::s3::store::Store;

pub(in crate::s3::api) fn head_bucket(
    store: &Store,
    request: S3Request<HeadBucketInput>,
) -> S3Result<S3Response<HeadBucketOutput>> {
    let bucket = request.input.bucket;
    let region = store.with_bucket(&bucket, |bucket| Ok(bucket.region.clone()))?;
    let output = HeadBucketOutput { bucket_region: Some(name_of(region)), ..HeadBucketOutput::default() };
    let mut headers = HeaderMap::from_iter([(CONTENT_TYPE, HeaderValue::from_static("application/xml"))]);
    if let Ok(arn) = HeaderValue::try_from(arn(&bucket)) {
        headers.insert(HeaderName::from_static("x-amz-bucket-arn"), arn);
    }
    headers.insert(HeaderName::from_static("x-amz-access-point-alias"), HeaderValue::from_static("false"));
    Ok(S3Response::with_headers(output, headers))
}

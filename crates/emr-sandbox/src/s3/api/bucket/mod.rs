//! The operations on buckets.

pub(super) mod create_bucket;
pub(super) mod delete_bucket;
pub(super) mod get_bucket_location;
pub(super) mod get_bucket_versioning;
pub(super) mod head_bucket;
pub(super) mod list_buckets;

use s3s::dto::Owner;

/// The region of a bucket without a location constraint.
const DEFAULT_REGION: &str = "us-east-1";

/// The owner of all buckets and objects.
pub(super) fn owner() -> Owner {
    Owner { display_name: Some("emr-sandbox".to_owned()), id: Some("0".repeat(64)) }
}

/// The ARN of a bucket.
fn arn(bucket: &str) -> String {
    format!("arn:aws:s3:::{bucket}")
}

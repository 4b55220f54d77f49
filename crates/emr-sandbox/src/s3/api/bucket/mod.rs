//! The operations on buckets.

pub(super) mod create_bucket;
pub(super) mod delete_bucket;
pub(super) mod delete_bucket_tagging;
pub(super) mod get_bucket_location;
pub(super) mod get_bucket_tagging;
pub(super) mod get_bucket_versioning;
pub(super) mod head_bucket;
pub(super) mod list_buckets;
pub(super) mod put_bucket_tagging;

use s3s::dto::Owner;

/// The region of a bucket without a location constraint.
const DEFAULT_REGION: &str = "us-east-1";

/// The owner of all buckets and objects. S3 returns only the id since 2025.
pub(super) fn owner() -> Owner {
    Owner { display_name: None, id: Some("0".repeat(64)) }
}

/// The region's name for a bucket's location constraint.
pub(super) fn name_of(constraint: Option<String>) -> String {
    match constraint {
        None => DEFAULT_REGION.to_owned(),
        Some(old) if old == "EU" => "eu-west-1".to_owned(),
        Some(region) => region,
    }
}

/// Whether a text has the form of a region's name, such as `ap-southeast-2`.
pub(crate) fn is_region(text: &str) -> bool {
    let words: Vec<&str> = text.split('-').collect();
    let (Some(number), 3..=4) = (words.last(), words.len()) else {
        return false;
    };
    number.parse::<u8>().is_ok()
        && words[..words.len() - 1]
            .iter()
            .all(|word| !word.is_empty() && word.bytes().all(|byte| byte.is_ascii_lowercase()))
}

/// The ARN of a bucket.
pub(in crate::s3) fn arn(bucket: &str) -> String {
    format!("arn:aws:s3:::{bucket}")
}

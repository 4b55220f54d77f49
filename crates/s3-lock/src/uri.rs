//! The URI of a lock, in arguments and records.

use emr_core::error::{Error, Result};
use emr_core::model::s3_uri::S3Uri;

/// Parses the URI of an object. A lock is an object, so a bucket alone is not enough.
pub(crate) fn of_object(text: &str) -> Result<S3Uri> {
    let uri: S3Uri = text.parse()?;
    if uri.key.is_empty() {
        return Err(Error::usage(format!("{uri} names no object")).advise("write s3://bucket/key"));
    }
    Ok(uri)
}

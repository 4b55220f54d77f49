//! The URI of a lock, as arguments and records name it.

use emr_core::error::{Error, Result};
use emr_core::model::s3_uri::S3Uri;

/// Parses the URI of an object. A bucket alone is no lock.
pub(crate) fn of_object(text: &str) -> Result<S3Uri> {
    let uri: S3Uri = text.parse()?;
    if uri.key.is_empty() {
        return Err(Error::usage(format!("{uri} names no object")).advise("write s3://bucket/key"));
    }
    Ok(uri)
}

//! URIs of objects and prefixes on S3.

use std::fmt;
use std::str::FromStr;

use serde::{Deserialize, Serialize};

use crate::error::Error;

/// A bucket and a key, such as `s3://bucket/some/key`. The key may be empty or end in a slash.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[serde(try_from = "String", into = "String")]
pub struct S3Uri {
    /// The bucket.
    pub bucket: String,
    /// The key or a prefix of keys.
    pub key: String,
}

/// Whether XML carries `key` unchanged: it has no control characters, and makes a line feed of a carriage return.
///
/// Source: <https://www.w3.org/TR/xml/#charsets>
#[must_use]
pub fn is_for_xml(key: &str) -> bool {
    !key.contains(|c: char| c.is_control() || matches!(c, '\u{fffe}' | '\u{ffff}'))
}

impl S3Uri {
    /// The URI of `name` below this one.
    #[must_use]
    pub fn join(&self, name: &str) -> Self {
        let slash = if self.key.is_empty() || self.key.ends_with('/') { "" } else { "/" };
        Self { bucket: self.bucket.clone(), key: format!("{}{slash}{name}", self.key) }
    }
}

impl FromStr for S3Uri {
    type Err = Error;

    /// Parses `s3://`, and the `s3n://` and `s3a://` of other Hadoop clients.
    fn from_str(text: &str) -> Result<Self, Error> {
        let rest = ["s3://", "s3n://", "s3a://"].iter().find_map(|scheme| text.strip_prefix(scheme));
        if rest.is_some_and(|rest| rest.starts_with("arn:")) {
            return Err(Error::usage(format!("'{text}' names an access point by its ARN, which is not supported"))
                .advise("write the access point's alias for the bucket; it ends in -s3alias"));
        }
        let (bucket, key) = rest.map_or(("", ""), |rest| rest.split_once('/').unwrap_or((rest, "")));
        if bucket.is_empty() {
            return Err(Error::usage(format!("'{text}' is not a place on S3")).advise("write s3://bucket/key"));
        }
        Ok(Self { bucket: bucket.to_owned(), key: key.to_owned() })
    }
}

impl TryFrom<String> for S3Uri {
    type Error = Error;

    fn try_from(text: String) -> Result<Self, Error> {
        text.parse()
    }
}

impl From<S3Uri> for String {
    fn from(uri: S3Uri) -> Self {
        uri.to_string()
    }
}

impl fmt::Display for S3Uri {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "s3://{}/{}", self.bucket, self.key)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_scheme_of_s3_names_the_same_object() {
        for text in ["s3://b/k/x", "s3n://b/k/x", "s3a://b/k/x"] {
            assert_eq!(text.parse::<S3Uri>().unwrap().to_string(), "s3://b/k/x");
        }
        assert_eq!("s3://b".parse::<S3Uri>().unwrap().join("x").to_string(), "s3://b/x");
        assert_eq!("s3://b/k".parse::<S3Uri>().unwrap().join("x").to_string(), "s3://b/k/x");
    }

    #[test]
    fn anything_else_is_refused() {
        for bad in ["", "b/k", "s3:///k", "s3:/b", "http://b/k"] {
            assert!(bad.parse::<S3Uri>().is_err(), "{bad}");
        }
        let arn = "s3://arn:aws:s3:us-west-2:111122223333:accesspoint/etl/k".parse::<S3Uri>().unwrap_err();
        assert!(arn.to_string().contains("-s3alias"), "{arn}");
    }
}

//! Log files, on S3 or on a node.

use std::fmt;

use chrono::{DateTime, Utc};
use serde::Serialize;

use crate::model::s3_uri::S3Uri;

/// The place of a log file. In records it is `uri`, or `node` and `path`.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord, Serialize)]
#[serde(untagged)]
pub enum Place {
    /// On S3, where EMR copies logs.
    S3 {
        /// The object.
        uri: S3Uri,
    },
    /// On a node of the cluster.
    Node {
        /// The node's EC2 instance id.
        node: String,
        /// The path.
        path: String,
    },
}

impl Place {
    /// The path, without bucket or node.
    #[must_use]
    pub fn path(&self) -> &str {
        match self {
            Self::S3 { uri } => &uri.key,
            Self::Node { path, .. } => path,
        }
    }
}

impl fmt::Display for Place {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::S3 { uri } => uri.fmt(f),
            Self::Node { node, path } => write!(f, "{node}:{path}"),
        }
    }
}

/// A log file in a list.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct LogFile {
    /// Its place.
    pub place: Place,
    /// Its size, compressed if its name ends in `.gz`.
    pub bytes: u64,
    /// When it was last written.
    pub time: Option<DateTime<Utc>>,
}

impl LogFile {
    /// Whether it is compressed. EMR compresses all logs on S3.
    #[must_use]
    pub fn is_packed(&self) -> bool {
        self.place.path().strip_suffix(".gz").is_some()
    }

    /// Whether it is empty, by its size: an empty gzip file has 20 bytes, or more if it stores a name.
    #[must_use]
    pub fn is_empty(&self) -> bool {
        self.bytes <= if self.is_packed() { 20 } else { 0 }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn an_empty_gzip_file_is_empty() {
        let file = |uri: &str, bytes| LogFile { place: Place::S3 { uri: uri.parse().unwrap() }, bytes, time: None };
        assert!(file("s3://b/stderr.gz", 20).is_empty() && file("s3://b/stderr", 0).is_empty());
        assert!(!file("s3://b/stderr.gz", 21).is_empty() && !file("s3://b/stderr", 1).is_empty());
    }
}

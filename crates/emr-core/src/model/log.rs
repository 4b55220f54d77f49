//! A log file, wherever it lies.

use std::fmt;

use chrono::{DateTime, Utc};
use serde::Serialize;

use crate::model::s3_uri::S3Uri;

/// Where a log file lies. In records it is `uri`, or `node` and `path`.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord, Serialize)]
#[serde(untagged)]
pub enum Place {
    /// On S3, where EMR copies logs to.
    S3 {
        /// The object.
        uri: S3Uri,
    },
    /// On a node of the job flow.
    Node {
        /// The EC2 instance id of the node.
        node: String,
        /// The path there.
        path: String,
    },
}

impl Place {
    /// The path of the file there, without what holds it.
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

/// A log file as a list shows it.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct LogFile {
    /// Where it lies.
    pub place: Place,
    /// Its size there, compressed where its name ends in `.gz`.
    pub bytes: u64,
    /// When it was last written.
    pub time: Option<DateTime<Utc>>,
}

impl LogFile {
    /// Whether it is compressed, as all logs are that EMR copies to S3.
    #[must_use]
    pub fn is_packed(&self) -> bool {
        self.place.path().strip_suffix(".gz").is_some()
    }

    /// Whether nothing is in it, as far as its size tells: gzip makes 20 bytes of nothing, and more with a file's name.
    #[must_use]
    pub fn is_empty(&self) -> bool {
        self.bytes <= if self.is_packed() { 20 } else { 0 }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_gzip_makes_of_nothing_is_empty() {
        let file = |uri: &str, bytes| LogFile { place: Place::S3 { uri: uri.parse().unwrap() }, bytes, time: None };
        assert!(file("s3://b/stderr.gz", 20).is_empty() && file("s3://b/stderr", 0).is_empty());
        assert!(!file("s3://b/stderr.gz", 21).is_empty() && !file("s3://b/stderr", 1).is_empty());
    }
}

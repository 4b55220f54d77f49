//! An object: what S3 describes of it, and the file with its body.

use std::collections::HashMap;
use std::path::Path;
use std::sync::Arc;
use std::time::{Duration, SystemTime};

use super::body::{BodyFile, Written};
use super::checksum::Checksum;

/// One object. A clone is cheap, and keeps the body readable when the key is overwritten or deleted.
#[derive(Clone, Debug)]
pub(crate) struct Object {
    pub(crate) key: String,
    /// Bytes.
    pub(crate) size: u64,
    /// Unquoted: the MD5 of the body, or `md5-of-md5s-N` after a multipart upload.
    pub(crate) etag: String,
    /// In whole seconds, as in S3. Set when the object becomes visible.
    pub(crate) last_modified: SystemTime,
    pub(crate) headers: Arc<Headers>,
    pub(crate) checksum: Checksum,
    /// Sizes in bytes of the parts that a multipart upload joined; empty for any other object.
    pub(crate) parts: Arc<[u64]>,
    body: Arc<BodyFile>,
}

/// The headers of a write that S3 returns with every read.
#[derive(Clone, Debug, Default)]
pub(crate) struct Headers {
    pub(crate) content_type: Option<String>,
    pub(crate) content_encoding: Option<String>,
    pub(crate) content_language: Option<String>,
    pub(crate) content_disposition: Option<String>,
    pub(crate) cache_control: Option<String>,
    pub(crate) expires: Option<s3s::dto::Timestamp>,
    /// `x-amz-meta-…` without the prefix.
    pub(crate) metadata: Option<HashMap<String, String>>,
}

/// Fills [`Headers`] from any request shape that has the members.
macro_rules! headers_of {
    ($input:expr) => {
        $crate::s3::store::object::Headers {
            content_type: $input.content_type.take(),
            content_encoding: $input.content_encoding.take(),
            content_language: $input.content_language.take(),
            content_disposition: $input.content_disposition.take(),
            cache_control: $input.cache_control.take(),
            expires: $input.expires.take(),
            metadata: $input.metadata.take(),
        }
    };
}
pub(crate) use headers_of;

impl Object {
    /// An object of one piece.
    pub(crate) fn new(key: &str, written: Written, headers: Arc<Headers>) -> Object {
        Object {
            key: key.to_owned(),
            size: written.size,
            etag: hex::encode(written.md5),
            last_modified: now(),
            headers,
            checksum: written.checksum,
            parts: Arc::new([]),
            body: written.body,
        }
    }

    /// The same body under another key, with other headers.
    pub(crate) fn renamed(&self, key: &str, headers: Arc<Headers>) -> Object {
        Object { key: key.to_owned(), headers, ..self.clone() }
    }

    /// The file with the body, readable as long as the object is held.
    pub(crate) fn path(&self) -> &Path {
        self.body.path()
    }
}

/// The present time in whole seconds.
pub(crate) fn now() -> SystemTime {
    let since = SystemTime::now().duration_since(SystemTime::UNIX_EPOCH).unwrap_or_default();
    SystemTime::UNIX_EPOCH + Duration::from_secs(since.as_secs())
}

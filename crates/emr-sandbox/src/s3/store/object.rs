//! An object: its description, and the file with its body.

use std::path::Path;
use std::sync::Arc;
use std::time::{Duration, SystemTime};

use super::body::{BodyFile, Written};
use super::checksum::Checksum;
use super::storage::Storage;
use super::tags::Tags;
use crate::s3::metadata::Metadata;

/// An object. A clone is cheap, and keeps the body readable when the key is overwritten or deleted.
#[derive(Clone, Debug)]
pub(crate) struct Object {
    pub(crate) key: String,
    /// Size in bytes.
    pub(crate) size: u64,
    /// Unquoted: the MD5 of the body, or `md5-of-md5s-N` after a multipart upload.
    pub(crate) etag: String,
    /// In whole seconds, as in S3. Set when the object becomes visible.
    pub(crate) last_modified: SystemTime,
    pub(crate) description: Arc<Description>,
    pub(crate) tags: Arc<Tags>,
    pub(crate) checksum: Checksum,
    /// The multipart upload that made the object.
    pub(crate) upload: Option<Arc<Joined>>,
    body: Arc<BodyFile>,
}

/// What a write specifies about its object.
#[derive(Clone, Debug, Default)]
pub(crate) struct Description {
    pub(crate) headers: Headers,
    pub(crate) storage: Storage,
}

/// The headers of a write that S3 returns with every read.
#[derive(Clone, Debug, Default)]
pub(crate) struct Headers {
    pub(crate) content_type: Option<String>,
    pub(crate) content_encoding: Option<String>,
    pub(crate) content_language: Option<String>,
    pub(crate) content_disposition: Option<String>,
    pub(crate) cache_control: Option<String>,
    /// Stored unchanged, even if it is not a date.
    pub(crate) expires: Option<String>,
    pub(crate) metadata: Metadata,
}

/// A multipart upload that became an object.
#[derive(Debug)]
pub(crate) struct Joined {
    pub(crate) id: String,
    /// In the order of their bytes.
    pub(crate) parts: Vec<JoinedPart>,
}

/// A part of a multipart object.
#[derive(Debug)]
pub(crate) struct JoinedPart {
    pub(crate) number: i32,
    /// Size in bytes.
    pub(crate) size: u64,
    pub(crate) etag: String,
    pub(crate) checksum: Checksum,
}

/// Fills [`Headers`] from any request shape with these members. `Expires`, metadata and non-ASCII text come from the
/// headers that `s3s` does not see.
macro_rules! headers_of {
    ($input:expr, $withheld:expr) => {
        $crate::s3::store::object::Headers {
            content_type: $input.content_type.take().or_else(|| $withheld.text("content-type")),
            content_encoding: $input.content_encoding.take().or_else(|| $withheld.text("content-encoding")),
            content_language: $input.content_language.take().or_else(|| $withheld.text("content-language")),
            content_disposition: $input.content_disposition.take().or_else(|| $withheld.text("content-disposition")),
            cache_control: $input.cache_control.take().or_else(|| $withheld.text("cache-control")),
            expires: $withheld.text("expires"),
            metadata: $crate::s3::metadata::of_write($withheld)?,
        }
    };
}
pub(crate) use headers_of;

impl Object {
    /// An object put in one request.
    pub(crate) fn new(key: &str, written: Written, description: Arc<Description>, tags: Arc<Tags>) -> Object {
        Object {
            key: key.to_owned(),
            size: written.size,
            etag: hex::encode(written.md5),
            last_modified: now(),
            description,
            tags,
            checksum: written.checksum,
            upload: None,
            body: written.body,
        }
    }

    /// The same body under another key, with another description.
    pub(crate) fn renamed(&self, key: &str, description: Arc<Description>, tags: Arc<Tags>) -> Object {
        Object { key: key.to_owned(), description, tags, ..self.clone() }
    }

    /// The parts of the multipart upload that made the object.
    pub(crate) fn parts(&self) -> &[JoinedPart] {
        self.upload.as_ref().map_or(&[], |upload| &upload.parts)
    }

    /// The file with the body, which is readable while the object is held.
    pub(crate) fn path(&self) -> &Path {
        self.body.path()
    }
}

/// The current time in whole seconds.
pub(crate) fn now() -> SystemTime {
    let since = SystemTime::now().duration_since(SystemTime::UNIX_EPOCH).unwrap_or_default();
    SystemTime::UNIX_EPOCH + Duration::from_secs(since.as_secs())
}

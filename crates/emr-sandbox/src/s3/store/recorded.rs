//! An object of a recorded account, with the time at which it was written.

use std::io;
use std::time::SystemTime;

use chrono::{DateTime, Utc};
use serde::Deserialize;

use super::buckets::Store;
use super::error::StoreError;

/// An object to begin with, in the members of `ListObjectsV2`.
#[derive(Clone, Debug, Deserialize)]
#[serde(rename_all = "PascalCase")]
pub(crate) struct RecordedObject {
    pub(crate) bucket: String,
    pub(crate) key: String,
    last_modified: DateTime<Utc>,
    #[serde(default)]
    body: String,
}

impl Store {
    /// Stores `recorded` as if it had been written at its time.
    pub(crate) fn put_recorded(&self, recorded: &RecordedObject) -> io::Result<()> {
        self.put_bytes(&recorded.bucket, &recorded.key, recorded.body.as_bytes())?;
        let written = self.with_bucket(&recorded.bucket, |bucket| {
            let object = bucket.objects.get_mut(&recorded.key);
            let object = object.ok_or_else(|| StoreError::NoSuchKey(recorded.key.clone()))?;
            object.last_modified = SystemTime::from(recorded.last_modified);
            Ok(())
        });
        written.map_err(io::Error::from)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_recorded_object_keeps_its_time() {
        let dir = tempfile::tempdir().unwrap();
        let store = Store::open(dir.path()).unwrap();
        store.create_bucket("bucket").unwrap();
        let last_modified = DateTime::from_timestamp(1_000_000_000, 0).unwrap();
        let recorded = RecordedObject { bucket: "bucket".into(), key: "k".into(), last_modified, body: "x".into() };
        store.put_recorded(&recorded).unwrap();
        let object = store.object("bucket", "k").unwrap();
        assert_eq!((object.last_modified, object.size), (SystemTime::from(last_modified), 1));
    }
}

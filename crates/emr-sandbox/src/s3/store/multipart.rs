//! Multipart uploads in the store: each part is a body of its own, until the completion joins those
//! that the client names.

use std::fs::File;
use std::sync::Arc;

use s3s::crypto::{Checksum as _, Md5};

use super::body::Written;
use super::buckets::{Expectation, Store};
use super::checksum::{Checksum, ChecksumType};
use super::error::StoreError;
use super::object::{Object, now};
use super::upload::{Part, Upload};

impl Store {
    /// Starts an upload and returns its id.
    pub(crate) fn create_upload(&self, bucket: &str, upload: Upload) -> Result<String, StoreError> {
        let id = uuid::Uuid::new_v4().simple().to_string();
        self.with_bucket(bucket, |bucket| {
            bucket.uploads.insert(id.clone(), upload);
            Ok(id)
        })
    }

    /// The upload with this id, if it is for `key`.
    pub(crate) fn upload(&self, bucket: &str, key: &str, id: &str) -> Result<Upload, StoreError> {
        self.with_bucket(bucket, |bucket| {
            let upload = bucket.uploads.get(id).filter(|upload| upload.key == key);
            upload.cloned().ok_or(StoreError::NoSuchUpload)
        })
    }

    /// Adds a part, or replaces the one with its number.
    pub(crate) fn add_part(&self, bucket: &str, id: &str, number: i32, written: Written) -> Result<Part, StoreError> {
        let part = Part { etag: hex::encode(written.md5), last_modified: now(), written };
        let _replaced = self.with_bucket(bucket, |bucket| {
            let upload = bucket.uploads.get_mut(id).ok_or(StoreError::NoSuchUpload)?;
            Ok(upload.parts.insert(number, part.clone()))
        })?;
        Ok(part)
    }

    /// Ends an upload without an object.
    pub(crate) fn abort_upload(&self, bucket: &str, key: &str, id: &str) -> Result<(), StoreError> {
        self.upload(bucket, key, id)?;
        let _removed = self.with_bucket(bucket, |bucket| Ok(bucket.uploads.remove(id)))?;
        Ok(())
    }

    /// Joins the named parts into the current object of the key, if the expectation holds and the upload
    /// still exists at the end. Blocks while it copies.
    pub(crate) fn complete_upload(
        &self,
        bucket: &str,
        (key, id): (&str, &str),
        named: &[(i32, String)],
        expectation: &Expectation,
    ) -> Result<Object, StoreError> {
        let upload = self.upload(bucket, key, id)?;
        let object = self.join(&upload, &upload.choose(named)?)?;
        let (object, _replaced, _upload) = self.with_bucket(bucket, |bucket| {
            if !bucket.uploads.contains_key(id) {
                return Err(StoreError::NoSuchUpload);
            }
            let (object, replaced) = bucket.replace(object, expectation)?;
            Ok((object, replaced, bucket.uploads.remove(id)))
        })?;
        Ok(object)
    }

    fn join(&self, upload: &Upload, parts: &[&Part]) -> Result<Object, StoreError> {
        let mut draft = self.draft(upload.algorithm)?;
        let mut md5 = Md5::new();
        for part in parts {
            draft.copy_from(File::open(part.written.body.path())?)?;
            md5.update(&part.written.md5);
        }
        let mut object = Object::new(&upload.key, draft.finish(), Arc::clone(&upload.headers));
        object.etag = format!("{}-{}", hex::encode(md5.finalize()), parts.len());
        object.parts = parts.iter().map(|part| part.written.size).collect();
        if upload.checksum_type == ChecksumType::Composite {
            let sums = parts.iter().map(|part| &part.written.checksum);
            object.checksum = Checksum::composite(upload.algorithm, sums);
        }
        Ok(object)
    }
}

#[cfg(test)]
mod tests {
    use std::collections::BTreeMap;

    use super::*;
    use crate::s3::store::checksum::Algorithm;
    use crate::s3::store::condition::Condition;

    fn written(store: &Store, body: &[u8]) -> Written {
        let mut draft = store.draft(Algorithm::Crc32).unwrap();
        draft.write(body).unwrap();
        draft.finish()
    }

    fn upload(key: &str) -> Upload {
        Upload {
            key: key.to_owned(),
            initiated: now(),
            algorithm: Algorithm::Crc32,
            checksum_type: ChecksumType::Composite,
            headers: Arc::default(),
            parts: BTreeMap::new(),
        }
    }

    #[test]
    fn a_completed_upload_is_its_parts_in_order_with_an_etag_of_their_digests() {
        let dir = tempfile::tempdir().unwrap();
        let store = Store::open(dir.path()).unwrap();
        store.create_bucket("bucket").unwrap();
        let id = store.create_upload("bucket", upload("key")).unwrap();
        let big = vec![b'a'; 5 * 1024 * 1024];
        let second = store.add_part("bucket", &id, 7, written(&store, b"tail")).unwrap();
        let first = store.add_part("bucket", &id, 2, written(&store, &big)).unwrap();
        let expectation = store.expect("bucket", "key", Condition::Absent).unwrap();
        let named = [(2, first.etag), (7, second.etag)];
        let object = store.complete_upload("bucket", ("key", &id), &named, &expectation).unwrap();
        assert_eq!(std::fs::read(object.path()).unwrap(), [&big[..], b"tail"].concat());
        assert!(object.etag.ends_with("-2"), "{}", object.etag);
        assert_eq!(*object.parts, [big.len() as u64, 4]);
        assert!(matches!(store.upload("bucket", "key", &id), Err(StoreError::NoSuchUpload)));
    }
}

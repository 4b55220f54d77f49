//! Multipart uploads: parts are bodies of their own until completion joins those that the client names.

use std::collections::BTreeMap;
use std::fs::File;
use std::sync::Arc;
use std::time::SystemTime;

use s3s::crypto::{Checksum as _, Md5};

use super::body::{Written, hex};
use super::buckets::{Expectation, Store};
use super::checksum::{Algorithm, Checksum, Kind};
use super::error::Refusal;
use super::object::{Headers, Object, now};

/// The least size in bytes of any part but the last.
const MIN_PART_SIZE: u64 = 5 * 1024 * 1024;

/// An upload in progress.
#[derive(Clone)]
pub(crate) struct Upload {
    pub(crate) key: String,
    pub(crate) initiated: SystemTime,
    pub(crate) algorithm: Algorithm,
    pub(crate) kind: Kind,
    pub(crate) headers: Arc<Headers>,
    /// By part number.
    pub(crate) parts: BTreeMap<i32, Part>,
}

/// An uploaded part.
#[derive(Clone)]
pub(crate) struct Part {
    pub(crate) etag: String,
    pub(crate) last_modified: SystemTime,
    pub(crate) written: Written,
}

impl Store {
    /// Starts an upload and returns its id.
    pub(crate) fn create_upload(&self, bucket: &str, upload: Upload) -> Result<String, Refusal> {
        let id = uuid::Uuid::new_v4().simple().to_string();
        self.with_bucket(bucket, |bucket| {
            bucket.uploads.insert(id.clone(), upload);
            Ok(id)
        })
    }

    /// The upload with this id, if it is for `key`.
    pub(crate) fn upload(&self, bucket: &str, key: &str, id: &str) -> Result<Upload, Refusal> {
        self.with_bucket(bucket, |bucket| {
            let upload = bucket.uploads.get(id).filter(|upload| upload.key == key);
            upload.cloned().ok_or(Refusal::NoSuchUpload)
        })
    }

    /// Adds a part, or replaces the one with its number.
    pub(crate) fn add_part(&self, bucket: &str, id: &str, number: i32, written: Written) -> Result<Part, Refusal> {
        let part = Part { etag: hex(&written.md5), last_modified: now(), written };
        let _replaced = self.with_bucket(bucket, |bucket| {
            let upload = bucket.uploads.get_mut(id).ok_or(Refusal::NoSuchUpload)?;
            Ok(upload.parts.insert(number, part.clone()))
        })?;
        Ok(part)
    }

    /// Ends an upload without an object.
    pub(crate) fn abort_upload(&self, bucket: &str, key: &str, id: &str) -> Result<(), Refusal> {
        self.upload(bucket, key, id)?;
        let _removed = self.with_bucket(bucket, |bucket| Ok(bucket.uploads.remove(id)))?;
        Ok(())
    }

    /// Joins the named parts and makes the whole the current object, if the expectation holds and the
    /// upload was not ended meanwhile. Blocks while it copies.
    pub(crate) fn complete_upload(
        &self,
        bucket: &str,
        (key, id): (&str, &str),
        named: &[(i32, String)],
        expectation: &Expectation,
    ) -> Result<Object, Refusal> {
        let upload = self.upload(bucket, key, id)?;
        let object = self.join(&upload, &choose(&upload.parts, named)?)?;
        let (object, _replaced, _upload) = self.with_bucket(bucket, |bucket| {
            if !bucket.uploads.contains_key(id) {
                return Err(Refusal::NoSuchUpload);
            }
            let (object, replaced) = bucket.replace(object, expectation)?;
            Ok((object, replaced, bucket.uploads.remove(id)))
        })?;
        Ok(object)
    }

    fn join(&self, upload: &Upload, parts: &[&Part]) -> Result<Object, Refusal> {
        let mut draft = self.draft(upload.algorithm)?;
        let mut md5 = Md5::new();
        for part in parts {
            draft.copy_from(File::open(part.written.body.path())?)?;
            md5.update(&part.written.md5);
        }
        let mut object = Object::new(&upload.key, draft.finish(), Arc::clone(&upload.headers));
        object.etag = format!("{}-{}", hex(&md5.finalize()), parts.len());
        object.parts = parts.iter().map(|part| part.written.size).collect();
        if upload.kind == Kind::Composite {
            let sums = parts.iter().map(|part| &part.written.checksum);
            object.checksum = Checksum::composite(upload.algorithm, sums);
        }
        Ok(object)
    }
}

/// The parts that a completion names, in its order, or why S3 would not take them.
fn choose<'a>(parts: &'a BTreeMap<i32, Part>, named: &[(i32, String)]) -> Result<Vec<&'a Part>, Refusal> {
    if !named.is_sorted_by(|one, next| one.0 < next.0) {
        return Err(Refusal::InvalidPartOrder);
    }
    let chosen: Vec<&Part> = named
        .iter()
        .map(|(number, etag)| parts.get(number).filter(|part| part.etag == *etag))
        .collect::<Option<_>>()
        .ok_or(Refusal::InvalidPart)?;
    match chosen.split_last() {
        None => Err(Refusal::InvalidPart),
        Some((_, rest)) if rest.iter().any(|part| part.written.size < MIN_PART_SIZE) => Err(Refusal::EntityTooSmall),
        Some(_) => Ok(chosen),
    }
}

#[cfg(test)]
mod tests {
    use super::*;
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
            kind: Kind::Composite,
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
        assert!(matches!(store.upload("bucket", "key", &id), Err(Refusal::NoSuchUpload)));
    }

    #[test]
    fn parts_that_are_unknown_too_small_or_out_of_order_are_refused() {
        let dir = tempfile::tempdir().unwrap();
        let store = Store::open(dir.path()).unwrap();
        let part = Part { etag: "e".to_owned(), last_modified: now(), written: written(&store, b"small") };
        let parts = BTreeMap::from([(1, part.clone()), (2, part)]);
        let named = |list: &[(i32, &str)]| {
            let list: Vec<_> = list.iter().map(|(n, etag)| (*n, (*etag).to_owned())).collect();
            choose(&parts, &list)
                .map_or_else(|refusal| refusal.code().as_str().to_owned(), |chosen| chosen.len().to_string())
        };
        assert_eq!(named(&[(2, "e")]), "1");
        assert_eq!(named(&[(1, "e"), (2, "e")]), "EntityTooSmall");
        assert_eq!(named(&[(2, "e"), (1, "e")]), "InvalidPartOrder");
        assert_eq!(named(&[(1, "other")]), "InvalidPart");
        assert_eq!(named(&[(3, "e")]), "InvalidPart");
        assert_eq!(named(&[]), "InvalidPart");
    }
}

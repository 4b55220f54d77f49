//! Multipart uploads in the store. Each part has its own body, until the completion joins the parts that the client
//! lists.

use std::collections::BTreeMap;
use std::fs::File;
use std::sync::Arc;

use s3s::crypto::{Checksum as _, Md5};

use super::body::Written;
use super::buckets::{Bucket, Store};
use super::checksum::{Algorithm, Checksum, ChecksumType};
use super::condition::Condition;
use super::error::StoreError;
use super::object::{Joined, JoinedPart, Object, now};
use super::upload::{Completion, Part, Upload};

/// Uploads in progress, by key and upload id. The ids of one key sort by start time.
pub(crate) type Uploads = BTreeMap<(String, String), Upload>;

impl Store {
    /// Starts an upload and returns its id.
    pub(crate) fn create_upload(&self, bucket: &str, upload: Upload) -> Result<String, StoreError> {
        let id = format!("{:016x}{}", self.next_number(), uuid::Uuid::new_v4().simple());
        self.with_bucket(bucket, |bucket| {
            bucket.uploads.insert((upload.key.clone(), id.clone()), upload);
            Ok(id)
        })
    }

    /// The upload with this id, if it is for `key`.
    pub(crate) fn upload(&self, bucket: &str, key: &str, id: &str) -> Result<Upload, StoreError> {
        self.with_bucket(bucket, |bucket| bucket.upload(key, id).map(|upload| upload.clone()))
    }

    /// Adds a part, or replaces the one with its number.
    pub(crate) fn add_part(
        &self,
        bucket: &str,
        (key, id): (&str, &str),
        number: i32,
        written: Written,
    ) -> Result<Part, StoreError> {
        let part = Part { etag: hex::encode(written.md5), last_modified: now(), written };
        let _replaced =
            self.with_bucket(bucket, |bucket| Ok(bucket.upload(key, id)?.parts.insert(number, part.clone())))?;
        Ok(part)
    }

    /// Ends an upload without making an object.
    pub(crate) fn abort_upload(&self, bucket: &str, key: &str, id: &str) -> Result<(), StoreError> {
        let _removed = self.with_bucket(bucket, |bucket| {
            bucket.upload(key, id)?;
            Ok(bucket.uploads.remove(&named(key, id)))
        })?;
        Ok(())
    }

    /// Joins the listed parts into the current object of the key, if the condition holds and the upload still exists at
    /// the end. A repeated completion returns its object while that is current. Blocks while it copies.
    pub(crate) fn complete_upload(
        &self,
        bucket: &str,
        (key, id): (&str, &str),
        completion: &Completion,
        condition: &Condition,
    ) -> Result<Object, StoreError> {
        if let Some(object) = self.with_bucket(bucket, |bucket| Ok(bucket.completed(key, id, completion)))? {
            return Ok(object);
        }
        let upload = self.upload(bucket, key, id)?;
        self.with_bucket(bucket, |bucket| bucket.check(key, condition, upload.meanwhile))?;
        let object = self.join(id, &upload, completion)?;
        let (object, _replaced, _upload) = self.with_bucket(bucket, |bucket| {
            let meanwhile = bucket.upload(key, id)?.meanwhile;
            let upload = bucket.uploads.remove(&named(key, id));
            match bucket.replace(object, condition, meanwhile) {
                Ok((object, replaced)) => Ok((object, replaced, upload)),
                Err(error) => {
                    bucket.uploads.extend(upload.map(|upload| (named(key, id), upload)));
                    Err(error)
                }
            }
        })?;
        Ok(object)
    }

    fn join(&self, id: &str, upload: &Upload, completion: &Completion) -> Result<Object, StoreError> {
        let parts = upload.choose(id, completion)?;
        let (algorithm, checksum_type) = upload.checksum.unwrap_or((Algorithm::Crc64Nvme, ChecksumType::FullObject));
        let mut draft = self.draft(algorithm)?;
        let mut md5 = Md5::new();
        for (_, part) in &parts {
            draft.copy_from(File::open(part.written.body.path())?)?;
            md5.update(&part.written.md5);
        }
        let mut object =
            Object::new(&upload.key, draft.finish(), Arc::clone(&upload.description), Arc::clone(&upload.tags));
        object.etag = format!("{}-{}", hex::encode(md5.finalize()), parts.len());
        if checksum_type == ChecksumType::Composite {
            object.checksum = Checksum::composite(algorithm, parts.iter().map(|(_, part)| &part.written.checksum));
        }
        upload.check_whole(completion, &object.checksum)?;
        object.upload = Some(Arc::new(joined(id, &parts)));
        Ok(object)
    }
}

impl Bucket {
    /// The upload with this id, if it is for `key`.
    fn upload(&mut self, key: &str, id: &str) -> Result<&mut Upload, StoreError> {
        self.uploads.get_mut(&named(key, id)).ok_or_else(|| StoreError::NoSuchUpload(id.to_owned()))
    }

    /// The current object, if this same completion made it.
    fn completed(&self, key: &str, id: &str, completion: &Completion) -> Option<Object> {
        let object = self.objects.get(key)?;
        let upload = object.upload.as_ref().filter(|upload| upload.id == id)?;
        upload.is_of(completion).then(|| object.clone())
    }
}

fn joined(id: &str, parts: &[(i32, &Part)]) -> Joined {
    let part = |(number, part): &(i32, &Part)| JoinedPart {
        number: *number,
        size: part.written.size,
        etag: part.etag.clone(),
        checksum: part.written.checksum.clone(),
    };
    Joined { id: id.to_owned(), parts: parts.iter().map(part).collect() }
}

/// The key of an upload in [`Uploads`].
fn named(key: &str, id: &str) -> (String, String) {
    (key.to_owned(), id.to_owned())
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::s3::refusal::Refusal;
    use crate::s3::store::condition::Meanwhile;
    use crate::s3::store::upload::NamedPart;

    fn written(store: &Store, body: &[u8]) -> Written {
        let mut draft = store.draft(Algorithm::Crc32).unwrap();
        draft.write(body).unwrap();
        draft.finish()
    }

    fn upload(key: &str) -> Upload {
        Upload {
            key: key.to_owned(),
            initiated: now(),
            checksum: None,
            description: Arc::default(),
            tags: Arc::default(),
            parts: BTreeMap::new(),
            meanwhile: Meanwhile::default(),
        }
    }

    fn naming(parts: &[(i32, &Part)]) -> Completion {
        let part = |(number, part): &(i32, &Part)| NamedPart {
            number: *number,
            etag: part.etag.clone(),
            ..NamedPart::default()
        };
        Completion { parts: parts.iter().map(part).collect(), ..Completion::default() }
    }

    fn store() -> (tempfile::TempDir, Store) {
        let dir = tempfile::tempdir().unwrap();
        let store = Store::open(dir.path()).unwrap();
        store.create_bucket("bucket").unwrap();
        (dir, store)
    }

    #[test]
    fn a_completed_upload_has_its_parts_in_order_and_a_multipart_etag() {
        let (_dir, store) = store();
        let id = store.create_upload("bucket", upload("key")).unwrap();
        let big = vec![b'a'; 5 * 1024 * 1024];
        let second = store.add_part("bucket", ("key", &id), 7, written(&store, b"tail")).unwrap();
        let first = store.add_part("bucket", ("key", &id), 2, written(&store, &big)).unwrap();
        let named = naming(&[(2, &first), (7, &second)]);
        let object = store.complete_upload("bucket", ("key", &id), &named, &Condition::Absent).unwrap();
        assert_eq!(std::fs::read(object.path()).unwrap(), [&big[..], b"tail"].concat());
        assert!(object.etag.ends_with("-2"), "{}", object.etag);
        let parts: Vec<(i32, u64)> = object.parts().iter().map(|part| (part.number, part.size)).collect();
        assert_eq!(parts, [(2, big.len() as u64), (7, 4)]);
        assert!(matches!(store.upload("bucket", "key", &id), Err(StoreError::NoSuchUpload(_))));
    }

    #[test]
    fn a_repeated_completion_returns_its_object_while_that_is_current() {
        let (_dir, store) = store();
        let id = store.create_upload("bucket", upload("key")).unwrap();
        let part = store.add_part("bucket", ("key", &id), 1, written(&store, b"a")).unwrap();
        let complete = |completion: &Completion, condition: &Condition| {
            store.complete_upload("bucket", ("key", &id), completion, condition).map(|object| object.etag)
        };
        let first = complete(&naming(&[(1, &part)]), &Condition::Absent).unwrap();
        assert_eq!(complete(&naming(&[(1, &part)]), &Condition::Absent).unwrap(), first);
        assert!(complete(&naming(&[(2, &part)]), &Condition::Always).is_err());
        store.put_bytes("bucket", "key", b"other").unwrap();
        assert!(complete(&naming(&[(1, &part)]), &Condition::Always).is_err());
    }

    #[test]
    fn a_conditional_completion_conflicts_with_changes_since_the_upload_started() {
        let (_dir, store) = store();
        let complete = |happens: &dyn Fn(), condition: &Condition| {
            store.put_bytes("bucket", "key", b"old").unwrap();
            let id = store.create_upload("bucket", upload("key")).unwrap();
            let part = store.add_part("bucket", ("key", &id), 1, written(&store, b"new")).unwrap();
            happens();
            let completed = store.complete_upload("bucket", ("key", &id), &naming(&[(1, &part)]), condition);
            completed.map_or_else(|error| Refusal::from(error).code().to_owned(), |_| String::new())
        };
        let delete = || store.delete("bucket", "key", &Condition::Always).unwrap();
        let put = || store.put_bytes("bucket", "key", b"old").unwrap();
        let old = Condition::Match(hex::encode(written(&store, b"old").md5));
        assert_eq!(complete(&|| {}, &old), "");
        assert_eq!(complete(&delete, &Condition::Absent), "ConditionalRequestConflict");
        assert_eq!(complete(&put, &old), "ConditionalRequestConflict");
        assert_eq!(
            complete(&|| [&delete as &dyn Fn(), &put].iter().for_each(|happens| happens()), &old),
            "ConditionalRequestConflict"
        );
        assert_eq!(complete(&|| {}, &Condition::Absent), "PreconditionFailed");
    }
}

//! The index of buckets and objects. One lock guards it, so that checking a condition and replacing an object is
//! atomic. Bodies are written before that, never under the lock.
//!
//! The index is in memory and ends with the process. Keys and bucket names never become file names.

use std::collections::BTreeMap;
use std::fs::{self, File};
use std::io;
use std::ops::Bound;
use std::path::{Path, PathBuf};
use std::sync::atomic::{AtomicU64, Ordering};
use std::sync::{Arc, Mutex, MutexGuard};
use std::time::SystemTime;

use super::body::Draft;
use super::checksum::Algorithm;
use super::condition::{Condition, Meanwhile};
use super::error::StoreError;
use super::multipart::Uploads;
use super::object::{Object, now};
use super::tags::Tags;
use crate::lock::lock;

/// All buckets. Shared as `Arc<Store>`.
pub(crate) struct Store {
    dir: PathBuf,
    /// Numbers bodies and uploads.
    numbers: AtomicU64,
    buckets: Mutex<BTreeMap<String, Bucket>>,
}

/// A bucket with its objects and uploads.
pub(crate) struct Bucket {
    pub(crate) created: SystemTime,
    /// The location constraint at creation; `None` is us-east-1, as in S3.
    pub(crate) region: Option<String>,
    pub(crate) tags: Tags,
    pub(crate) objects: BTreeMap<String, Object>,
    pub(crate) uploads: Uploads,
}

/// The condition of a request, and whether the key had an object when the request started.
pub(crate) struct Expectation {
    condition: Condition,
    existed: bool,
}

impl Store {
    /// Opens an empty store, whose bodies are in a new directory below `dir`. Creates `dir` if it is missing.
    pub(crate) fn open(dir: &Path) -> io::Result<Store> {
        let dir = dir.join(format!("s3-{}", uuid::Uuid::new_v4()));
        fs::create_dir_all(&dir)?;
        Ok(Store { dir, numbers: AtomicU64::new(0), buckets: Mutex::default() })
    }

    /// Creates a bucket in us-east-1, unless it exists there.
    pub(crate) fn create_bucket(&self, bucket: &str) -> Result<(), StoreError> {
        self.create_bucket_in(bucket, None, Tags::new())
    }

    /// Creates a bucket. As in S3, creating an existing bucket is an error in any region but us-east-1.
    pub(crate) fn create_bucket_in(&self, bucket: &str, region: Option<String>, tags: Tags) -> Result<(), StoreError> {
        if !s3s::path::check_bucket_name(bucket) {
            return Err(StoreError::InvalidBucketName(bucket.to_owned()));
        }
        let mut buckets = self.lock();
        match buckets.get(bucket) {
            Some(old) if old.region.is_some() || region.is_some() => {
                Err(StoreError::BucketAlreadyOwnedByYou(bucket.to_owned()))
            }
            Some(_) => Ok(()),
            None => {
                buckets.insert(bucket.to_owned(), Bucket::new(region, tags));
                Ok(())
            }
        }
    }

    /// Deletes an empty bucket, with its unfinished uploads.
    pub(crate) fn delete_bucket(&self, bucket: &str) -> Result<(), StoreError> {
        let mut buckets = self.lock();
        let found = buckets.get(bucket).ok_or_else(|| StoreError::NoSuchBucket(bucket.to_owned()))?;
        if !found.objects.is_empty() {
            return Err(StoreError::BucketNotEmpty(bucket.to_owned()));
        }
        buckets.remove(bucket);
        Ok(())
    }

    /// Name, creation time and region of each bucket from `from` on, sorted by name.
    pub(crate) fn buckets(&self, from: Bound<String>) -> Vec<(String, SystemTime, Option<String>)> {
        let buckets = self.lock();
        let buckets = buckets.range((from, Bound::Unbounded));
        buckets.map(|(name, bucket)| (name.clone(), bucket.created, bucket.region.clone())).collect()
    }

    /// The name of every bucket.
    pub(crate) fn bucket_names(&self) -> Vec<String> {
        self.lock().keys().cloned().collect()
    }

    /// The object at `key`; `None` if it or the bucket does not exist.
    pub(crate) fn object(&self, bucket: &str, key: &str) -> Option<Object> {
        self.lock().get(bucket)?.objects.get(key).cloned()
    }

    /// All objects whose keys start with `prefix`, sorted by key; empty if the bucket does not exist.
    pub(crate) fn list(&self, bucket: &str, prefix: &str) -> Vec<Object> {
        let from = (Bound::Included(prefix), Bound::Unbounded);
        self.lock().get(bucket).map_or_else(Vec::new, |bucket| {
            bucket
                .objects
                .range::<str, _>(from)
                .take_while(|(key, _)| key.starts_with(prefix))
                .map(|(_, object)| object.clone())
                .collect()
        })
    }

    /// Stores the content of the local file `file`, unconditionally. Blocks while it copies.
    pub(crate) fn put_file(&self, bucket: &str, key: &str, file: &Path) -> io::Result<()> {
        self.put(bucket, key, File::open(file)?)
    }

    /// Stores `body`, unconditionally.
    pub(crate) fn put_bytes(&self, bucket: &str, key: &str, body: &[u8]) -> io::Result<()> {
        self.put(bucket, key, body)
    }

    fn put(&self, bucket: &str, key: &str, body: impl io::Read) -> io::Result<()> {
        let expectation = self.expect(bucket, key, Condition::Always)?;
        let mut draft = self.draft(Algorithm::Crc64Nvme)?;
        draft.copy_from(body)?;
        let object = Object::new(key, draft.finish(), Arc::default(), Arc::default());
        self.commit(bucket, object, &expectation)?;
        Ok(())
    }

    /// Notes whether `key` has an object, before the body of a write arrives.
    pub(crate) fn expect(&self, bucket: &str, key: &str, condition: Condition) -> Result<Expectation, StoreError> {
        self.with_bucket(bucket, |bucket| Ok(Expectation { condition, existed: bucket.objects.contains_key(key) }))
    }

    /// Makes `object` the current object of its key, if the expectation holds.
    pub(crate) fn commit(&self, bucket: &str, object: Object, expectation: &Expectation) -> Result<Object, StoreError> {
        let meanwhile = Meanwhile { deleted: expectation.existed, put: false };
        let (object, _replaced) =
            self.with_bucket(bucket, |bucket| bucket.replace(object, &expectation.condition, meanwhile))?;
        Ok(object)
    }

    /// Deletes `key`, if the condition holds. As in S3, an unconditional delete of an absent key succeeds.
    pub(crate) fn delete(&self, bucket: &str, key: &str, condition: &Condition) -> Result<(), StoreError> {
        let _removed = self.with_bucket(bucket, |bucket| {
            bucket.check(key, condition, Meanwhile::default())?;
            let removed = bucket.objects.remove(key);
            if removed.is_some() {
                bucket.note(key, |meanwhile| meanwhile.deleted = true);
            }
            Ok(removed)
        })?;
        Ok(())
    }

    /// Replaces the tags of an object.
    pub(crate) fn tag(&self, bucket: &str, key: &str, tags: Tags) -> Result<(), StoreError> {
        self.with_bucket(bucket, |bucket| {
            let object = bucket.objects.get_mut(key).ok_or_else(|| StoreError::NoSuchKey(key.to_owned()))?;
            object.tags = Arc::new(tags);
            Ok(())
        })
    }

    /// The object at `key`, or S3's error.
    pub(crate) fn find(&self, bucket: &str, key: &str) -> Result<Object, StoreError> {
        let found = self.with_bucket(bucket, |bucket| Ok(bucket.objects.get(key).cloned()))?;
        found.ok_or_else(|| StoreError::NoSuchKey(key.to_owned()))
    }

    /// A new body file to write.
    pub(crate) fn draft(&self, algorithm: Algorithm) -> io::Result<Draft> {
        Draft::create(self.dir.join(format!("{:08x}", self.next_number())), algorithm)
    }

    /// A number that only grows.
    pub(super) fn next_number(&self) -> u64 {
        self.numbers.fetch_add(1, Ordering::Relaxed)
    }

    /// Runs `work` on the bucket under the lock. The caller drops the result of `work`, so that no file is unlinked
    /// under the lock.
    pub(crate) fn with_bucket<T>(
        &self,
        bucket: &str,
        work: impl FnOnce(&mut Bucket) -> Result<T, StoreError>,
    ) -> Result<T, StoreError> {
        work(self.lock().get_mut(bucket).ok_or_else(|| StoreError::NoSuchBucket(bucket.to_owned()))?)
    }

    fn lock(&self) -> MutexGuard<'_, BTreeMap<String, Bucket>> {
        lock(&self.buckets)
    }
}

impl Drop for Store {
    fn drop(&mut self) {
        self.lock().clear();
        // Fails while a body is still held, because its holder needs it.
        let _ = fs::remove_dir(&self.dir);
    }
}

impl Bucket {
    fn new(region: Option<String>, tags: Tags) -> Bucket {
        Bucket { created: now(), region, tags, objects: BTreeMap::new(), uploads: Uploads::new() }
    }

    /// Fails unless the condition holds for the key.
    pub(super) fn check(&self, key: &str, condition: &Condition, meanwhile: Meanwhile) -> Result<(), StoreError> {
        condition.check(key, self.objects.get(key).map(|object| &*object.etag), meanwhile)
    }

    /// Replaces the object of a key, if the condition holds. Returns the new object and the old one.
    pub(super) fn replace(
        &mut self,
        mut object: Object,
        condition: &Condition,
        meanwhile: Meanwhile,
    ) -> Result<(Object, Option<Object>), StoreError> {
        self.check(&object.key, condition, meanwhile)?;
        self.note(&object.key, |meanwhile| meanwhile.put = true);
        object.last_modified = now();
        let replaced = self.objects.insert(object.key.clone(), object.clone());
        Ok((object, replaced))
    }

    /// Records a change of a key in the uploads in progress for it.
    fn note(&mut self, key: &str, happens: impl Fn(&mut Meanwhile)) {
        let uploads = self.uploads.range_mut((key.to_owned(), String::new())..);
        for (_, upload) in uploads.take_while(|((other, _), _)| other == key) {
            happens(&mut upload.meanwhile);
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn store() -> (tempfile::TempDir, Store) {
        let dir = tempfile::tempdir().unwrap();
        let store = Store::open(dir.path()).unwrap();
        store.create_bucket("bucket").unwrap();
        (dir, store)
    }

    fn object(store: &Store, key: &str, body: &[u8]) -> Object {
        let mut draft = store.draft(Algorithm::Crc32).unwrap();
        draft.write(body).unwrap();
        Object::new(key, draft.finish(), Arc::default(), Arc::default())
    }

    #[test]
    fn keys_are_never_file_names() {
        let (dir, store) = store();
        for key in ["../../escape", "/etc/passwd", "a//b", "nul\0", "ü +%2F", ".."] {
            store.put_bytes("bucket", key, key.as_bytes()).unwrap();
            let object = store.object("bucket", key).unwrap();
            assert_eq!(fs::read(object.path()).unwrap(), key.as_bytes());
            assert!(object.path().starts_with(dir.path()));
            assert_eq!(object.path().file_name().unwrap().len(), 8);
        }
    }

    #[test]
    fn a_list_is_sorted_and_keeps_to_its_prefix() {
        let (_dir, store) = store();
        for key in ["b/2", "a", "b/1", "c"] {
            store.put_bytes("bucket", key, b"").unwrap();
        }
        let keys = |prefix: &str| -> Vec<String> {
            store.list("bucket", prefix).into_iter().map(|object| object.key).collect()
        };
        assert_eq!(keys("b/"), ["b/1", "b/2"]);
        assert_eq!(keys(""), ["a", "b/1", "b/2", "c"]);
        assert!(store.list("elsewhere", "").is_empty());
    }

    #[test]
    fn exactly_one_of_many_conditional_creates_wins() {
        let (_dir, store) = store();
        let start = std::sync::Barrier::new(16);
        let create = |n: usize| {
            let expectation = store.expect("bucket", "lock", Condition::Absent).unwrap();
            let object = object(&store, "lock", n.to_string().as_bytes());
            start.wait();
            store.commit("bucket", object, &expectation).is_ok()
        };
        let winners = std::thread::scope(|scope| {
            let tries: Vec<_> = (0..16).map(|n| scope.spawn(move || create(n))).collect();
            let won = tries.into_iter().map(|one| one.join().unwrap());
            won.filter(|won| *won).count()
        });
        assert_eq!(winners, 1);
    }

    #[test]
    fn a_conditional_create_conflicts_with_a_delete_during_it() {
        let (_dir, store) = store();
        store.put_bytes("bucket", "key", b"old").unwrap();
        let expectation = store.expect("bucket", "key", Condition::Absent).unwrap();
        store.delete("bucket", "key", &Condition::Always).unwrap();
        let answer = store.commit("bucket", object(&store, "key", b"new"), &expectation);
        assert!(matches!(answer, Err(StoreError::ConditionalRequestConflict { .. })));
    }

    #[test]
    fn a_conditional_delete_fails_for_another_etag_and_an_absent_key() {
        let (_dir, store) = store();
        store.put_bytes("bucket", "key", b"body").unwrap();
        let delete = |etag: &str| store.delete("bucket", "key", &Condition::matching(etag));
        assert!(matches!(delete("other"), Err(StoreError::PreconditionFailed(_))));
        let etag = store.object("bucket", "key").unwrap().etag;
        assert!(delete(&etag).is_ok());
        assert!(matches!(delete(&etag), Err(StoreError::NoSuchKey(_))));
        assert!(store.delete("bucket", "key", &Condition::Always).is_ok());
    }

    #[test]
    fn a_closed_store_leaves_its_directory_empty() {
        let (dir, store) = store();
        store.put_bytes("bucket", "key", b"body").unwrap();
        drop(store);
        assert_eq!(fs::read_dir(dir.path()).unwrap().count(), 0);
    }
}

//! Changes the keys of a bucket, seen as files in directories. Each change is one step under the store's lock, where S3
//! itself copies and deletes object by object.
//!
//! Each function returns the removed objects, for the caller to drop: no file is unlinked under the lock.

use std::sync::Arc;

use super::error::Refusal;
use super::request::HdfsPath;
use super::tree::{self, Node};
use crate::s3::{Bucket, Object, Written};

/// Removed objects.
pub(super) type Gone = Vec<Object>;

/// How to create a file.
#[derive(Clone, Copy, Debug)]
pub(super) struct Create {
    pub(super) overwrite: bool,
    /// Whether to create a missing parent directory.
    pub(super) create_parent: bool,
}

/// The directory tree of a bucket, for changes.
pub(super) struct Tree<'a> {
    pub(super) bucket: &'a mut Bucket,
    pub(super) name: &'a str,
    /// The body of markers.
    pub(super) empty: &'a Written,
}

impl Tree<'_> {
    /// Whether a file may be created at `key`.
    pub(super) fn check_create(&self, key: &str, how: Create) -> Result<(), Refusal> {
        match tree::find(&self.bucket.objects, key) {
            Some(Node::Directory) => return Err(Refusal::is_directory(&self.path(key))),
            Some(Node::File(_)) if !how.overwrite => return Err(Refusal::exists(&self.path(key))),
            _ => self.check_above(key)?,
        }
        let parent = tree::parent(key).unwrap_or_default();
        if !how.create_parent && tree::find(&self.bucket.objects, parent).is_none() {
            return Err(Refusal::absent(&self.path(parent)));
        }
        Ok(())
    }

    /// Creates a file.
    pub(super) fn create(&mut self, object: Object, how: Create) -> Result<Gone, Refusal> {
        self.check_create(&object.key, how)?;
        let mut gone = self.drop_markers(&object.key);
        gone.extend(self.bucket.objects.insert(object.key.clone(), object));
        Ok(gone)
    }

    /// Creates the directory and its parents.
    pub(super) fn mkdirs(&mut self, key: &str) -> Result<Gone, Refusal> {
        match tree::find(&self.bucket.objects, key) {
            Some(Node::Directory) => Ok(Gone::new()),
            Some(Node::File(_)) => Err(Refusal::exists(&self.path(key))),
            None => {
                self.check_above(key)?;
                let gone = self.drop_markers(key);
                self.mark(key);
                Ok(gone)
            }
        }
    }

    /// Deletes a file or a directory. `None` if there is nothing, and for the root, which cannot be deleted.
    pub(super) fn delete(&mut self, key: &str, recursive: bool) -> Result<Option<Gone>, Refusal> {
        let gone = match tree::find(&self.bucket.objects, key) {
            None => return Ok(None),
            Some(Node::Directory) if key.is_empty() => return Ok(None),
            Some(Node::Directory) if !recursive && !tree::children(&self.bucket.objects, key).is_empty() => {
                return Err(Refusal::not_empty(&self.path(key)));
            }
            Some(_) => self.take(key),
        };
        self.keep_parent(key);
        Ok(Some(gone))
    }

    /// Moves a file or a directory to exactly `to`, whose parent must exist. `None` if HDFS would move nothing.
    pub(super) fn rename(&mut self, from: &str, to: &str, overwrite: bool) -> Option<Gone> {
        let objects = &self.bucket.objects;
        let is_inside = format!("{to}/").starts_with(&format!("{from}/"));
        let is_possible = !from.is_empty()
            && !is_inside
            && tree::find(objects, from).is_some()
            && matches!(tree::find(objects, tree::parent(to)?), Some(Node::Directory));
        let is_free = match tree::find(objects, to) {
            None => true,
            Some(Node::File(_)) => overwrite,
            Some(Node::Directory) => overwrite && tree::children(objects, to).is_empty(),
        };
        if !is_possible || !is_free {
            return None;
        }
        let mut gone = self.take(to);
        gone.extend(self.drop_markers(to));
        for object in self.take(from) {
            let key = format!("{to}{}", &object.key[from.len()..]);
            let mut moved = object.renamed(&key, Arc::clone(&object.description), Arc::clone(&object.tags));
            moved.last_modified = crate::s3::now();
            self.bucket.objects.insert(key, moved);
        }
        self.keep_parent(from);
        Some(gone)
    }

    /// Removes everything at and below `key` from the bucket.
    fn take(&mut self, key: &str) -> Gone {
        let objects = &mut self.bucket.objects;
        let prefix = tree::prefix(key);
        let below = objects.range(prefix.clone()..).map(|(key, _)| key.clone());
        let keys: Vec<String> = below.take_while(|key| key.starts_with(&prefix)).collect();
        // As in `find`, a file takes precedence over a directory of its name.
        match objects.remove(key) {
            Some(file) => vec![file],
            None => keys.iter().filter_map(|key| objects.remove(key)).collect(),
        }
    }

    /// Refuses a path below a file.
    fn check_above(&self, key: &str) -> Result<(), Refusal> {
        match tree::ancestors(key).find(|above| self.bucket.objects.contains_key(*above)) {
            Some(file) => Err(Refusal::below_a_file(&self.path(file))),
            None => Ok(()),
        }
    }

    /// Removes the markers of the directories above `key`, which is about to exist.
    fn drop_markers(&mut self, key: &str) -> Gone {
        let markers = tree::ancestors(key).map(tree::prefix);
        markers.filter_map(|marker| self.bucket.objects.remove(&marker)).collect()
    }

    /// Keeps the parent directory of `key`: deleting in HDFS leaves the directory.
    fn keep_parent(&mut self, key: &str) {
        if let Some(parent) = tree::parent(key)
            && tree::find(&self.bucket.objects, parent).is_none()
        {
            self.mark(parent);
        }
    }

    fn mark(&mut self, directory: &str) {
        let key = tree::prefix(directory);
        let marker = Object::new(&key, self.empty.clone(), Arc::default(), Arc::default());
        self.bucket.objects.insert(key, marker);
    }

    fn path(&self, key: &str) -> HdfsPath {
        HdfsPath(Some((self.name.to_owned(), key.to_owned())))
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::s3::{Algorithm, Store};

    const NEW: Create = Create { overwrite: false, create_parent: true };

    /// Makes a bucket with these keys, applies the change, and returns the keys afterwards.
    fn change(keys: &[&str], change: impl FnOnce(&mut Tree<'_>, &Written)) -> Vec<String> {
        let dir = tempfile::tempdir().unwrap();
        let store = Store::open(dir.path()).unwrap();
        store.create_bucket("bucket").unwrap();
        for key in keys {
            store.put_bytes("bucket", key, b"x").unwrap();
        }
        let empty = store.draft(Algorithm::Crc32).unwrap().finish();
        let changed = store.with_bucket("bucket", |bucket| {
            change(&mut Tree { bucket, name: "bucket", empty: &empty }, &empty);
            Ok(())
        });
        changed.unwrap();
        store.list("bucket", "").into_iter().map(|object| object.key).collect()
    }

    fn file(key: &str, body: &Written) -> Object {
        Object::new(key, body.clone(), Arc::default(), Arc::default())
    }

    #[test]
    fn a_directory_has_a_marker_only_while_it_is_empty() {
        let keys = change(&[], |tree, body| {
            tree.mkdirs("out/_temporary/0").unwrap();
            assert_eq!(tree.bucket.objects.keys().collect::<Vec<_>>(), ["out/_temporary/0/"]);
            tree.create(file("out/_temporary/0/part", body), NEW).unwrap();
            assert_eq!(tree.bucket.objects.keys().collect::<Vec<_>>(), ["out/_temporary/0/part"]);
            assert!(tree.rename("out/_temporary/0/part", "out/part", false).is_some());
            assert_eq!(tree.bucket.objects.keys().collect::<Vec<_>>(), ["out/_temporary/0/", "out/part"]);
            tree.delete("out/_temporary", true).unwrap().unwrap();
            tree.create(file("out/_SUCCESS", body), NEW).unwrap();
        });
        assert_eq!(keys, ["out/_SUCCESS", "out/part"]);
    }

    #[test]
    fn deleting_keeps_the_parent_directory_and_the_root() {
        let keys = change(&["a/b/c", "x"], |tree, _| {
            assert!(tree.delete("a", false).is_err());
            assert!(tree.delete("a/b", true).unwrap().is_some());
            assert!(tree.delete("none", true).unwrap().is_none());
            assert!(tree.delete("", true).unwrap().is_none());
            assert!(tree.delete("x", false).unwrap().is_some());
        });
        assert_eq!(keys, ["a/"]);
    }

    #[test]
    fn a_rename_moves_a_directory_and_fails_where_hdfs_does() {
        let keys = change(&["a/1", "a/b/2", "ab", "file", "d/"], |tree, _| {
            for (from, to) in [("a", "a/b/c"), ("a", "a"), ("none", "x"), ("a", "none/x"), ("a", "file"), ("", "x")] {
                assert!(tree.rename(from, to, false).is_none(), "{from} {to}");
            }
            assert!(tree.rename("a", "d/a +%ü", false).is_some());
            assert!(tree.rename("ab", "file", true).is_some());
        });
        assert_eq!(keys, ["d/a +%ü/1", "d/a +%ü/b/2", "file"]);
    }

    #[test]
    fn a_file_is_not_created_over_or_below_another_or_over_a_directory() {
        change(&["file", "dir/x"], |tree, body| {
            let over = Create { overwrite: true, create_parent: true };
            let without_parent = Create { overwrite: true, create_parent: false };
            assert!(tree.create(file("file", body), NEW).is_err());
            assert!(tree.create(file("file/x", body), NEW).is_err());
            assert!(tree.mkdirs("file/x").is_err());
            assert!(tree.mkdirs("file").is_err());
            assert!(tree.create(file("dir", body), over).is_err());
            assert!(tree.create(file("new/x", body), without_parent).is_err());
            assert!(tree.create(file("file", body), over).is_ok());
            assert!(tree.mkdirs("dir").is_ok());
        });
    }
}

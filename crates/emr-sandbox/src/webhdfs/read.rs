//! Operations that only read.

use std::collections::BTreeSet;

use serde_json::Value;

use super::error::Refusal;
use super::request::{HdfsPath, WebHdfsRequest};
use super::tree::{self, Node};
use super::{Service, json};
use crate::s3::{Bucket, Object};

impl Service {
    /// The file or directory at a path.
    pub(super) fn find(&self, path: &HdfsPath) -> Result<Node<Object>, Refusal> {
        let Some((bucket, key)) = &path.0 else {
            return Ok(Node::Directory);
        };
        let found = self.store.with_bucket(bucket, |bucket| Ok(tree::find(&bucket.objects, key).map(cloned)))?;
        found.ok_or_else(|| Refusal::absent(path))
    }

    pub(super) fn file(&self, path: &HdfsPath) -> Result<Object, Refusal> {
        match self.find(path)? {
            Node::File(object) => Ok(object),
            Node::Directory => Err(Refusal::is_directory(path)),
        }
    }

    pub(super) fn status(&self, path: &HdfsPath) -> Result<Value, Refusal> {
        let node = self.find(path)?;
        Ok(serde_json::json!({"FileStatus": json::status("", &node)}))
    }

    /// The content of a directory, or the file itself.
    pub(super) fn list(&self, path: &HdfsPath) -> Result<Value, Refusal> {
        let Some((bucket, key)) = &path.0 else {
            let buckets = self.store.bucket_names().into_iter().map(|name| (name, Node::Directory));
            return Ok(json::statuses(&buckets.collect::<Vec<_>>()));
        };
        let children = match self.find(path)? {
            node @ Node::File(_) => vec![(String::new(), node)],
            Node::Directory => self.store.with_bucket(bucket, |bucket| Ok(children(bucket, key)))?,
        };
        Ok(json::statuses(&children))
    }

    pub(super) fn block_locations(&self, asked: &WebHdfsRequest) -> Result<Value, Refusal> {
        Ok(json::block_locations(&self.file(&asked.path)?))
    }

    pub(super) fn located_blocks(&self, path: &HdfsPath) -> Result<Value, Refusal> {
        Ok(json::located_blocks(&self.file(path)?))
    }

    pub(super) fn content_summary(&self, path: &HdfsPath) -> Result<Value, Refusal> {
        let (bucket, key) = path.in_bucket()?;
        let objects = match self.find(path)? {
            Node::File(object) => return Ok(json::content_summary(0, 1, object.size)),
            Node::Directory => self.store.list(bucket, &tree::prefix(key)),
        };
        let files = || objects.iter().filter(|object| !object.key.ends_with('/'));
        let keys = objects.iter().flat_map(|object| tree::ancestors(&object.key));
        let below: BTreeSet<&str> = keys.filter(|above| above.len() > key.len()).collect();
        Ok(json::content_summary(below.len() + 1, files().count(), files().map(|object| object.size).sum()))
    }
}

fn children(bucket: &Bucket, key: &str) -> Vec<(String, Node<Object>)> {
    let children = tree::children(&bucket.objects, key).into_iter();
    children.map(|(name, node)| (name.to_owned(), cloned(node))).collect()
}

fn cloned(node: Node<&Object>) -> Node<Object> {
    match node {
        Node::File(object) => Node::File(object.clone()),
        Node::Directory => Node::Directory,
    }
}

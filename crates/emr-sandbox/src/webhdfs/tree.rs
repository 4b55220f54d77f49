//! The keys of a bucket, seen as files in directories. Pure.
//!
//! A directory exists while a key is below it. An empty one has a marker, as in S3A: an object whose key is the path
//! with a slash at the end.

use std::collections::BTreeMap;
use std::ops::Bound;

/// The kind of a path.
#[derive(Clone, Copy, Debug)]
pub(super) enum Node<T> {
    File(T),
    Directory,
}

/// The prefix of the keys in a directory; empty for the root of the bucket.
pub(super) fn prefix(key: &str) -> String {
    if key.is_empty() { String::new() } else { format!("{key}/") }
}

/// The directory of `key`; `None` for the root of the bucket.
pub(super) fn parent(key: &str) -> Option<&str> {
    match key.rsplit_once('/') {
        Some((parent, _)) => Some(parent),
        None => (!key.is_empty()).then_some(""),
    }
}

/// The directories above `key`, without the root, deepest first.
pub(super) fn ancestors(key: &str) -> impl Iterator<Item = &str> {
    std::iter::successors(parent(key), |key| parent(key)).filter(|key| !key.is_empty())
}

/// The file or directory at `key`, if any. As in S3A, a file takes precedence over a directory of its name.
pub(super) fn find<'a, T>(objects: &'a BTreeMap<String, T>, key: &str) -> Option<Node<&'a T>> {
    if key.is_empty() {
        return Some(Node::Directory);
    }
    if let Some(object) = objects.get(key) {
        return Some(Node::File(object));
    }
    has_any(objects, &prefix(key)).then_some(Node::Directory)
}

/// Whether a key starts with `prefix`.
fn has_any<T>(objects: &BTreeMap<String, T>, prefix: &str) -> bool {
    first_from(objects, prefix).is_some_and(|(key, _)| key.starts_with(prefix))
}

fn first_from<'a, T>(objects: &'a BTreeMap<String, T>, from: &str) -> Option<(&'a String, &'a T)> {
    objects.range::<str, _>((Bound::Included(from), Bound::Unbounded)).next()
}

/// The names in the directory `key`, in order, each with its kind. Names that Hadoop's paths cannot have (empty, `.`,
/// `..`) are left out.
pub(super) fn children<'a, T>(objects: &'a BTreeMap<String, T>, key: &str) -> Vec<(&'a str, Node<&'a T>)> {
    let prefix = prefix(key);
    let mut found = Vec::new();
    let mut from = prefix.clone();
    while let Some((name, object)) = first_from(objects, &from) {
        let Some(rest) = name.strip_prefix(&prefix) else {
            break;
        };
        let (child, node) = match rest.find('/') {
            None => {
                from = format!("{name}\0");
                (rest, Node::File(object))
            }
            Some(end) => {
                // The character after the slash: keys from there on are outside this directory.
                from = format!("{prefix}{}0", &rest[..end]);
                (&rest[..end], Node::Directory)
            }
        };
        let is_shadowed = matches!(node, Node::Directory) && objects.contains_key(&format!("{prefix}{child}"));
        if !["", ".", ".."].contains(&child) && !is_shadowed {
            found.push((child, node));
        }
    }
    found
}

#[cfg(test)]
mod tests {
    use super::*;

    fn objects(keys: &[&str]) -> BTreeMap<String, u32> {
        keys.iter().map(|key| ((*key).to_owned(), 0)).collect()
    }

    fn names(keys: &[&str], key: &str) -> String {
        let objects = objects(keys);
        let names = children(&objects, key).into_iter().map(|(name, node)| match node {
            Node::File(_) => name.to_owned(),
            Node::Directory => format!("{name}/"),
        });
        names.collect::<Vec<_>>().join(" ")
    }

    #[test]
    fn a_directory_exists_while_a_key_is_below_it() {
        let objects = objects(&["a/b/c", "empty/", "file"]);
        assert!(matches!(find(&objects, "a/b"), Some(Node::Directory)));
        assert!(matches!(find(&objects, "empty"), Some(Node::Directory)));
        assert!(matches!(find(&objects, "file"), Some(Node::File(_))));
        assert!(matches!(find(&objects, ""), Some(Node::Directory)));
        assert!(find(&objects, "a/c").is_none());
        assert!(find(&objects, "fil").is_none());
    }

    #[test]
    fn a_directory_lists_each_child_once() {
        let keys = ["a", "b!", "b/1/x", "b/1/y", "b/2", "b0", "day=1 %3A+ü/x", "e/"];
        assert_eq!(names(&keys, ""), "a b! b/ b0 day=1 %3A+ü/ e/");
        assert_eq!(names(&keys, "b"), "1/ 2");
        assert_eq!(names(&keys, "e"), "");
    }

    #[test]
    fn a_file_hides_a_directory_of_its_name_and_empty_names_are_left_out() {
        assert_eq!(names(&["a", "a-", "a/b", "/x", "./y", "c//z"], ""), "a a- c/");
        assert_eq!(names(&["c//z", "c/d"], "c"), "d");
    }

    #[test]
    fn the_directories_above_a_key_come_deepest_first() {
        assert_eq!(ancestors("a/b/c").collect::<Vec<_>>(), ["a/b", "a"]);
        assert_eq!(ancestors("a").count(), 0);
        assert_eq!(parent("a"), Some(""));
        assert_eq!(parent(""), None);
    }
}

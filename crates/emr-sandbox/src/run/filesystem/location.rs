//! Where an argument of a step points: an object of this sandbox's S3, a file of the cluster's
//! HDFS (a directory of its own per cluster) or a local file.

use std::fs::{self, File};
use std::io;
use std::path::{Component, Path, PathBuf};

use super::glob;
use crate::s3::{Object, Store};

/// A place for data.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) enum Location {
    S3 { bucket: String, key: String },
    Local(PathBuf),
}

/// A file found at a location.
#[derive(Clone, Debug)]
pub(crate) struct Found {
    /// As a person would write it.
    pub(crate) uri: String,
    pub(crate) path: PathBuf,
    /// Bytes.
    pub(crate) size: u64,
    /// Keeps the body of an object where it is while it is read.
    _object: Option<Object>,
}

impl Location {
    /// Reads `s3://`, `s3n://`, `s3a://`, `hdfs://`, `file:` and plain paths. A plain path is
    /// HDFS, as on a cluster, unless this machine has a file of that name.
    pub(crate) fn parse(text: &str, hdfs: &Path) -> Result<Self, String> {
        if let Some((scheme, rest)) = text.split_once("://") {
            return match scheme {
                "s3" | "s3n" | "s3a" => Self::parse_s3(text, rest),
                "hdfs" => Ok(Self::Local(below(hdfs, rest.find('/').map_or("", |at| &rest[at..])))),
                "file" => Ok(Self::Local(PathBuf::from(rest))),
                _ => Err(format!("No FileSystem for scheme \"{scheme}\": {text}")),
            };
        }
        if let Some(path) = text.strip_prefix("file:") {
            return Ok(Self::Local(PathBuf::from(path)));
        }
        let path = text.strip_prefix("hdfs:");
        let in_hdfs = below(hdfs, path.unwrap_or(text));
        if path.is_none() && !in_hdfs.exists() && Path::new(text).exists() {
            return Ok(Self::Local(PathBuf::from(text)));
        }
        Ok(Self::Local(in_hdfs))
    }

    fn parse_s3(text: &str, rest: &str) -> Result<Self, String> {
        let (bucket, key) = rest.split_once('/').unwrap_or((rest, ""));
        if bucket.is_empty() {
            return Err(format!("{text} names no bucket"));
        }
        Ok(Self::S3 { bucket: bucket.to_owned(), key: key.to_owned() })
    }

    /// The location `name` below this one.
    pub(crate) fn join(&self, name: &str) -> Self {
        match self {
            Self::S3 { bucket, key } => {
                let key = key.trim_end_matches('/');
                let slash = if key.is_empty() { "" } else { "/" };
                Self::S3 { bucket: bucket.clone(), key: format!("{key}{slash}{name}") }
            }
            Self::Local(path) => Self::Local(path.join(name)),
        }
    }

    /// As a person would write it.
    pub(crate) fn uri(&self) -> String {
        match self {
            Self::S3 { bucket, key } => format!("s3://{bucket}/{key}"),
            Self::Local(path) => format!("file://{}", path.display()),
        }
    }

    /// The one file at this location.
    pub(crate) fn file(&self, store: &Store) -> Result<Found, String> {
        let found = match self {
            Self::S3 { bucket, key } => store.object(bucket, key).map(|object| found_object(bucket, object)),
            Self::Local(path) => found_local(path.clone()),
        };
        found.ok_or_else(|| format!("{} does not exist", self.uri()))
    }

    /// The files that this location means as an input: itself, what is below it as a directory,
    /// or what matches it as a glob. Hidden ones (`_SUCCESS`, `.crc`) do not count.
    pub(crate) fn inputs(&self, store: &Store) -> Vec<Found> {
        let is_wanted = |pattern: &str, path: &str| glob::matches_or_holds(pattern, path) && !is_hidden(pattern, path);
        match self {
            Self::S3 { bucket, key } => {
                let pattern = key.trim_end_matches('/');
                let objects = store.list(bucket, glob::literal_prefix(pattern)).into_iter();
                let wanted = objects.filter(|object| is_wanted(pattern, &object.key) && !object.key.ends_with('/'));
                wanted.map(|object| found_object(bucket, object)).collect()
            }
            Self::Local(path) => {
                let pattern = path.to_string_lossy().trim_end_matches('/').to_owned();
                let mut paths = Vec::new();
                collect_files(&glob::literal_directory(&pattern), &mut paths);
                let wanted = paths.into_iter().filter(|path| is_wanted(&pattern, &path.to_string_lossy()));
                wanted.filter_map(found_local).collect()
            }
        }
    }

    /// Whether there is anything at or below this location.
    pub(crate) fn exists(&self, store: &Store) -> bool {
        match self {
            Self::S3 { bucket, key } => {
                let directory = format!("{}/", key.trim_end_matches('/'));
                store.object(bucket, key).is_some() || !store.list(bucket, &directory).is_empty()
            }
            Self::Local(path) => path.exists(),
        }
    }

    /// Puts a copy of `file` here.
    pub(crate) fn put_file(&self, store: &Store, file: &Path) -> io::Result<()> {
        match self {
            Self::S3 { bucket, key } => store.put_file(bucket, key, file),
            Self::Local(path) => {
                fs::create_dir_all(path.parent().unwrap_or(path))?;
                fs::copy(file, path).map(|_| ())
            }
        }
    }

    /// Puts an empty file here.
    pub(crate) fn put_empty(&self, store: &Store) -> io::Result<()> {
        match self {
            Self::S3 { bucket, key } => store.put_bytes(bucket, key, b""),
            Self::Local(path) => {
                fs::create_dir_all(path.parent().unwrap_or(path))?;
                File::create(path).map(|_| ())
            }
        }
    }
}

/// `path` below `root`, whatever it says: `..` ends at the root.
fn below(root: &Path, path: &str) -> PathBuf {
    let mut parts = Vec::new();
    for component in Path::new(path).components() {
        match component {
            Component::Normal(part) => parts.push(part),
            Component::ParentDir => drop(parts.pop()),
            Component::RootDir | Component::CurDir | Component::Prefix(_) => {}
        }
    }
    root.join(parts.into_iter().collect::<PathBuf>())
}

/// Whether a part of `path` that the pattern does not name begins as Hadoop's hidden files do.
fn is_hidden(pattern: &str, path: &str) -> bool {
    let named = pattern.split('/').count().saturating_sub(1);
    let is_file_named = pattern == path;
    !is_file_named && path.split('/').skip(named).any(|part| part.starts_with('_') || part.starts_with('.'))
}

fn found_object(bucket: &str, object: Object) -> Found {
    Found {
        uri: format!("s3://{bucket}/{}", object.key),
        path: object.path().to_owned(),
        size: object.size,
        _object: Some(object),
    }
}

fn found_local(path: PathBuf) -> Option<Found> {
    let metadata = fs::metadata(&path).ok().filter(fs::Metadata::is_file)?;
    let uri = format!("file://{}", path.display());
    Some(Found { uri, path, size: metadata.len(), _object: None })
}

fn collect_files(path: &Path, files: &mut Vec<PathBuf>) {
    let Ok(entries) = fs::read_dir(path) else {
        files.extend(path.is_file().then(|| path.to_owned()));
        return;
    };
    let mut entries: Vec<_> = entries.filter_map(Result::ok).map(|entry| entry.path()).collect();
    entries.sort();
    for entry in entries {
        collect_files(&entry, files);
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_scheme_of_s3_means_the_same_object() {
        let hdfs = Path::new("/hdfs");
        let places = ["s3://b/k/x", "s3n://b/k/x", "s3a://b/k/x"];
        let places = places.map(|text| Location::parse(text, hdfs).unwrap().uri());
        assert_eq!(places, ["s3://b/k/x"; 3]);
        assert!(Location::parse("gs://b/k", hdfs).is_err());
        assert!(Location::parse("s3:///k", hdfs).is_err());
    }

    #[test]
    fn hdfs_is_a_directory_that_no_path_leaves() {
        let hdfs = Path::new("/data/hdfs");
        let places = ["hdfs:///a/../../etc/passwd", "hdfs://master:8020/etc/passwd", "/etc/../etc/no"];
        let places = places.map(|text| Location::parse(text, hdfs).unwrap().uri());
        let wanted = ["/etc/passwd", "/etc/passwd", "/etc/no"];
        assert_eq!(places, wanted.map(|path| format!("file:///data/hdfs{path}")));
    }

    #[test]
    fn a_directory_means_its_files_but_not_the_hidden_ones() {
        let dir = tempfile::tempdir().unwrap();
        let store = Store::open(&dir.path().join("s3")).unwrap();
        store.create_bucket("bucket").unwrap();
        for key in ["in/a", "in/_SUCCESS", "in/sub/b", "input", "in/.part.crc"] {
            store.put_bytes("bucket", key, b"x").unwrap();
        }
        let inputs = |text: &str| {
            let location = Location::parse(text, dir.path()).unwrap();
            location.inputs(&store).into_iter().map(|found| found.uri).collect::<Vec<_>>()
        };
        assert_eq!(inputs("s3://bucket/in/"), ["s3://bucket/in/a", "s3://bucket/in/sub/b"]);
        assert_eq!(inputs("s3://bucket/in*"), ["s3://bucket/in/a", "s3://bucket/in/sub/b", "s3://bucket/input"]);
        assert_eq!(inputs("s3://bucket/in/_SUCCESS"), ["s3://bucket/in/_SUCCESS"]);
        assert!(inputs("s3://bucket/none").is_empty());
    }
}

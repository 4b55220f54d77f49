//! Reads and writes the files at a location: one file, an input's files, an output.

use std::borrow::Cow;
use std::fs::{self, File};
use std::io;
use std::path::{Path, PathBuf};

use emr_core::hadoop_glob::{self, HadoopGlob, Pattern};

use super::location::Location;
use crate::s3::{Object, Store};

/// A file or a directory that a glob matches.
#[derive(Debug)]
pub(crate) struct Match {
    pub(crate) path: String,
    /// The file itself, under an empty name; or the files below the directory, sorted, under names relative to it.
    pub(crate) files: Vec<(String, DataFile)>,
}

/// An existing file or object.
#[derive(Clone, Debug)]
pub(crate) struct DataFile {
    /// Its own URI, even if the location was a glob.
    pub(crate) uri: String,
    pub(crate) path: PathBuf,
    /// Size in bytes.
    pub(crate) size: u64,
    /// Keeps the body of an object on disk while it is read.
    _object: Option<Object>,
}

impl DataFile {
    fn of_object(bucket: &str, object: Object) -> Self {
        Self {
            uri: format!("s3://{bucket}/{}", object.key),
            path: object.path().to_owned(),
            size: object.size,
            _object: Some(object),
        }
    }

    /// The path within the bucket or file system.
    fn key(&self) -> &str {
        let (_, rest) = self.uri.split_once("://").unwrap_or(("", &self.uri));
        if self.uri.starts_with("file:") { rest } else { rest.split_once('/').map_or(rest, |(_, key)| key) }
    }

    /// Stands for an empty directory, as on S3.
    fn empty_directory(path: PathBuf) -> Self {
        Self { uri: format!("file://{}/", path.display()), path, size: 0, _object: None }
    }

    fn local(path: PathBuf) -> Option<Self> {
        let metadata = fs::metadata(&path).ok().filter(fs::Metadata::is_file)?;
        let uri = format!("file://{}", path.display());
        Some(Self { uri, path, size: metadata.len(), _object: None })
    }
}

impl Location {
    /// The file at this location; `None` if there is none.
    pub(crate) fn file(&self, store: &Store) -> Option<DataFile> {
        match self {
            Self::S3 { bucket, key } => store.object(bucket, key).map(|object| DataFile::of_object(bucket, object)),
            Self::Local(path) => DataFile::local(path.clone()),
        }
    }

    /// The matches of this location as a glob, in the order of their paths. Fails if the glob is malformed.
    pub(crate) fn glob(&self, store: &Store) -> Result<Vec<Match>, String> {
        let mut matches = Vec::new();
        for pattern in HadoopGlob::new(&self.path())?.patterns() {
            for file in self.below(store, pattern) {
                if let Some(end) = pattern.find(file.key()).map(str::len) {
                    add(&mut matches, end, file);
                }
            }
        }
        matches.sort_by(|a: &Match, b| a.path.cmp(&b.path));
        Ok(matches)
    }

    /// All files that `pattern` may match, or that are below a directory that it may match.
    fn below(&self, store: &Store, pattern: &Pattern) -> Vec<DataFile> {
        match self {
            Self::S3 { bucket, .. } => {
                let objects = store.list(bucket, pattern.literal_prefix()).into_iter();
                objects.map(|object| DataFile::of_object(bucket, object)).collect()
            }
            Self::Local(_) => {
                let mut paths = Vec::new();
                collect_files(Path::new(pattern.literal_directory()), &mut paths);
                let file = |path: PathBuf| {
                    if path.is_dir() { Some(DataFile::empty_directory(path)) } else { DataFile::local(path) }
                };
                paths.into_iter().filter_map(file).collect()
            }
        }
    }

    /// Whether this location is a glob.
    pub(crate) fn is_glob(&self) -> bool {
        hadoop_glob::is_glob(&self.path())
    }

    /// The path within the bucket or file system, which may be a glob.
    fn path(&self) -> Cow<'_, str> {
        match self {
            Self::S3 { key, .. } => key.into(),
            Self::Local(path) => path.to_string_lossy(),
        }
    }

    /// Whether there is a file or directory at this location.
    pub(crate) fn exists(&self, store: &Store) -> bool {
        match self {
            Self::S3 { bucket, key } => {
                let directory = format!("{}/", key.trim_end_matches('/'));
                store.object(bucket, key).is_some() || !store.list(bucket, &directory).is_empty()
            }
            Self::Local(path) => path.exists(),
        }
    }

    /// Copies `file` to this location.
    pub(crate) fn put_file(&self, store: &Store, file: &Path) -> io::Result<()> {
        match self {
            Self::S3 { bucket, key } => store.put_file(bucket, key, file),
            Self::Local(path) => {
                fs::create_dir_all(path.parent().unwrap_or(path))?;
                fs::copy(file, path).map(|_| ())
            }
        }
    }

    /// Creates an empty file at this location.
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

/// Adds `file` to its match. The match's path is the first `end` bytes of the file's: the file itself or a directory
/// above.
fn add(matches: &mut Vec<Match>, end: usize, file: DataFile) {
    let (path, below) = file.key().split_at(end);
    // A key with a slash at the end marks a directory.
    let name = if below == "/" { below } else { below.trim_start_matches('/') };
    let (path, name) = (path.to_owned(), name.to_owned());
    // Files of one directory come one after the other.
    match matches.last_mut() {
        Some(found) if found.path == path => found.files.push((name, file)),
        _ => matches.push(Match { path, files: vec![(name, file)] }),
    }
}

fn collect_files(path: &Path, files: &mut Vec<PathBuf>) {
    let Ok(entries) = fs::read_dir(path) else {
        files.extend(path.is_file().then(|| path.to_owned()));
        return;
    };
    let mut entries: Vec<_> = entries.filter_map(Result::ok).map(|entry| entry.path()).collect();
    entries.sort();
    if entries.is_empty() {
        files.push(path.to_owned());
    }
    for entry in entries {
        collect_files(&entry, files);
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_glob_matches_files_and_directories() {
        let dir = tempfile::tempdir().unwrap();
        let store = Store::open(&dir.path().join("s3")).unwrap();
        store.create_bucket("bucket").unwrap();
        for key in ["in/a", "in/sub/b", "input", "empty/", "x/1/y"] {
            store.put_bytes("bucket", key, b"x").unwrap();
        }
        let matches = |text: &str| {
            let matches = Location::parse(text, dir.path()).unwrap().glob(&store).unwrap();
            let names = |found: &Match| found.files.iter().map(|(name, _)| name.clone()).collect::<Vec<_>>();
            matches.iter().map(|found| (found.path.clone(), names(found))).collect::<Vec<_>>()
        };
        let found =
            |path: &str, names: &[&str]| (path.to_owned(), names.iter().map(|name| (*name).to_owned()).collect());
        assert_eq!(matches("s3://bucket/in/"), [found("in", &["a", "sub/b"])]);
        assert_eq!(matches("s3://bucket/in*"), [found("in", &["a", "sub/b"]), found("input", &[""])]);
        assert_eq!(matches("s3://bucket/{in/a,x/?}"), [found("in/a", &[""]), found("x/1", &["y"])]);
        assert_eq!(matches("s3://bucket/empty"), [found("empty", &["/"])]);
        assert_eq!(matches("s3://bucket").len(), 1);
        assert!(matches("s3://bucket/no*").is_empty());
    }
}

//! Reads and writes what a location names: one file, the files of an input, an output.

use std::fs::{self, File};
use std::io;
use std::path::{Path, PathBuf};

use super::glob::{self, Glob};
use super::location::Location;
use crate::s3::{Object, Store};

/// A file or object that is there.
#[derive(Clone, Debug)]
pub(crate) struct DataFile {
    /// Its own URI, where the location may have been a glob.
    pub(crate) uri: String,
    pub(crate) path: PathBuf,
    /// Bytes.
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

    fn local(path: PathBuf) -> Option<Self> {
        let metadata = fs::metadata(&path).ok().filter(fs::Metadata::is_file)?;
        let uri = format!("file://{}", path.display());
        Some(Self { uri, path, size: metadata.len(), _object: None })
    }
}

impl Location {
    /// The file at this location, `None` if it does not exist.
    pub(crate) fn file(&self, store: &Store) -> Option<DataFile> {
        match self {
            Self::S3 { bucket, key } => store.object(bucket, key).map(|object| DataFile::of_object(bucket, object)),
            Self::Local(path) => DataFile::local(path.clone()),
        }
    }

    /// The files that this location means as an input: itself, what is below it as a directory,
    /// or what matches it as a glob. Hidden ones (`_SUCCESS`, `.crc`) do not count. Fails where
    /// the glob is malformed.
    pub(crate) fn inputs(&self, store: &Store) -> Result<Vec<DataFile>, String> {
        let pattern = self.pattern();
        let glob = Glob::new(&pattern)?;
        let is_input = |path: &str| glob.matches_or_holds(path) && !is_hidden(&pattern, path);
        let files = match self {
            Self::S3 { bucket, .. } => {
                let objects = store.list(bucket, glob::literal_prefix(&pattern)).into_iter();
                let inputs = objects.filter(|object| is_input(&object.key) && !object.key.ends_with('/'));
                inputs.map(|object| DataFile::of_object(bucket, object)).collect()
            }
            Self::Local(_) => {
                let mut paths = Vec::new();
                collect_files(&glob::literal_directory(&pattern), &mut paths);
                let inputs = paths.into_iter().filter(|path| is_input(&path.to_string_lossy()));
                inputs.filter_map(DataFile::local).collect()
            }
        };
        Ok(files)
    }

    /// The location as a glob.
    fn pattern(&self) -> String {
        let path = match self {
            Self::S3 { key, .. } => key.into(),
            Self::Local(path) => path.to_string_lossy(),
        };
        path.trim_end_matches('/').to_owned()
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

    /// Writes a copy of `file` here.
    pub(crate) fn put_file(&self, store: &Store, file: &Path) -> io::Result<()> {
        match self {
            Self::S3 { bucket, key } => store.put_file(bucket, key, file),
            Self::Local(path) => {
                fs::create_dir_all(path.parent().unwrap_or(path))?;
                fs::copy(file, path).map(|_| ())
            }
        }
    }

    /// Writes an empty file here.
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

/// Whether a part of `path` that the pattern does not name begins as Hadoop's hidden files do.
fn is_hidden(pattern: &str, path: &str) -> bool {
    let named = pattern.split('/').count().saturating_sub(1);
    let is_file_named = pattern == path;
    !is_file_named && path.split('/').skip(named).any(|part| part.starts_with('_') || part.starts_with('.'))
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
    fn a_directory_means_its_files_but_not_the_hidden_ones() {
        let dir = tempfile::tempdir().unwrap();
        let store = Store::open(&dir.path().join("s3")).unwrap();
        store.create_bucket("bucket").unwrap();
        for key in ["in/a", "in/_SUCCESS", "in/sub/b", "input", "in/.part.crc"] {
            store.put_bytes("bucket", key, b"x").unwrap();
        }
        let inputs = |text: &str| {
            let location = Location::parse(text, dir.path()).unwrap();
            location.inputs(&store).unwrap().into_iter().map(|file| file.uri).collect::<Vec<_>>()
        };
        assert_eq!(inputs("s3://bucket/in/"), ["s3://bucket/in/a", "s3://bucket/in/sub/b"]);
        assert_eq!(inputs("s3://bucket/in*"), ["s3://bucket/in/a", "s3://bucket/in/sub/b", "s3://bucket/input"]);
        assert_eq!(inputs("s3://bucket/in/_SUCCESS"), ["s3://bucket/in/_SUCCESS"]);
        assert!(inputs("s3://bucket/none").is_empty());
    }
}

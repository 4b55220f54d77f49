//! What is known of the files in a folder: which version of which object each is, so that a second run fetches what is new.
//!
//! A note is a line, written once its file is whole and in its place. A run that was killed leaves files without a note, or
//! half a line, and never a note without its file.

use std::collections::BTreeMap;
use std::fs::{self, File, Metadata, OpenOptions};
use std::io::{self, Write};
use std::os::unix::fs::MetadataExt;
use std::path::{Path, PathBuf};

use emr_core::error::{Error, Result};
use emr_core::model::s3_uri::S3Uri;
use serde::{Deserialize, Serialize};

use crate::parts::Part;

/// A file that is whole.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub(crate) struct Note {
    /// Its path below the folder.
    file: String,
    /// The object that it came from.
    uri: S3Uri,
    etag: String,
    is_raw: bool,
    /// Its size here, and when it was last written: seconds and nanoseconds.
    bytes: u64,
    written: (i64, i64),
}

impl Note {
    /// A note of `file`, which came from `part` and is `here`.
    pub(crate) fn new(file: &str, part: &Part, is_raw: bool, here: &Metadata) -> Self {
        let (file, uri, etag) = (file.to_owned(), part.version.at.clone(), part.version.etag.clone());
        Self { file, uri, etag, is_raw, bytes: here.len(), written: (here.mtime(), here.mtime_nsec()) }
    }
}

/// The notes of a folder.
pub(crate) struct Notes {
    path: PathBuf,
    by_file: BTreeMap<String, Note>,
    file: File,
}

impl Notes {
    /// Reads those at `path`, and leaves out what is no note.
    pub(crate) fn open(path: &Path) -> Result<Self> {
        let text = match fs::read(path) {
            Err(cause) if cause.kind() == io::ErrorKind::NotFound => Vec::new(),
            text => text.map_err(|cause| Error::file("read", path, &cause))?,
        };
        let lines = text.split(|byte| *byte == b'\n');
        let notes =
            lines.filter_map(|line| serde_json::from_slice(line).ok()).map(|note: Note| (note.file.clone(), note));
        let by_file: BTreeMap<_, _> = notes.collect();
        let file = rewrite(path, by_file.values()).map_err(|cause| Error::file("write", path, &cause))?;
        Ok(Self { path: path.to_owned(), by_file, file })
    }

    /// Whether `file` is there as this note has it.
    pub(crate) fn has(&self, note: &Note) -> bool {
        self.by_file.get(&note.file) == Some(note)
    }

    /// Whether `file` is one that was fetched here.
    pub(crate) fn knows(&self, file: &str) -> bool {
        self.by_file.contains_key(file)
    }

    /// Adds `note`, whose file is in its place.
    pub(crate) fn add(&mut self, note: Note) -> Result<()> {
        self.file.write_all(&line(&note)).map_err(|cause| Error::file("write", &self.path, &cause))?;
        self.by_file.insert(note.file.clone(), note);
        Ok(())
    }

    /// Sees to it that they outlast a loss of power.
    pub(crate) fn sync(&self) -> Result<()> {
        self.file.sync_all().map_err(|cause| Error::file("write", &self.path, &cause))
    }
}

/// Writes `notes` anew, one for each file, and opens them to be added to.
fn rewrite<'a>(path: &Path, notes: impl Iterator<Item = &'a Note>) -> io::Result<File> {
    let beside = path.with_extension("new");
    // What an earlier run has left is in the way, and a link would lead elsewhere.
    drop(fs::remove_file(&beside));
    let mut file = OpenOptions::new().append(true).create_new(true).open(&beside)?;
    file.write_all(&notes.map(line).collect::<Vec<_>>().concat())?;
    fs::rename(&beside, path)?;
    Ok(file)
}

fn line(note: &Note) -> Vec<u8> {
    let mut line = serde_json::to_vec(note).unwrap_or_default();
    line.push(b'\n');
    line
}

#[cfg(test)]
mod tests {
    use super::*;

    fn note(file: &str, etag: &str) -> Note {
        let uri = "s3://b/out/x".parse().unwrap();
        Note { file: file.to_owned(), uri, etag: etag.to_owned(), is_raw: false, bytes: 7, written: (1, 2) }
    }

    #[test]
    fn the_last_note_of_a_file_counts_and_half_a_line_does_not() {
        let folder = tempfile::tempdir().unwrap();
        let path = folder.path().join(".fetch-output");
        let mut notes = Notes::open(&path).unwrap();
        for (file, etag) in [("a", "1"), ("b", "1"), ("a", "2")] {
            notes.add(note(file, etag)).unwrap();
        }
        notes.sync().unwrap();
        let mut text = fs::read(&path).unwrap();
        text.extend_from_slice(br#"{"file":"c","uri":"s3://b"#);
        fs::write(&path, text).unwrap();
        let mut notes = Notes::open(&path).unwrap();
        assert!(notes.has(&note("a", "2")) && !notes.has(&note("a", "1")) && notes.has(&note("b", "1")));
        assert!(notes.knows("b") && !notes.knows("c"));
        notes.add(note("c", "1")).unwrap();
        assert!(Notes::open(&path).unwrap().has(&note("c", "1")));
        assert_eq!(fs::read_to_string(&path).unwrap().lines().count(), 3);
    }
}

//! What is known of the files in a folder: which version of which object each is, so that a second run fetches what is new.
//!
//! A note is a line, written once its file is whole and in its place. A run that was killed leaves files without a note, or
//! half a line, and never a note without its file.

use std::collections::{BTreeMap, BTreeSet};
use std::fs::{self, File, Metadata, OpenOptions};
use std::io::{self, Write};
use std::os::unix::fs::MetadataExt;
use std::path::{Path, PathBuf};

use emr_core::error::{Error, Result};
use emr_core::model::s3_uri::S3Uri;
use serde::{Deserialize, Serialize};

use crate::parts::{Part, is_part};

/// What to do about a file that is in the way.
pub(crate) const MAKE_WAY: &str = "move it away, or name another folder";

/// The same where runs follow one another that delete what they have fetched, as under cron.
const A_FOLDER_EACH: &str = "move it away, or give each run a folder of its own, such as DIR/$(date +%F)";

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
    /// Whether its object was to be deleted, once its output was seen to be whole: this file may be the only copy.
    #[serde(default)]
    is_deleted: bool,
}

impl Note {
    /// A note of `file`, which came from `part` and is `here`.
    pub(crate) fn new(file: &str, part: &Part, is_raw: bool, here: &Metadata) -> Self {
        let (file, uri, etag) = (file.to_owned(), part.version.at.clone(), part.version.etag.clone());
        let (bytes, written) = (here.len(), (here.mtime(), here.mtime_nsec()));
        Self { file, uri, etag, is_raw, bytes, written, is_deleted: false }
    }

    /// Why the file that it is of, which is `here`, is not to be replaced by `part`, and what to do about it.
    pub(crate) fn objection(&self, part: &Part, here: &Metadata) -> Option<(String, &'static str)> {
        if self.uri != part.version.at {
            return Some((format!("is there already, and is {}", self.uri), MAKE_WAY));
        }
        if !self.is_unchanged(here) {
            return Some(("was changed since it was fetched".to_owned(), MAKE_WAY));
        }
        let earlier = || format!("is an earlier {}, which was deleted there, and may be the only copy", self.uri);
        (self.is_deleted && self.etag != part.version.etag).then(|| (earlier(), A_FOLDER_EACH))
    }

    /// Whether the file is `here` as it was noted.
    pub(crate) fn is_unchanged(&self, here: &Metadata) -> bool {
        self.bytes == here.len() && self.written == (here.mtime(), here.mtime_nsec())
    }

    /// Whether it may be the only copy, as its object was to be deleted.
    pub(crate) fn is_only_copy(&self) -> bool {
        self.is_deleted
    }

    /// The path of its file below the folder.
    pub(crate) fn file(&self) -> &str {
        &self.file
    }

    fn is_of_object(&self, uri: &S3Uri, etag: &str) -> bool {
        self.uri == *uri && self.etag == etag
    }
}

/// The notes of a folder.
pub(crate) struct Notes {
    path: PathBuf,
    by_file: BTreeMap<String, Note>,
    /// Where they are added to; `None` where they are only looked at.
    file: Option<File>,
}

impl Notes {
    /// Reads those at `path`, leaves out what is no note, and opens them to be added to.
    pub(crate) fn open(path: &Path) -> Result<Self> {
        let mut notes = Self::look(path)?;
        notes.rewrite()?;
        Ok(notes)
    }

    /// Reads those at `path`, and changes nothing.
    pub(crate) fn look(path: &Path) -> Result<Self> {
        let text = match fs::read(path) {
            Err(cause) if cause.kind() == io::ErrorKind::NotFound => Vec::new(),
            text => text.map_err(|cause| Error::file("read", path, &cause))?,
        };
        let lines = text.split(|byte| *byte == b'\n');
        let notes =
            lines.filter_map(|line| serde_json::from_slice(line).ok()).map(|note: Note| (note.file.clone(), note));
        Ok(Self { path: path.to_owned(), by_file: notes.collect(), file: None })
    }

    fn rewrite(&mut self) -> Result<()> {
        let file = rewrite(&self.path, self.by_file.values());
        self.file = Some(file.map_err(|cause| Error::file("write", &self.path, &cause))?);
        Ok(())
    }

    /// Those of part files of the output at `folder` that are not `there`.
    pub(crate) fn gone<'a>(&'a self, folder: &S3Uri, there: &BTreeSet<&S3Uri>) -> impl Iterator<Item = &'a Note> {
        let is_of_it =
            |uri: &S3Uri| uri.bucket == folder.bucket && uri.key.strip_prefix(&folder.key).is_some_and(is_part);
        self.by_file.values().filter(move |note| is_of_it(&note.uri) && !there.contains(&note.uri))
    }

    /// Drops those of `files`, which are gone.
    pub(crate) fn forget(&mut self, files: &[String]) -> Result<()> {
        self.by_file.retain(|file, _| !files.contains(file));
        if files.is_empty() { Ok(()) } else { self.rewrite() }
    }

    /// Whether `file` is there as this note has it.
    pub(crate) fn has(&self, note: &Note) -> bool {
        let known = self.by_file.get(&note.file);
        known.is_some_and(|known| *known == Note { is_deleted: known.is_deleted, ..note.clone() })
    }

    /// The files that were fetched here.
    #[cfg(feature = "untrusted")]
    pub(crate) fn files(&self) -> Vec<String> {
        self.by_file.keys().cloned().collect()
    }

    /// What is known of `file`, if it was fetched here.
    pub(crate) fn of(&self, file: &str) -> Option<&Note> {
        self.by_file.get(file)
    }

    /// Whether `part`, kept as `file`, was to be deleted by an earlier run, which saw that its output was whole.
    pub(crate) fn is_deleted(&self, file: &str, part: &Part) -> bool {
        let is_known = |note: &Note| note.is_deleted && note.is_of_object(&part.version.at, &part.version.etag);
        self.of(file).is_some_and(is_known)
    }

    /// Notes that the object of `file` is to be deleted.
    pub(crate) fn set_deleted(&mut self, file: &str) -> Result<()> {
        match self.of(file) {
            Some(note) if !note.is_deleted => self.add(Note { is_deleted: true, ..note.clone() }),
            _ => Ok(()),
        }
    }

    /// Adds `note`, whose file is in its place.
    pub(crate) fn add(&mut self, mut note: Note) -> Result<()> {
        let known = self.of(&note.file);
        note.is_deleted |= known.is_some_and(|known| known.is_deleted && known.is_of_object(&note.uri, &note.etag));
        if let Some(file) = &mut self.file {
            file.write_all(&line(&note)).map_err(|cause| Error::file("write", &self.path, &cause))?;
        }
        self.by_file.insert(note.file.clone(), note);
        Ok(())
    }

    /// Sees to it that they outlast a loss of power.
    pub(crate) fn sync(&self) -> Result<()> {
        let synced = self.file.as_ref().map_or(Ok(()), File::sync_all);
        synced.map_err(|cause| Error::file("write", &self.path, &cause))
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
        let (file, etag) = (file.to_owned(), etag.to_owned());
        Note { file, uri, etag, is_raw: false, bytes: 7, written: (1, 2), is_deleted: false }
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
        assert!(notes.of("b").is_some() && notes.of("c").is_none());
        notes.add(note("c", "1")).unwrap();
        assert!(Notes::open(&path).unwrap().has(&note("c", "1")));
        assert_eq!(fs::read_to_string(&path).unwrap().lines().count(), 3);
    }

    #[test]
    fn that_an_object_is_to_be_deleted_outlasts_its_being_fetched_again_and_not_another_in_its_place() {
        let folder = tempfile::tempdir().unwrap();
        let path = folder.path().join(".fetch-output");
        let mut notes = Notes::open(&path).unwrap();
        notes.add(note("a", "1")).unwrap();
        notes.set_deleted("a").unwrap();
        notes.add(note("a", "1")).unwrap();
        let mut notes = Notes::open(&path).unwrap();
        assert!(notes.of("a").unwrap().is_deleted && notes.has(&note("a", "1")));
        notes.add(note("a", "2")).unwrap();
        assert!(!notes.of("a").unwrap().is_deleted);
    }

    #[test]
    fn a_note_without_what_later_ones_say_is_one() {
        let line = br#"{"file":"a","uri":"s3://b/out/x","etag":"1","is_raw":false,"bytes":7,"written":[1,2]}"#;
        assert_eq!(serde_json::from_slice::<Note>(line).unwrap(), note("a", "1"));
    }
}

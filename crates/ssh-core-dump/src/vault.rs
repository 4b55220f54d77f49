//! Stores core dumps as `<folder>/<job flow>/<instance>/<name>.core`, each with a note about it beside.

use std::fs::{self, File, OpenOptions};
use std::io::{self, Read, Write};
use std::os::unix::fs::OpenOptionsExt;
use std::path::Path;

use emr_core::error::{Error, Outcome, Result};
use serde::Deserialize;
use sha2::{Digest, Sha256};

use crate::record::CoreRecord;

/// The most bytes of a note. Our notes are smaller.
const LONGEST_NOTE: u64 = 1 << 24;

/// The note about a fetched core dump.
#[derive(Debug, Clone, Default, Deserialize)]
pub(crate) struct Known {
    /// Its SHA-256 when it was fetched.
    pub(crate) sha256: Option<String>,
    /// Its backtrace.
    #[serde(default)]
    pub(crate) backtrace: Option<Vec<String>>,
}

/// Checks that the folders of `file` are not links, which would lead elsewhere.
pub(crate) fn check_place(file: &Path) -> Result<()> {
    match file.ancestors().skip(1).take(2).find(|folder| folder.is_symlink()) {
        Some(link) => Err(Error::new(Outcome::Io, format!("{} is a link, and is not followed", link.display()))),
        None => Ok(()),
    }
}

/// What is known about `file`, if it is here and has `bytes` bytes.
pub(crate) fn look_up(file: &Path, bytes: u64) -> Option<Known> {
    fs::symlink_metadata(file).ok().filter(|here| here.is_file() && here.len() == bytes)?;
    let known = read_note(&note(file)).filter(|known| known.sha256.is_some());
    // A run interrupted before it wrote the note has left a complete file.
    known.or_else(|| Some(Known { sha256: Some(sha256(file).ok()?), backtrace: None }))
}

/// Reads a note, unless somebody has replaced it by a link or a huge file.
fn read_note(path: &Path) -> Option<Known> {
    fs::symlink_metadata(path).ok().filter(|here| here.is_file() && here.len() < LONGEST_NOTE)?;
    serde_json::from_slice(&fs::read(path).ok()?).ok()
}

/// Writes the note about a fetched core dump.
pub(crate) fn write_down(record: &CoreRecord) -> Result<()> {
    let path = note(Path::new(&record.file));
    let beside = path.with_extension("json.part");
    // An earlier run may have left a file here, and a link would lead elsewhere.
    drop(fs::remove_file(&beside));
    let written = OpenOptions::new().write(true).create_new(true).mode(0o600).open(&beside);
    let written = written.and_then(|mut file| file.write_all(&serde_json::to_vec(record)?));
    written.and_then(|()| fs::rename(&beside, &path)).map_err(|cause| Error::file("write", &path, &cause))
}

/// Whether the file here still has the SHA-256 that it was fetched with.
pub(crate) fn is_sound(record: &CoreRecord) -> bool {
    sha256(Path::new(&record.file)).is_ok_and(|sha256| Some(sha256) == record.sha256)
}

fn note(file: &Path) -> std::path::PathBuf {
    file.with_extension("json")
}

fn sha256(file: &Path) -> io::Result<String> {
    let mut file = File::open(file)?;
    let mut hash = Sha256::new();
    let mut chunk = vec![0; 1 << 20];
    loop {
        match file.read(&mut chunk)? {
            0 => return Ok(hex::encode(hash.finalize())),
            length => hash.update(&chunk[..length]),
        }
    }
}

//! A folder of this machine that keeps part files: each whole or not there, and once only.
//!
//! A file is written beside its place, synced, and then renamed. No link within the folder is followed.

use std::collections::BTreeSet;
use std::fs::{self, File, OpenOptions, TryLockError};
use std::io;
use std::path::{Path, PathBuf};

use emr_core::error::{Error, Outcome, Result};
use emr_core::model::s3_uri::S3Uri;

use crate::codec::Codec;
use crate::local_name::{OWN, leads_within};
use crate::notes::{MAKE_WAY, Note, Notes};
use crate::parts::Part;
use crate::pieces::Pieces;
use crate::tally::count;
use crate::unpack::unpack;

/// A part file that is to be kept.
#[derive(Debug, Clone)]
pub(crate) struct Kept {
    /// Its path below the folder.
    pub(crate) name: String,
    pub(crate) part: Part,
    /// What it is unpacked with.
    pub(crate) codec: Option<Codec>,
    pub(crate) is_raw: bool,
}

/// A folder that nobody else writes into.
pub(crate) struct Folder {
    path: PathBuf,
    notes: Notes,
    /// Its lock goes with it. `None` where it is only looked at.
    _locked: Option<File>,
}

impl Folder {
    /// Makes the folder at `path` if it is not there, and locks it.
    pub(crate) fn open(path: &Path) -> Result<Self> {
        fs::create_dir_all(path).map_err(|cause| Error::file("make the folder", path, &cause))?;
        let locked = File::open(path).map_err(|cause| Error::file("open", path, &cause))?;
        match locked.try_lock() {
            Ok(()) => {}
            Err(TryLockError::WouldBlock) => {
                let text = format!("another fetch-output is writing into {}", path.display());
                return Err(Error::new(Outcome::TryAgain, text));
            }
            Err(TryLockError::Error(cause)) => return Err(Error::file("lock", path, &cause)),
        }
        let notes = Notes::open(&path.join(OWN))?;
        Ok(Self { path: path.to_owned(), notes, _locked: Some(locked) })
    }

    /// The folder at `path` as it is, which is not changed, nor made if it is not there.
    pub(crate) fn look(path: &Path) -> Result<Self> {
        Ok(Self { path: path.to_owned(), notes: Notes::look(&path.join(OWN))?, _locked: None })
    }

    /// Whether `kept` is here, whole and unchanged.
    pub(crate) fn has(&self, kept: &Kept) -> bool {
        let here = fs::symlink_metadata(self.path.join(&kept.name)).ok().filter(fs::Metadata::is_file);
        here.is_some_and(|here| self.notes.has(&Note::new(&kept.name, &kept.part, kept.is_raw, &here)))
    }

    /// Checks that nothing is in the place of `kept` but what was fetched from there before, and is unchanged.
    pub(crate) fn check_place(&self, kept: &Kept) -> Result<()> {
        let path = self.path.join(&kept.name);
        if let Some(link) = self.link(&kept.name) {
            return Err(Error::new(Outcome::Io, format!("{} is a link, and is not followed", link.display())));
        }
        let Ok(here) = fs::symlink_metadata(&path) else { return Ok(()) };
        let objection = match self.notes.of(&kept.name) {
            Some(note) => note.objection(&kept.part, &here),
            None => Some(("is there already, and was not fetched by this tool".to_owned(), MAKE_WAY)),
        };
        match objection {
            Some((why, advice)) => Err(Error::new(Outcome::Io, format!("{} {why}", path.display())).advise(advice)),
            None => Ok(()),
        }
    }

    /// The first link on the way to `name`.
    fn link(&self, name: &str) -> Option<PathBuf> {
        let mut folders = name.match_indices('/').map(|(at, _)| self.path.join(&name[..at]));
        folders.find(|folder| folder.is_symlink())
    }

    /// Removes what was fetched from the `whole` outputs before and is gone from there: not among `all`. Returns how many
    /// files that are. What was changed here stays, and what may be the only copy.
    pub(crate) fn remove_gone(&mut self, whole: &[S3Uri], all: &[Kept]) -> Result<u64> {
        let there = all.iter().map(|kept| &kept.part.version.at).collect();
        let gone: Vec<Note> = whole.iter().flat_map(|folder| self.notes.gone(folder, &there)).cloned().collect();
        let (mut removed, mut forgotten, mut only_copies) = (0, Vec::new(), 0);
        for note in gone.iter().filter(|note| leads_within(note.file()) && self.link(note.file()).is_none()) {
            let path = self.path.join(note.file());
            if let Ok(here) = fs::symlink_metadata(&path) {
                if !note.is_unchanged(&here) {
                    let why = "is no longer on S3, was changed since it was fetched, and stays";
                    emr_cli::warn(&format!("{} {why}", path.display()));
                    continue;
                }
                if note.is_only_copy() {
                    only_copies += 1;
                    continue;
                }
                fs::remove_file(&path).map_err(|cause| Error::file("remove", &path, &cause))?;
                removed += 1;
            }
            forgotten.push(note.file().to_owned());
        }
        self.notes.forget(&forgotten)?;
        if only_copies > 0 {
            let files = count(only_copies, "file");
            emr_cli::warn(&format!("{} also has {files} of earlier outputs, deleted on S3 since", self.path.display()));
        }
        Ok(removed)
    }

    /// Whether an earlier run was to delete `kept` on S3, and saw that its output was whole.
    pub(crate) fn is_deleted(&self, kept: &Kept) -> bool {
        self.notes.is_deleted(&kept.name, &kept.part)
    }

    /// Notes that `all` are to be deleted on S3, so that a run that is interrupted then can be finished.
    pub(crate) fn set_deleted(&mut self, all: &[Kept]) -> Result<()> {
        for kept in all {
            self.notes.set_deleted(&kept.name)?;
        }
        self.notes.sync()
    }

    /// Writes `kept`, whose pieces come next.
    pub(crate) fn write(&mut self, kept: &Kept, pieces: &mut Pieces) -> Result<()> {
        self.check_place(kept)?;
        let (beside, path) = (self.path.join(format!("{OWN}.part")), self.path.join(&kept.name));
        let written = write_beside(&beside, kept, pieces);
        let placed = written.and_then(|()| place(&beside, &path));
        if let Err(error) = placed {
            drop(fs::remove_file(&beside));
            return Err(error);
        }
        let here = fs::symlink_metadata(&path).map_err(|cause| Error::file("read", &path, &cause))?;
        self.notes.add(Note::new(&kept.name, &kept.part, kept.is_raw, &here))
    }

    /// Sees to it that the names of all files outlast a loss of power, as their contents do already.
    pub(crate) fn sync(&self, all: &[Kept]) -> Result<()> {
        self.notes.sync()?;
        let folders = all.iter().flat_map(|kept| kept.name.match_indices('/').map(|(at, _)| &kept.name[..at]));
        let folders: BTreeSet<PathBuf> = folders.map(|folder| self.path.join(folder)).collect();
        let outer = fs::canonicalize(&self.path).ok().and_then(|path| path.parent().map(Path::to_owned));
        for folder in folders.into_iter().chain([self.path.clone()]).chain(outer) {
            let synced = File::open(&folder).and_then(|folder| folder.sync_all());
            synced.map_err(|cause| Error::file("sync", &folder, &cause))?;
        }
        Ok(())
    }
}

/// Writes the content of `kept` to the file `beside`, which is made, and syncs it.
fn write_beside(beside: &Path, kept: &Kept, pieces: &mut Pieces) -> Result<()> {
    let unwritable = |cause: &io::Error| Error::file("write", beside, cause);
    // What an earlier run has left is in the way, and a link would lead elsewhere.
    drop(fs::remove_file(beside));
    let file = OpenOptions::new().write(true).create_new(true).open(beside);
    let mut file = file.map_err(|cause| unwritable(&cause))?;
    let mut packed = pieces.part(kept.part.version.bytes);
    let unpacked = unpack(kept.codec, &mut packed, &mut file).and_then(|()| packed.end());
    unpacked.map_err(|cause| match cause.raw_os_error() {
        Some(_) => unwritable(&cause),
        None => pieces.explain(&kept.part, kept.codec, &cause),
    })?;
    file.sync_all().map_err(|cause| unwritable(&cause))
}

/// Puts the file `beside` in its place, and makes the folders that lead there.
fn place(beside: &Path, path: &Path) -> Result<()> {
    if let Some(folder) = path.parent() {
        fs::create_dir_all(folder).map_err(|cause| Error::file("make the folder", folder, &cause))?;
    }
    fs::rename(beside, path).map_err(|cause| Error::file("write", path, &cause))
}

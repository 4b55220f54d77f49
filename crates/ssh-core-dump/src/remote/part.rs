//! A file that arrives in chunks. It is named `.part` until it is complete.
//!
//! Chunks arrive in order, so the length of the `.part` is all that an interrupted run must remember. The chunks that
//! are here are compared with the node's before more are added.

use std::fs::{self, DirBuilder, File, OpenOptions, Permissions, TryLockError};
use std::io;
use std::os::unix::fs::{DirBuilderExt, FileExt, OpenOptionsExt, PermissionsExt};
use std::path::{Path, PathBuf};

use emr_core::error::{Error, Outcome, Result};
use rustix::fs::OFlags;
use sha2::{Digest, Sha256};

use super::frame::CHUNK;

/// The granularity of holes, in bytes: the block size of most file systems.
const BLOCK: usize = 4096;

/// The file is synced to disk after this many bytes, so that the sync at the end is short.
const SYNCED: usize = 32 << 20;

static ZEROS: [u8; 1 << 20] = [0; 1 << 20];

/// A file that is not complete yet.
#[derive(Debug)]
pub(crate) struct Part {
    file: File,
    path: PathBuf,
    whole: PathBuf,
    size: u64,
    have: u64,
    next: u64,
    /// The number of bytes written since the last sync.
    unsynced: usize,
    hash: Sha256,
}

impl Part {
    /// Opens the file `whole` of `size` bytes, or what an earlier run has fetched of it. Creates missing folders.
    pub(crate) fn open(whole: &Path, size: u64) -> Result<Self> {
        let path = whole.with_extension("part");
        if let Some(folder) = whole.parent() {
            let made = DirBuilder::new().recursive(true).mode(0o700).create(folder);
            made.map_err(|cause| Error::file("make the folder", folder, &cause))?;
        }
        let no_follow = i32::try_from(OFlags::NOFOLLOW.bits()).unwrap_or_default();
        let mut options = OpenOptions::new();
        options.read(true).write(true).create(true).truncate(false).mode(0o600).custom_flags(no_follow);
        let file = options.open(&path).map_err(|cause| Error::file("open", &path, &cause))?;
        match file.try_lock() {
            Err(TryLockError::WouldBlock) => {
                return Err(Error::new(Outcome::TryAgain, format!("another run is fetching {}", whole.display())));
            }
            Err(TryLockError::Error(cause)) => return Err(Error::file("lock", &path, &cause)),
            Ok(()) => {}
        }
        // An earlier run, or somebody else, may have made it readable for others.
        let own = file.set_permissions(Permissions::from_mode(0o600));
        own.map_err(|cause| Error::file("keep for its owner", &path, &cause))?;
        let here = file.metadata().map_err(|cause| Error::file("read", &path, &cause))?.len().min(size);
        let have = here / CHUNK;
        Ok(Self { file, path, whole: whole.to_owned(), size, have, next: 0, unsynced: 0, hash: Sha256::new() })
    }

    /// The number of its chunks that are here.
    #[must_use]
    pub(crate) fn have(&self) -> u64 {
        self.have
    }

    /// The number of bytes that it will have.
    #[must_use]
    pub(crate) fn size(&self) -> u64 {
        self.size
    }

    /// An error if the disk lacks space for the rest. The whole file uses `stored` bytes without its holes.
    pub(crate) fn check_room(&self, stored: u64) -> Result<()> {
        check_room(&self.file, &self.whole, stored.saturating_sub(self.have * CHUNK))
    }

    /// Adds chunk `number`; chunks skipped before it are zeros. Returns whether it fits.
    pub(super) fn take(&mut self, number: u64, chunk: &[u8]) -> Result<bool> {
        let fits = number >= self.have && self.begins(number)? && chunk.len() == self.length(number);
        if fits {
            self.hash.update(chunk);
            let written = self.write(number, chunk).and_then(|()| self.sync(chunk.len()));
            written.map_err(|cause| Error::file("write", &self.path, &cause))?;
            self.next = number + 1;
        }
        Ok(fits)
    }

    /// Passes over chunk `number`, which is here. Returns whether its SHA-256 is `sha256`, and the chunks skipped
    /// before it are zeros.
    pub(super) fn keep(&mut self, number: u64, sha256: &[u8]) -> Result<bool> {
        if number >= self.have || !self.begins(number)? {
            return Ok(false);
        }
        let chunk = self.chunk(number)?;
        self.hash.update(&chunk);
        self.next = number + 1;
        Ok(Sha256::digest(&chunk)[..] == *sha256)
    }

    /// Completes the file; chunks skipped at its end are zeros. Returns its SHA-256, or `None` if the chunks here do
    /// not fit.
    pub(super) fn finish(mut self) -> Result<Option<[u8; 32]>> {
        if !self.skip_to(self.size.div_ceil(CHUNK))? {
            return Ok(None);
        }
        let kept = self.file.set_len(self.size).and_then(|()| self.file.sync_all());
        kept.map_err(|cause| Error::file("write", &self.path, &cause))?;
        fs::rename(&self.path, &self.whole).map_err(|cause| Error::file("name", &self.whole, &cause))?;
        Ok(Some(self.hash.finalize().into()))
    }

    /// Deletes what was fetched.
    pub(super) fn discard(self) {
        // If it cannot be deleted, the next run compares it again.
        drop(fs::remove_file(&self.path));
    }

    fn begins(&mut self, number: u64) -> Result<bool> {
        Ok(number >= self.next && number < self.size.div_ceil(CHUNK) && self.skip_to(number)?)
    }

    /// Passes over the chunks before `number`, which are zeros. Returns whether those that are here are zeros, too.
    fn skip_to(&mut self, number: u64) -> Result<bool> {
        while self.next < number {
            let zeros = &ZEROS[..self.length(self.next)];
            if self.next < self.have && self.chunk(self.next)? != zeros {
                return Ok(false);
            }
            self.hash.update(zeros);
            self.next += 1;
        }
        Ok(true)
    }

    fn chunk(&self, number: u64) -> Result<Vec<u8>> {
        let mut chunk = vec![0; self.length(number)];
        let read = self.file.read_exact_at(&mut chunk, number * CHUNK);
        read.map_err(|cause| Error::file("read", &self.path, &cause))?;
        Ok(chunk)
    }

    fn length(&self, number: u64) -> usize {
        let left = self.size.saturating_sub(number.saturating_mul(CHUNK));
        usize::try_from(left.min(CHUNK)).unwrap_or(ZEROS.len())
    }

    /// Counts the bytes written, and syncs the file now and then.
    fn sync(&mut self, written: usize) -> io::Result<()> {
        self.unsynced += written;
        if self.unsynced >= SYNCED {
            self.unsynced = 0;
            self.file.sync_data()?;
        }
        Ok(())
    }

    /// Writes all except zeros. The length is set last, as it tells that the chunk is here.
    fn write(&self, number: u64, chunk: &[u8]) -> io::Result<()> {
        let start = number * CHUNK;
        self.file.set_len(start)?;
        let mut at = start;
        for run in chunk.chunks(BLOCK).collect::<Vec<_>>().chunk_by(|left, right| is_zero(left) == is_zero(right)) {
            let length: usize = run.iter().map(|block| block.len()).sum();
            let from = usize::try_from(at - start).unwrap_or_default();
            if !is_zero(run[0]) {
                self.file.write_all_at(&chunk[from..from + length], at)?;
            }
            at += u64::try_from(length).unwrap_or_default();
        }
        self.file.set_len(at)
    }
}

fn is_zero(block: &[u8]) -> bool {
    block == &ZEROS[..block.len()]
}

/// An error if the disk of `file` lacks space for `needed` more bytes of `whole`.
pub(crate) fn check_room(file: &File, whole: &Path, needed: u64) -> Result<()> {
    let Ok(disk) = rustix::fs::fstatvfs(file) else { return Ok(()) };
    let free = disk.f_bavail.saturating_mul(disk.f_frsize);
    if needed <= free {
        return Ok(());
    }
    let message = format!("no space left for {}: it needs {needed} bytes, but {free} are free", whole.display());
    Err(Error::new(Outcome::Io, message))
}

//! A file that comes over in chunks, kept as `.part` until all of it is here.
//!
//! Chunks come in order, so the length of the `.part` says how much is here, and an interrupted run needs no other memory.
//! What is here is compared with what the node has before the rest is added to it.

use std::fs::{self, DirBuilder, File, OpenOptions, Permissions, TryLockError};
use std::io;
use std::os::unix::fs::{DirBuilderExt, FileExt, OpenOptionsExt, PermissionsExt};
use std::path::{Path, PathBuf};

use emr_core::error::{Error, Outcome, Result};
use rustix::fs::OFlags;
use sha2::{Digest, Sha256};

use super::frame::CHUNK;

/// The grain of holes, in bytes: the block of most file systems.
const BLOCK: usize = 4096;

/// How much is written before the disk has to have it, in bytes: what it has on the way is not waited for at the end.
const SYNCED: usize = 32 << 20;

static ZEROS: [u8; 1 << 20] = [0; 1 << 20];

/// A file that is not whole yet.
#[derive(Debug)]
pub(crate) struct Part {
    file: File,
    path: PathBuf,
    whole: PathBuf,
    size: u64,
    have: u64,
    next: u64,
    /// How much was written since the disk had all of it.
    unsynced: usize,
    hash: Sha256,
}

impl Part {
    /// Begins the file `whole` of `size` bytes, or goes on with what is here of it. Folders that are missing are made.
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
                return Err(Error::new(Outcome::TryAgain, format!("another run fetches {}", whole.display())));
            }
            Err(TryLockError::Error(cause)) => return Err(Error::file("lock", &path, &cause)),
            Ok(()) => {}
        }
        // What an earlier run, or somebody else, left there may be open to others.
        let own = file.set_permissions(Permissions::from_mode(0o600));
        own.map_err(|cause| Error::file("keep for its owner", &path, &cause))?;
        let here = file.metadata().map_err(|cause| Error::file("read", &path, &cause))?.len().min(size);
        let have = here / CHUNK;
        Ok(Self { file, path, whole: whole.to_owned(), size, have, next: 0, unsynced: 0, hash: Sha256::new() })
    }

    /// How many chunks of it are here.
    #[must_use]
    pub(crate) fn have(&self) -> u64 {
        self.have
    }

    /// How many bytes it will have.
    #[must_use]
    pub(crate) fn size(&self) -> u64 {
        self.size
    }

    /// Whether the disk has room for the rest of it, which is to take `stored` bytes without its holes: an error if not.
    pub(crate) fn check_room(&self, stored: u64) -> Result<()> {
        check_room(&self.file, &self.whole, stored.saturating_sub(self.have * CHUNK))
    }

    /// Takes in chunk `number`; those that were left out before it are zeros. Says whether they fit.
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

    /// Goes over chunk `number`, which is here, and says whether its SHA-256 is `sha256` and those left out are zeros.
    pub(super) fn keep(&mut self, number: u64, sha256: &[u8]) -> Result<bool> {
        if number >= self.have || !self.begins(number)? {
            return Ok(false);
        }
        let chunk = self.chunk(number)?;
        self.hash.update(&chunk);
        self.next = number + 1;
        Ok(Sha256::digest(&chunk)[..] == *sha256)
    }

    /// Makes the file whole: what was not sent at its end are zeros. Returns its SHA-256, or none where it does not fit.
    pub(super) fn finish(mut self) -> Result<Option<[u8; 32]>> {
        if !self.skip_to(self.size.div_ceil(CHUNK))? {
            return Ok(None);
        }
        let kept = self.file.set_len(self.size).and_then(|()| self.file.sync_all());
        kept.map_err(|cause| Error::file("write", &self.path, &cause))?;
        fs::rename(&self.path, &self.whole).map_err(|cause| Error::file("name", &self.whole, &cause))?;
        Ok(Some(self.hash.finalize().into()))
    }

    /// Forgets what is here of it.
    pub(super) fn discard(self) {
        // Where it stays it is compared again the next time.
        drop(fs::remove_file(&self.path));
    }

    fn begins(&mut self, number: u64) -> Result<bool> {
        Ok(number >= self.next && number < self.size.div_ceil(CHUNK) && self.skip_to(number)?)
    }

    /// Goes over the chunks before `number`, which are zeros, and says whether those that are here are.
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

    /// Counts what was written, and lets the disk have it now and then.
    fn sync(&mut self, written: usize) -> io::Result<()> {
        self.unsynced += written;
        if self.unsynced >= SYNCED {
            self.unsynced = 0;
            self.file.sync_data()?;
        }
        Ok(())
    }

    /// Writes what is not zero. The length comes last: it says that the chunk is here.
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

/// Whether the disk that has `file` has room for `needed` more bytes of `whole`: an error if not.
pub(crate) fn check_room(file: &File, whole: &Path, needed: u64) -> Result<()> {
    let Ok(disk) = rustix::fs::fstatvfs(file) else { return Ok(()) };
    let free = disk.f_bavail.saturating_mul(disk.f_frsize);
    if needed <= free {
        return Ok(());
    }
    let message = format!("no space left for {}: it takes {needed} bytes, and {free} are free", whole.display());
    Err(Error::new(Outcome::Io, message))
}

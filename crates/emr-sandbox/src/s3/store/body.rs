//! The bodies of objects on disk. A body is written once, while its digests are computed, and then only read.
//!
//! The name of its file does not depend on the key. A held body stays readable when its object is overwritten or
//! deleted; the last holder unlinks the file.

use std::fs::{self, File};
use std::io::{self, Read, Write};
use std::path::{Path, PathBuf};
use std::sync::Arc;

use s3s::crypto::{Checksum as _, Md5};

use super::checksum::{Algorithm, Checksum, Hasher};

/// Buffer for reading bodies.
pub(crate) const CHUNK: usize = 256 * 1024;

/// A file that its last holder removes.
#[derive(Debug)]
pub(crate) struct BodyFile {
    path: PathBuf,
}

impl BodyFile {
    pub(crate) fn path(&self) -> &Path {
        &self.path
    }
}

impl Drop for BodyFile {
    fn drop(&mut self) {
        // The directory may already be removed.
        let _ = fs::remove_file(&self.path);
    }
}

/// A body being written. If it is dropped unfinished, its file is removed.
pub(crate) struct Draft {
    file: File,
    body: BodyFile,
    size: u64,
    md5: Md5,
    hasher: Hasher,
}

/// A finished body with its size and digests.
#[derive(Clone, Debug)]
pub(crate) struct Written {
    pub(crate) body: Arc<BodyFile>,
    /// Size in bytes.
    pub(crate) size: u64,
    pub(crate) md5: [u8; 16],
    pub(crate) checksum: Checksum,
}

impl Draft {
    /// Creates the file `path`, which must not exist.
    pub(crate) fn create(path: PathBuf, algorithm: Algorithm) -> io::Result<Draft> {
        let file = File::create_new(&path)?;
        Ok(Draft { file, body: BodyFile { path }, size: 0, md5: Md5::new(), hasher: Hasher::new(algorithm) })
    }

    pub(crate) fn write(&mut self, bytes: &[u8]) -> io::Result<()> {
        self.file.write_all(bytes)?;
        self.md5.update(bytes);
        self.hasher.update(bytes);
        self.size += bytes.len() as u64;
        Ok(())
    }

    /// Writes all of `source`.
    pub(crate) fn copy_from(&mut self, mut source: impl Read) -> io::Result<()> {
        let mut buffer = vec![0; CHUNK];
        loop {
            match source.read(&mut buffer)? {
                0 => return Ok(()),
                n => self.write(&buffer[..n])?,
            }
        }
    }

    pub(crate) fn finish(self) -> Written {
        Written { body: Arc::new(self.body), size: self.size, md5: self.md5.finalize(), checksum: self.hasher.finish() }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_body_stays_readable_until_its_last_holder_drops_it() {
        let dir = tempfile::tempdir().unwrap();
        let path = dir.path().join("body");
        let mut draft = Draft::create(path.clone(), Algorithm::Crc32).unwrap();
        draft.copy_from(&b"hello"[..]).unwrap();
        let first = draft.finish();
        let second = first.clone();
        assert_eq!(hex::encode(first.md5), "5d41402abc4b2a76b9719d911017c592");
        drop(first);
        assert_eq!(fs::read(second.body.path()).unwrap(), b"hello");
        drop(second);
        assert!(!path.exists());
    }

    #[test]
    fn an_unfinished_draft_leaves_nothing_behind() {
        let dir = tempfile::tempdir().unwrap();
        let path = dir.path().join("body");
        let mut draft = Draft::create(path.clone(), Algorithm::Crc32).unwrap();
        draft.write(b"half").unwrap();
        drop(draft);
        assert!(!path.exists());
    }
}

//! Packs a directory for the tasks: the same files make the same archive, whenever and by whomever it is packed.
//!
//! An archive is uploaded under the hash of its content. Times, owners and the order in which a file system lists names
//! are therefore left out; whether a file can be executed is kept. Symbolic links are followed, because what they lead
//! to is not on the node.

use std::fs::{File, Metadata};
use std::io::{self, BufWriter, ErrorKind, Read, Write};
use std::os::unix::fs::PermissionsExt;
use std::path::{Path, PathBuf};

use emr_core::error::{Error, Outcome, Result};
use flate2::write::GzEncoder;
use flate2::{Compression, GzBuilder};
use tar::{Builder, EntryType, Header};

/// Writes the archive of what is in `folder` to the new file `to`: tar, compressed by gzip.
pub(crate) fn pack(folder: &Path, to: &Path) -> Result<()> {
    let unwritable = |cause: io::Error| Error::file("write", to, &cause);
    let file = BufWriter::new(File::create_new(to).map_err(unwritable)?);
    let mut archive = Archive {
        tar: Builder::new(GzBuilder::new().mtime(0).write(file, Compression::default())),
        above: Vec::new(),
        to,
    };
    archive.add_folder(folder, Path::new(""))?;
    let packed = archive.tar.into_inner().and_then(GzEncoder::finish);
    packed.and_then(|mut file| file.flush()).map_err(unwritable)
}

struct Archive<'a> {
    tar: Builder<GzEncoder<BufWriter<File>>>,
    /// The folders that are being packed, behind symbolic links, the outermost first.
    above: Vec<PathBuf>,
    /// The file of the archive.
    to: &'a Path,
}

impl Archive<'_> {
    /// Adds what is in `folder`, which is `within` the archive, in the order of the names.
    fn add_folder(&mut self, folder: &Path, within: &Path) -> Result<()> {
        let unreadable = |cause: io::Error| Error::file("read", folder, &cause);
        let real = folder.canonicalize().map_err(unreadable)?;
        if self.above.contains(&real) {
            return Err(Error::usage(format!("{} leads back to a folder that it is in", folder.display())));
        }
        self.above.push(real);
        let entries = std::fs::read_dir(folder).map_err(unreadable)?;
        let mut names: Vec<_> =
            entries.map(|entry| entry.map(|entry| entry.file_name())).collect::<io::Result<_>>().map_err(unreadable)?;
        names.sort();
        for name in names {
            self.add(&folder.join(&name), &within.join(&name))?;
        }
        self.above.pop();
        Ok(())
    }

    fn add(&mut self, path: &Path, within: &Path) -> Result<()> {
        let unreadable = |cause: io::Error| Error::file("read", path, &cause);
        let metadata = path.metadata().map_err(unreadable)?;
        if metadata.is_dir() {
            self.append(path, &metadata, within, io::empty())?;
            return self.add_folder(path, within);
        }
        if !metadata.is_file() {
            return Err(Error::usage(format!("{} is neither a file nor a directory", path.display())));
        }
        let mut content = File::open(path).map_err(unreadable)?.take(metadata.len());
        self.append(path, &metadata, within, &mut content)?;
        if content.limit() > 0 {
            let text = format!("{} changed while it was packed", path.display());
            return Err(Error::new(Outcome::Io, text).advise("try again"));
        }
        Ok(())
    }

    /// Adds `content`, which was read from `path`. Reading does not fill a disk, so what does is the archive.
    fn append(&mut self, path: &Path, metadata: &Metadata, within: &Path, content: impl Read) -> Result<()> {
        self.tar.append_data(&mut header(metadata), within, content).map_err(|cause| match cause.kind() {
            ErrorKind::StorageFull | ErrorKind::QuotaExceeded | ErrorKind::FileTooLarge => {
                Error::file("write", self.to, &cause)
            }
            _ => Error::file("read", path, &cause),
        })
    }
}

/// The header of a file or directory that has these `metadata`.
fn header(metadata: &Metadata) -> Header {
    let is_executable = metadata.permissions().mode() & 0o111 != 0;
    let mut header = Header::new_gnu();
    header.set_entry_type(if metadata.is_dir() { EntryType::Directory } else { EntryType::Regular });
    header.set_size(if metadata.is_dir() { 0 } else { metadata.len() });
    header.set_mode(if metadata.is_dir() || is_executable { 0o755 } else { 0o644 });
    header.set_mtime(0);
    header.set_uid(0);
    header.set_gid(0);
    header
}

#[cfg(test)]
mod tests {
    use std::fs;
    use std::os::unix::fs::symlink;
    use std::time::SystemTime;

    use super::*;

    fn folder() -> tempfile::TempDir {
        let folder = tempfile::tempdir().unwrap();
        fs::create_dir_all(folder.path().join("in/deep")).unwrap();
        fs::create_dir(folder.path().join("in/empty")).unwrap();
        fs::write(folder.path().join("in/deep/a b"), "a").unwrap();
        fs::write(folder.path().join("in/run.sh"), "#!/bin/sh\n").unwrap();
        fs::set_permissions(folder.path().join("in/run.sh"), fs::Permissions::from_mode(0o700)).unwrap();
        fs::write(folder.path().join("outside"), "linked").unwrap();
        symlink(folder.path().join("outside"), folder.path().join("in/link")).unwrap();
        folder
    }

    fn packed(folder: &Path) -> Vec<u8> {
        let to = folder.join("x.tar.gz");
        pack(&folder.join("in"), &to).unwrap();
        fs::read(to).unwrap()
    }

    #[test]
    fn the_same_files_make_the_same_archive() {
        let (one, other) = (folder(), folder());
        let file = File::options().write(true).open(other.path().join("in/run.sh")).unwrap();
        file.set_modified(SystemTime::UNIX_EPOCH).unwrap();
        assert_eq!(packed(one.path()), packed(other.path()));
        let more = folder();
        fs::write(more.path().join("in/more"), "").unwrap();
        assert_ne!(packed(more.path()), packed(folder().path()));
    }

    #[test]
    fn everything_is_in_it_links_by_what_they_lead_to() {
        let folder = folder();
        let bytes = packed(folder.path());
        let mut archive = tar::Archive::new(flate2::read::GzDecoder::new(&bytes[..]));
        let entries = archive.entries().unwrap().map(|entry| {
            let mut entry = entry.unwrap();
            let mut text = String::new();
            entry.read_to_string(&mut text).unwrap();
            format!("{} {:o} {text}", entry.path().unwrap().display(), entry.header().mode().unwrap())
        });
        let expected = ["deep 755 ", "deep/a b 644 a", "empty 755 ", "link 644 linked", "run.sh 755 #!/bin/sh\n"]
            .map(str::to_owned);
        assert_eq!(entries.collect::<Vec<_>>(), expected);
    }

    #[test]
    fn a_folder_that_leads_back_to_itself_is_refused() {
        let folder = folder();
        symlink(folder.path().join("in"), folder.path().join("in/again")).unwrap();
        let error = pack(&folder.path().join("in"), &folder.path().join("x.tar.gz")).unwrap_err().to_string();
        assert!(error.contains("leads back"), "{error}");
    }
}

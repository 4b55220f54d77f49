//! Makes backtraces on this machine, from a core dump and the executables and libraries that were fetched with it.

use std::collections::HashSet;
use std::fs::{self, DirBuilder, File, OpenOptions};
use std::io::{self, Write};
use std::os::unix::ffi::OsStrExt;
use std::os::unix::fs::{DirBuilderExt, FileExt, OpenOptionsExt};
use std::path::Path;
use std::process::{Command, Stdio};

use emr_core::error::{Error, Outcome, Result};

use crate::dump::backtrace::{self, GDB};
use crate::dump::binaries::{self, Binaries};
use crate::dump::header::Header;
use crate::dump::memory::{BLOCK, Gap, Memory, Part};
use crate::dump::python;
use crate::remote::{check_room, is_refused};
use crate::vault;

/// The most bytes of a file that are fetched.
const LONGEST: u64 = 1 << 30;

/// The most bytes that are fetched for a build: many times what Python and its libraries have.
const TOGETHER: u64 = 4 << 30;

/// The files that the process of the core dump `core` ran, as far as the core dump itself tells.
pub(crate) fn binaries(header: &Header, core: &Path) -> Result<Binaries> {
    let mut memory = Memory::new(header);
    loop {
        match binaries::binaries(&memory) {
            Ok(binaries) => return Ok(binaries),
            Err(Gap::Lost) => return Ok(Binaries::default()),
            Err(Gap::Missing(part)) => {
                let file = part.file.as_ref().map_or(Some(core), |_| None);
                let bytes = file.map_or_else(|| Ok(Vec::new()), |file| block(file, part.start))?;
                memory.add(part, bytes);
            }
        }
    }
}

/// Keeps the files of a build in the folder `build`, which appears when it is complete.
pub(crate) fn keep(
    build: &Path,
    binaries: &Binaries,
    mut read: impl FnMut(&str, u64) -> Result<Vec<u8>>,
) -> Result<()> {
    vault::check_place(&build.join("any"))?;
    let builds = build.parent().unwrap_or(build);
    make(builds)?;
    // Most nodes have the same build. One run fetches it for all of them.
    let lock = File::open(builds).and_then(|folder| folder.lock().map(|()| folder));
    let _lock = lock.map_err(|cause| Error::file("lock", builds, &cause))?;
    if build.exists() {
        return Ok(());
    }
    // This run has the lock, so an unfinished build is from an interrupted run.
    clear(builds);
    let beside = build.with_extension("part");
    make(&beside)?;
    if let Err(error) = fill_folder(&beside, binaries, TOGETHER, &mut read) {
        clear(builds);
        return Err(error);
    }
    fs::rename(&beside, build).map_err(|cause| Error::file("name", build, &cause))
}

fn make(folder: &Path) -> Result<()> {
    let made = DirBuilder::new().recursive(true).mode(0o700).create(folder);
    made.map_err(|cause| Error::file("make the folder", folder, &cause))
}

/// Deletes the unfinished builds in `builds`, which have an extension.
fn clear(builds: &Path) {
    for entry in fs::read_dir(builds).into_iter().flatten().flatten() {
        let is_part = entry.path().extension().is_some_and(|extension| extension.as_bytes().starts_with(b"part"));
        if is_part {
            // A folder that cannot be deleted makes only the same build fail, with its own error.
            drop(fs::remove_dir_all(entry.path()));
        }
    }
}

/// Reads all files into `folder`, except those that may not be read. An error if they have more than `left` bytes in
/// total, or the disk is full.
fn fill_folder(
    folder: &Path,
    binaries: &Binaries,
    mut left: u64,
    read: &mut impl FnMut(&str, u64) -> Result<Vec<u8>>,
) -> Result<()> {
    let mut seen = HashSet::new();
    // Names are rarely equal. If they are, the first file that was loaded counts.
    for binary in binaries.files.iter().filter(|binary| seen.insert(&binary.name)) {
        let path = folder.join(&binary.name);
        let file = OpenOptions::new().write(true).create_new(true).mode(0o600).open(&path);
        let mut file = file.map_err(|cause| Error::file("make", &path, &cause))?;
        let mut start = 0;
        while start < LONGEST {
            let bytes = match read(&binary.path, start) {
                Err(error) if is_refused(&error) => Vec::new(),
                read => read?,
            };
            if bytes.is_empty() {
                break;
            }
            let length = u64::try_from(bytes.len()).unwrap_or(LONGEST);
            left = left.checked_sub(length).ok_or_else(too_much)?;
            check_room(&file, &path, length)?;
            file.write_all(&bytes).map_err(|cause| Error::file("write", &path, &cause))?;
            start += length;
        }
    }
    Ok(())
}

fn too_much() -> Error {
    Error::new(Outcome::Io, format!("its executable and libraries have more than {} GiB", TOGETHER >> 30))
}

/// The backtrace of the thread that crashed, made here with the files of `build`.
pub(crate) fn backtrace(
    header: &Header,
    core: &Path,
    build: &Path,
    binaries: &Binaries,
) -> Result<Option<Vec<String>>> {
    let here =
        |path: &str| binaries.files.iter().find(|binary| binary.path == path).map(|binary| build.join(&binary.name));
    let read = |part: &Part| match &part.file {
        None => block(core, part.start),
        Some(file) => here(file).map_or_else(|| Ok(Vec::new()), |file| block(&file, part.start)),
    };
    let python = python::traceback(header, read)?;
    let executable = header.executable.as_deref().and_then(here);
    let native = executable.and_then(|executable| gdb(&executable, core, build)).unwrap_or_default();
    Ok(backtrace::merged(backtrace::functions(&native), python))
}

/// The output of gdb; `None` if this machine has no gdb.
fn gdb(executable: &Path, core: &Path, build: &Path) -> Option<String> {
    let build = build.canonicalize().ok()?;
    let (executable, core) = (executable.canonicalize().ok()?, core.canonicalize().ok()?);
    let mut command = Command::new("gdb");
    // gdb must read only the fetched libraries, as those of this machine differ.
    let nowhere = build.join("root");
    command.args(["-iex", &format!("set sysroot {}", nowhere.display())]);
    command.args(["-iex", &format!("set solib-search-path {}", build.display())]);
    command.args(GDB).arg(executable).arg(core).current_dir("/");
    let output = command.stdin(Stdio::null()).stderr(Stdio::null()).output().ok()?;
    Some(String::from_utf8_lossy(&output.stdout).into_owned())
}

fn block(file: &Path, start: u64) -> Result<Vec<u8>> {
    let mut bytes = vec![0; usize::try_from(BLOCK).unwrap_or_default()];
    let read = File::open(file).and_then(|file| fill(&file, &mut bytes, start));
    bytes.truncate(read.map_err(|cause| Error::file("read", file, &cause))?);
    Ok(bytes)
}

/// Reads until `bytes` is full or the file ends, and returns the number of bytes.
fn fill(file: &File, bytes: &mut [u8], start: u64) -> io::Result<usize> {
    let mut length = 0;
    while length < bytes.len() {
        let at = start.saturating_add(u64::try_from(length).unwrap_or(u64::MAX));
        match file.read_at(&mut bytes[length..], at)? {
            0 => break,
            more => length += more,
        }
    }
    Ok(length)
}

#[cfg(test)]
mod tests {
    use std::os::unix::fs::symlink;

    use crate::dump::binaries::Binary;

    use super::*;

    /// A build of three files, two of which have the same name.
    fn three() -> Binaries {
        let file = |path: &str, name: &str| Binary { path: path.to_owned(), name: name.to_owned() };
        let files = vec![file("/bin/a", "a"), file("/lib/b", "b"), file("/lib64/b", "b")];
        Binaries { build: "0123".to_owned(), files }
    }

    /// The content of each file is its own path.
    fn path(path: &str, start: u64) -> Result<Vec<u8>> {
        let rest = path.get(usize::try_from(start).unwrap()..).map(|rest| rest.as_bytes().to_vec());
        rest.ok_or_else(|| Error::new(Outcome::Bug, "read past the end"))
    }

    fn names(folder: &Path) -> Vec<String> {
        let entries = fs::read_dir(folder).unwrap();
        let mut names: Vec<_> = entries.map(|entry| entry.unwrap().file_name().into_string().unwrap()).collect();
        names.sort();
        names
    }

    #[test]
    fn unfinished_builds_are_deleted_and_complete_ones_stay() {
        let folder = tempfile::tempdir().unwrap();
        for left in ["0123.part", "4567.part42", "89ab"] {
            fs::create_dir(folder.path().join(left)).unwrap();
            fs::write(folder.path().join(left).join("b"), "left").unwrap();
        }
        let build = folder.path().join("0123");
        keep(&build, &three(), path).unwrap();
        assert_eq!(
            (names(folder.path()), names(&build)),
            (vec!["0123".into(), "89ab".into()], vec!["a".into(), "b".into()])
        );
        assert_eq!(fs::read_to_string(build.join("b")).unwrap(), "/lib/b", "the first with this name");
    }

    #[test]
    fn a_complete_build_is_not_read_again() {
        let folder = tempfile::tempdir().unwrap();
        let build = folder.path().join("0123");
        keep(&build, &three(), path).unwrap();
        keep(&build, &three(), |_, _| Err(Error::new(Outcome::Unavailable, "read again"))).unwrap();
    }

    #[test]
    fn a_failed_build_leaves_nothing() {
        let folder = tempfile::tempdir().unwrap();
        let gone = |file: &str, start| match file {
            "/lib/b" => Err(Error::new(Outcome::Unavailable, "gone")),
            _ => path(file, start),
        };
        let failed = keep(&folder.path().join("0123"), &three(), gone);
        assert_eq!(failed.unwrap_err().to_string(), "gone");
        assert!(names(folder.path()).is_empty());
    }

    #[test]
    fn the_total_size_of_a_build_is_limited() {
        let fill = |left| {
            let folder = tempfile::tempdir().unwrap();
            fill_folder(folder.path(), &three(), left, &mut path)
        };
        assert!(fill(12).is_ok());
        let error = fill(11).unwrap_err();
        assert_eq!(error.outcome, Outcome::Io);
        assert_eq!(error.to_string(), "its executable and libraries have more than 4 GiB");
    }

    #[test]
    fn a_link_instead_of_a_build_or_of_their_folder_is_not_followed() {
        let folder = tempfile::tempdir().unwrap();
        fs::create_dir(folder.path().join("theirs")).unwrap();
        for link in ["0123", "binaries"] {
            symlink("theirs", folder.path().join(link)).unwrap();
        }
        for build in ["0123", "binaries/4567"] {
            let error = keep(&folder.path().join(build), &three(), path).unwrap_err();
            assert!(error.to_string().ends_with(" is a link, and is not followed"), "{error}");
        }
        assert!(names(&folder.path().join("theirs")).is_empty());
    }
}

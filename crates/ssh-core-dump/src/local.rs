//! Backtraces made here, of a core dump and the executables and libraries that were fetched with it.

use std::fs::{self, DirBuilder, File, OpenOptions};
use std::io::{self, Write};
use std::os::unix::fs::{DirBuilderExt, FileExt, OpenOptionsExt};
use std::path::Path;
use std::process::{Command, Stdio};
use std::sync::{Mutex, PoisonError};

use emr_core::error::{Error, Outcome, Result};
use emr_core::policy::core_dump::backtrace::{self, GDB};
use emr_core::policy::core_dump::binaries::{self, Binaries};
use emr_core::policy::core_dump::header::Header;
use emr_core::policy::core_dump::memory::{BLOCK, Gap, Memory, Part};
use emr_core::policy::core_dump::python;

/// How much of a file is fetched at most, in bytes.
const LONGEST: u64 = 1 << 30;

/// What the process of the core dump `core` ran, as far as the core dump alone tells.
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

/// Keeps the files of a build in the folder `build`, which is there once all of them are.
pub(crate) fn keep(
    build: &Path,
    binaries: &Binaries,
    mut read: impl FnMut(&str, u64) -> Result<Vec<u8>>,
) -> Result<()> {
    static ONE_AT_A_TIME: Mutex<()> = Mutex::new(());
    // Nodes mostly have the same build, which is to come over once.
    let _guard = ONE_AT_A_TIME.lock().unwrap_or_else(PoisonError::into_inner);
    if build.exists() {
        return Ok(());
    }
    let beside = build.with_extension(format!("part{}", std::process::id()));
    let made = DirBuilder::new().recursive(true).mode(0o700).create(&beside);
    made.map_err(|cause| Error::file("make the folder", &beside, &cause))?;
    for binary in &binaries.files {
        let path = beside.join(&binary.name);
        let file = OpenOptions::new().write(true).create_new(true).mode(0o600).open(&path);
        // Two of one name are rare, and the first that was loaded counts.
        let Ok(mut file) = file else { continue };
        let mut start = 0;
        while start < LONGEST {
            let bytes = match read(&binary.path, start) {
                Err(error) if error.outcome == Outcome::Unavailable => return Err(error),
                read => read.unwrap_or_default(),
            };
            if bytes.is_empty() {
                break;
            }
            file.write_all(&bytes).map_err(|cause| Error::file("write", &path, &cause))?;
            start += u64::try_from(bytes.len()).unwrap_or(LONGEST);
        }
    }
    match fs::rename(&beside, build) {
        // Another run had the same build.
        Err(_) if build.exists() => drop(fs::remove_dir_all(&beside)),
        kept => kept.map_err(|cause| Error::file("name", build, &cause))?,
    }
    Ok(())
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

/// What gdb says, if it is here.
fn gdb(executable: &Path, core: &Path, build: &Path) -> Option<String> {
    let build = build.canonicalize().ok()?;
    let (executable, core) = (executable.canonicalize().ok()?, core.canonicalize().ok()?);
    let mut command = Command::new("gdb");
    // Only what was fetched is looked at: this machine's libraries are others.
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

/// Reads until `bytes` is full or the file ends, and returns how much that is.
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

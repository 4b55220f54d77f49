//! The logs of a step: four files beside its working directory, and copies of them at the
//! cluster's `LogUri`, compressed and named as EMR does it.

use std::fs::{self, File, OpenOptions};
use std::io::{self, BufReader, Read, Seek, SeekFrom, Write};
use std::path::{Path, PathBuf};

use chrono::Local;
use flate2::Compression;
use flate2::write::GzEncoder;

use super::filesystem::location::Location;
use crate::s3::Store;

/// How much of a log's end is searched for its last line.
const TAIL: u64 = 8 * 1024;

/// The logs of a step.
pub(crate) const STEP: [&str; 4] = ["controller", "syslog", "stdout", "stderr"];

/// The logs of a container.
pub(crate) const CONTAINER: [&str; 3] = ["syslog", "stdout", "stderr"];

/// A directory of logs.
#[derive(Clone, Debug)]
pub(crate) struct Logs {
    dir: PathBuf,
}

impl Logs {
    /// Makes the directory and empty logs of these names.
    pub(crate) fn create(dir: &Path, names: &[&str]) -> io::Result<Self> {
        fs::create_dir_all(dir)?;
        let logs = Self { dir: dir.to_owned() };
        for name in names {
            logs.append(name)?;
        }
        Ok(logs)
    }

    /// The file of a log, to be written at its end.
    pub(crate) fn append(&self, name: &str) -> io::Result<File> {
        OpenOptions::new().create(true).append(true).open(self.dir.join(name))
    }

    pub(crate) fn dir(&self) -> &Path {
        &self.dir
    }

    pub(crate) fn path(&self, name: &str) -> PathBuf {
        self.dir.join(name)
    }

    /// Writes a line of what the cluster's own software says, in the form of log4j. A log that
    /// cannot be written must not fail the step.
    pub(crate) fn say(&self, log: &str, level: &str, class: &str, message: &str) {
        let time = Local::now().format("%Y-%m-%d %H:%M:%S,%3f");
        self.write_line(log, &format!("{time} {level} {class} (main): {message}"));
    }

    /// Writes a line as it is.
    pub(crate) fn write_line(&self, log: &str, line: &str) {
        let written = self.append(log).and_then(|mut file| writeln!(file, "{line}"));
        if let Err(error) = written {
            log::warn!("{}: {error}", self.path(log).display());
        }
    }
}

/// Copies every file below `dir`, if it exists, to `to`, compressed. What cannot be copied is left
/// where it is.
pub(crate) fn archive(dir: &Path, store: &Store, to: &Location) {
    let archived = if dir.exists() { archive_dir(dir, store, to) } else { Ok(()) };
    if let Err(error) = archived {
        log::warn!("logs of {} not archived to {}: {error}", dir.display(), to.uri());
    }
}

fn archive_dir(dir: &Path, store: &Store, to: &Location) -> io::Result<()> {
    for entry in fs::read_dir(dir)? {
        let entry = entry?;
        let name = entry.file_name().to_string_lossy().into_owned();
        if entry.file_type()?.is_dir() {
            archive_dir(&entry.path(), store, &to.join(&name))?;
        } else if entry.file_type()?.is_file() {
            archive_file(&entry.path(), store, &to.join(&format!("{name}.gz")))?;
        }
    }
    Ok(())
}

fn archive_file(file: &Path, store: &Store, to: &Location) -> io::Result<()> {
    let compressed = file.with_extension("gz.part");
    let mut encoder = GzEncoder::new(File::create(&compressed)?, Compression::fast());
    io::copy(&mut BufReader::new(File::open(file)?), &mut encoder)?;
    encoder.finish()?;
    let put = to.put_file(store, &compressed);
    fs::remove_file(&compressed)?;
    put
}

/// The last line of a log that says anything, if there is one.
pub(crate) fn last_line(file: &Path) -> Option<String> {
    let mut file = File::open(file).ok()?;
    let size = file.metadata().ok()?.len();
    file.seek(SeekFrom::Start(size.saturating_sub(TAIL))).ok()?;
    let mut tail = Vec::new();
    file.read_to_end(&mut tail).ok()?;
    let text = String::from_utf8_lossy(&tail);
    text.lines().rev().map(str::trim).find(|line| !line.is_empty()).map(str::to_owned)
}

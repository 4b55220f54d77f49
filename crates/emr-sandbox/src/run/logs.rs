//! The logs of a step or a container: files in one directory.

use std::fs::{self, File, OpenOptions};
use std::io::{self, Write};
use std::path::{Path, PathBuf};

use chrono::Local;

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

    /// Opens a log for appending.
    pub(crate) fn append(&self, name: &str) -> io::Result<File> {
        OpenOptions::new().create(true).append(true).open(self.dir.join(name))
    }

    pub(crate) fn dir(&self) -> &Path {
        &self.dir
    }

    pub(crate) fn path(&self, name: &str) -> PathBuf {
        self.dir.join(name)
    }

    /// Writes a line in log4j's format, as the cluster's own software does. A failure is a warning: the step does not
    /// fail because of its logs.
    pub(crate) fn log(&self, log: &str, level: &str, class: &str, message: &str) {
        let time = Local::now().format("%Y-%m-%d %H:%M:%S,%3f");
        self.write_line(log, &format!("{time} {level} {class} (main): {message}"));
    }

    /// Writes a line unchanged.
    pub(crate) fn write_line(&self, log: &str, line: &str) {
        let written = self.append(log).and_then(|mut file| writeln!(file, "{line}"));
        if let Err(error) = written {
            log::warn!("cannot write the log {}: {error}", self.path(log).display());
        }
    }
}

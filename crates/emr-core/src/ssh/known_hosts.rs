//! The host keys of a job flow's nodes: each is pinned when it is first seen, and that is said.

use std::fs::{DirBuilder, OpenOptions};
use std::io;
use std::os::unix::fs::{DirBuilderExt, OpenOptionsExt};
use std::path::{Path, PathBuf};
use std::process::Command;

use crate::error::{Error, Result};

/// The file of the pinned keys, and what was in it before.
pub(super) struct KnownHosts {
    file: PathBuf,
    before: String,
}

impl KnownHosts {
    /// Makes `file`, which nobody else may read, if it is not there.
    pub(super) fn at(file: &Path) -> Result<Self> {
        let failed = |cause: io::Error| Error::file("make", file, &cause);
        let folder = file.parent().unwrap_or(Path::new("/"));
        DirBuilder::new().recursive(true).mode(0o700).create(folder).map_err(failed)?;
        OpenOptions::new().append(true).create(true).mode(0o600).open(file).map_err(failed)?;
        let before = std::fs::read_to_string(file).map_err(failed)?;
        Ok(Self { file: file.to_owned(), before })
    }

    /// Says which keys were pinned since.
    pub(super) fn tell_new(&self) {
        let now = std::fs::read_to_string(&self.file).unwrap_or_default();
        if now == self.before {
            return;
        }
        let known: Vec<_> = self.before.lines().filter_map(host).collect();
        // One line a key: 256 SHA256:… HOST (ED25519)
        let prints = Command::new("ssh-keygen").arg("-lf").arg(&self.file).output();
        let prints = prints.map(|output| String::from_utf8_lossy(&output.stdout).into_owned()).unwrap_or_default();
        for line in prints.lines() {
            if let [_, print, host, ..] = line.split(' ').collect::<Vec<_>>()[..]
                && !known.contains(&host)
            {
                log::info!("pinned host key {print} of {host}");
            }
        }
    }
}

fn host(line: &str) -> Option<&str> {
    line.split(' ').next()
}

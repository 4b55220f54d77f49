//! The host keys of a job flow's nodes. Each is pinned when first seen, with a message.

use std::fs::{DirBuilder, OpenOptions};
use std::io;
use std::os::unix::fs::{DirBuilderExt, OpenOptionsExt};
use std::path::{Path, PathBuf};
use std::process::Command;

use emr_core::error::{Error, Outcome, Result};

use crate::reach::Reach;

/// The file of pinned keys, and its content before the session.
pub(super) struct KnownHosts {
    file: PathBuf,
    before: String,
}

/// Creates the file for host keys, readable only by the user, if it is missing. Needed before an `ssh` without a
/// [`Session`](super::Session).
pub fn make_place(reach: &Reach) -> Result<()> {
    let file = &reach.known_hosts;
    let failed = |cause: io::Error| Error::file("make", file, &cause);
    let folder = file.parent().unwrap_or(Path::new("/"));
    DirBuilder::new().recursive(true).mode(0o700).create(folder).map_err(failed)?;
    // Opening a FIFO would block, here and in ssh.
    if std::fs::metadata(file).is_ok_and(|there| !there.is_file()) {
        let message = format!("{} is not a regular file, so it cannot hold host keys", file.display());
        return Err(Error::new(Outcome::Io, message).advise("remove it"));
    }
    OpenOptions::new().append(true).create(true).mode(0o600).open(file).map_err(failed)?;
    Ok(())
}

impl KnownHosts {
    /// The file that `reach` names.
    pub(super) fn of(reach: &Reach) -> Result<Self> {
        make_place(reach)?;
        let file = reach.known_hosts.clone();
        let before = std::fs::read_to_string(&file).map_err(|cause| Error::file("read", &file, &cause))?;
        Ok(Self { file, before })
    }

    /// Reports the keys that were pinned since.
    pub(super) fn tell_new(&self) {
        let now = std::fs::read_to_string(&self.file).unwrap_or_default();
        if now == self.before {
            return;
        }
        let known: Vec<_> = self.before.lines().filter_map(host).collect();
        // A line per key: 256 SHA256:… HOST (ED25519)
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

mod fetching;
mod links;
mod listing;
mod pythons;

use std::fs::{self, File};
use std::os::unix::fs::FileExt;
use std::path::{Path, PathBuf};
use std::process::Command;
use std::time::Duration;

use emr_core::error::{Error, Outcome, Result};
use emr_ssh::reach::{self, Mark};
use tempfile::TempDir;

use super::*;

const MIB: u64 = 1 << 20;

/// The helper, run without `ssh`.
fn open() -> Link {
    connect(marked(&words(false))).unwrap()
}

/// A command that prints the mark and runs `words`.
fn marked(words: &[impl AsRef<str>]) -> Command {
    let mut command = Command::new("sh");
    command.args(["-c", &reach::marked(words, &mark())]);
    command
}

fn mark() -> Mark {
    Mark::new("test")
}

fn connect(command: Command) -> Result<Link> {
    connect_within(PATIENCE, command)
}

fn connect_within(limit: Duration, mut command: Command) -> Result<Link> {
    let explain = |_, _, said: &[u8]| Error::new(Outcome::Denied, String::from_utf8_lossy(said));
    Link::open(&mut command, &mark(), limit, Box::new(explain))
}

/// A core dump of `size` bytes with data at `places`; only its head is valid.
fn core(path: &Path, size: u64, places: &[u64]) {
    let file = File::create(path).unwrap();
    file.set_len(size).unwrap();
    let mut head = b"\x7fELF\x02\x01\x01".to_vec();
    head.resize(64, 0);
    head[16] = 4;
    file.write_all_at(&head, 0).unwrap();
    for place in places {
        let data: Vec<u8> = (0..8192_u64).map(|byte| u8::try_from((byte * byte + place) % 251).unwrap()).collect();
        file.write_all_at(&data, *place).unwrap();
    }
}

/// A node's folder with a core dump of about 9 MiB, mostly holes, and the path to fetch it to.
fn node() -> (TempDir, PathBuf, PathBuf) {
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join("core.x.1");
    core(&path, 9 * MIB + 77, &[MIB - 4096, 4 * MIB + 5000, 7 * MIB]);
    let whole = folder.path().join("here/i-1/x.core");
    (folder, path, whole)
}

fn find(link: &mut Link, folder: &Path) -> Vec<FoundCore> {
    list(link, &[folder.to_str().unwrap().to_owned()]).unwrap().found
}

/// A helper in whose text each first string is replaced by the second.
fn helper_with(changes: &[(&str, &str)]) -> Link {
    let text = changes.iter().fold(link::HELPER.to_owned(), |text, (place, changed)| {
        assert!(text.contains(place), "{place}");
        text.replace(place, changed)
    });
    connect_within(Duration::from_secs(3), marked(&["python3", "-c", &text])).unwrap()
}

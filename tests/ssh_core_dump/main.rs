//! ssh-core-dump against hosts that run sshd, and core dumps of real crashes.

#![expect(clippy::unwrap_used, reason = "a test that cannot go on fails")]

mod crash;

use std::fs;
use std::os::unix::fs::MetadataExt;
use std::path::{Path, PathBuf};
use std::process::Command;

use crash::{crash, plant};
use harness::{Hosts, Ran, Sandbox, Tools};
use serde_json::Value;

const TOOL: &str = env!("CARGO_BIN_EXE_ssh-core-dump");
const MIB: u64 = 1 << 20;

/// Hosts, a sandbox that has their job flow, and a folder to fetch to.
struct Field {
    hosts: Hosts,
    sandbox: Sandbox,
}

impl Field {
    fn new(slaves: usize) -> Option<Self> {
        let tools = Tools::beside(TOOL);
        let hosts = Hosts::start(slaves)?;
        let sandbox = hosts.sandbox(&tools);
        Some(Self { hosts, sandbox })
    }

    fn command(&self, args: &[&str]) -> Command {
        let mut command = self.hosts.tool(&self.sandbox, "ssh-core-dump");
        command.arg(Hosts::JOB_FLOW).args(args);
        command
    }

    fn run(&self, args: &[&str]) -> Ran {
        Ran::of(&mut self.command(args))
    }

    /// Where core dumps of a node come to.
    fn here(&self, node: usize) -> PathBuf {
        self.sandbox.folder().join("cores").join(Hosts::JOB_FLOW).join(Hosts::id(node))
    }

    /// The local file that a record names.
    fn file(&self, record: &Value) -> PathBuf {
        self.sandbox.folder().join(record["file"].as_str().unwrap())
    }

    fn cores(&self, node: usize) -> PathBuf {
        self.hosts.folder(node).join("tmp/cores")
    }
}

fn names(folder: &Path) -> Vec<String> {
    let Ok(entries) = fs::read_dir(folder) else { return Vec::new() };
    let mut names: Vec<_> = entries.map(|entry| entry.unwrap().file_name().into_string().unwrap()).collect();
    names.sort();
    names
}

#[test]
fn real_crashes_are_listed_fetched_once_and_deleted_when_that_is_asked() {
    let Some(field) = Field::new(2) else { return };
    let planted: Vec<_> = (0..=2).map(|node| crash(&field.hosts, node)).collect();

    let listed = field.run(&["--list"]).ok().records();
    assert_eq!(listed.len(), 3);
    for (record, planted) in listed.iter().zip(&planted) {
        assert_eq!((&record["signal"], &record["signal_name"]), (&11.into(), &"SIGSEGV".into()), "{record}");
        assert_eq!(record["program"], "python3");
        assert!(record["executable"].as_str().unwrap().starts_with("/usr/bin/python3"), "{record}");
        assert_eq!(record["bytes"], fs::metadata(planted).unwrap().len());
        assert!(record["pid"].as_i64().unwrap() > 1 && record["time"].as_str().unwrap().ends_with('Z'));
        assert!(record.get("sha256").is_none() && !field.file(record).exists());
    }
    assert_eq!(listed[1]["node"], Hosts::id(1));

    let fetched = field.run(&[]).ok().records();
    assert_eq!(fetched.len(), 3);
    for record in &fetched {
        let original = &planted
            [if record["node"] == "i-0master" { 0 } else { record["node"].as_str().unwrap()[7..].parse().unwrap() }];
        let file = field.file(record);
        assert!(fs::read(&file).unwrap() == fs::read(original).unwrap(), "the same bytes");
        assert_eq!(fs::metadata(&file).unwrap().mode() & 0o777, 0o600);
        let sum = Command::new("sha256sum").arg(&file).output().unwrap().stdout;
        assert!(String::from_utf8(sum).unwrap().starts_with(record["sha256"].as_str().unwrap()));
    }

    let before: Vec<_> = (0..=2).map(|node| fs::metadata(field.here(node)).unwrap().mtime_nsec()).collect();
    let again = field.run(&[]).ok().records();
    assert_eq!(again.len(), 3);
    assert!(again.iter().all(|record| fetched.contains(record)), "{again:?} {fetched:?}");
    let after: Vec<_> = (0..=2).map(|node| fs::metadata(field.here(node)).unwrap().mtime_nsec()).collect();
    assert_eq!(before, after, "nothing was written");

    field.run(&["--delete-after", "--node", "i-0slave1"]).fails(77, "Operation not permitted");
}

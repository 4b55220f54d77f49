//! ssh-core-dump against hosts that run sshd, and core dumps of real crashes.

#![expect(clippy::unwrap_used, reason = "a test that cannot go on fails")]

mod broken;
mod crash;
mod hostile;
mod traces;

use std::fs;
use std::os::unix::fs::MetadataExt;
use std::path::{Path, PathBuf};
use std::process::Command;

use harness::{Hosts, Ran, Sandbox, Tools};
use serde_json::Value;

use crash::{crash, plant};

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

    /// The same where a crash leaves a core dump.
    fn with_crashes(slaves: usize) -> Option<Self> {
        if harness::leaves_core_dumps() { Self::new(slaves) } else { None }
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

/// That `record` tells of the core dump `planted`.
fn assert_listed(record: &Value, planted: &Path) {
    assert_eq!((&record["signal"], &record["signal_name"]), (&11.into(), &"SIGSEGV".into()), "{record}");
    assert_eq!(record["program"], "python3");
    assert!(record["executable"].as_str().unwrap().starts_with("/usr/bin/python3"), "{record}");
    assert_eq!(record["bytes"], fs::metadata(planted).unwrap().len());
    assert!(record["pid"].as_i64().unwrap() > 1 && record["time"].as_str().unwrap().ends_with('Z'));
}

/// That `file` is what `planted` is, for its owner alone, and as `record` tells.
fn assert_fetched(record: &Value, file: &Path, planted: &Path) {
    assert!(fs::read(file).unwrap() == fs::read(planted).unwrap(), "the same bytes");
    assert_eq!(fs::metadata(file).unwrap().mode() & 0o777, 0o600);
    let sum = Command::new("sha256sum").arg(file).output().unwrap().stdout;
    assert!(String::from_utf8(sum).unwrap().starts_with(record["sha256"].as_str().unwrap()));
}

#[test]
fn real_crashes_are_listed_and_fetched_once_and_nothing_is_left_on_the_nodes() {
    let Some(field) = Field::with_crashes(2) else { return };
    let planted: Vec<_> = (0..=2).map(|node| crash(&field.hosts, node)).collect();
    let left = field.hosts.exec(1, &["find", "/tmp", "/home", "/mnt"]).stdout;

    let listed = field.run(&["--list"]).ok().records();
    assert_eq!(listed.len(), 3);
    for (record, planted) in listed.iter().zip(&planted) {
        assert_listed(record, planted);
        assert!(record.get("sha256").is_none() && !field.file(record).exists());
    }
    assert_eq!(listed[1]["node"], Hosts::id(1));

    let fetched = field.run(&[]).ok().records();
    assert_eq!(fetched.len(), 3);
    for record in &fetched {
        let node = (0..=2).find(|node| record["node"] == Hosts::id(*node)).unwrap();
        assert_fetched(record, &field.file(record), &planted[node]);
    }

    let written = || (0..=2).map(|node| fs::metadata(field.here(node)).unwrap().mtime_nsec()).collect::<Vec<_>>();
    let before = written();
    let again = field.run(&[]).ok().records();
    assert_eq!(again.len(), 3);
    assert!(again.iter().all(|record| fetched.contains(record)), "{again:?} {fetched:?}");
    assert_eq!(before, written(), "nothing was written");
    assert_eq!(field.hosts.exec(1, &["find", "/tmp", "/home", "/mnt"]).stdout, left);
}

#[test]
fn a_login_shell_that_prints_is_in_no_record_and_no_core_dump() {
    let Some(field) = Field::new(1) else { return };
    let planted = field.cores(1).join("core.x");
    plant(&planted, 3 * MIB, &[4096, 2 * MIB]);
    let quiet = field.run(&["--list"]).ok().record();
    (0..2).for_each(|node| field.hosts.make_noisy(node));
    assert_eq!(field.run(&["--list"]).ok().record(), quiet);
    let record = field.run(&[]).ok().record();
    assert_fetched(&record, &field.file(&record), &planted);
}

#[test]
fn only_what_is_new_and_short_enough_is_fetched() {
    let Some(field) = Field::new(1) else { return };
    plant(&field.cores(1).join("core.long"), 3 * MIB, &[]);
    plant(&field.cores(1).join("core.old"), MIB, &[]);
    plant(&field.cores(1).join("core.new"), MIB, &[]);
    let old = Command::new("touch").args(["-d", "2 hours ago"]).arg(field.cores(1).join("core.old")).status();
    assert!(old.unwrap().success());
    let paths = |args: &[&str]| -> Vec<String> {
        let records = field.run(args).ok().records();
        records.iter().map(|record| record["path"].as_str().unwrap().to_owned()).collect()
    };
    assert_eq!(paths(&["--list", "--newer-than", "1h"]), ["/tmp/cores/core.long", "/tmp/cores/core.new"]);
    assert_eq!(paths(&["--newer-than", "1h", "--max-bytes", "2000000"]), ["/tmp/cores/core.new"]);
    assert_eq!(paths(&["--list", "--role", "task,core"]).len(), 3);
    for none in [&["--list", "--role", "master"][..], &["--newer-than", "0s"], &["--dir", "/mnt"]] {
        let ran = field.run(none);
        assert_eq!((ran.code, ran.stdout.as_str()), (Some(1), ""), "{ran:?}");
        assert!(ran.stderr.contains("there is no core dump"), "{ran:?}");
    }
}

#[test]
fn what_has_come_over_is_deleted_where_that_is_asked_and_only_while_it_is_sound_here() {
    let Some(field) = Field::new(1) else { return };
    let (first, second) = (field.cores(1).join("core.1"), field.cores(1).join("core.2"));
    plant(&first, 2 * MIB, &[MIB]);
    let record = field.run(&["--delete-after"]).ok().record();
    assert!(!first.exists() && fs::metadata(field.file(&record)).unwrap().len() == 2 * MIB);

    plant(&second, MIB, &[]);
    let record = field.run(&[]).ok().record();
    let file = field.file(&record);
    let mut spoiled = fs::read(&file).unwrap();
    spoiled[500] ^= 1;
    fs::write(&file, spoiled).unwrap();
    let ran = field.run(&["--delete-after"]);
    assert_eq!(ran.code, Some(74), "{ran:?}");
    assert!(ran.stderr.contains("has changed since it was fetched"), "{ran:?}");
    assert!(second.exists());
}

#[test]
fn forty_nodes_are_fetched_from_in_one_go() {
    let Some(field) = Field::new(40) else { return };
    for node in 0..=40 {
        plant(&field.cores(node).join("core.x"), MIB + 1, &[4096]);
    }
    let records = field.run(&["--backtrace", "none", "--ssh-connect-timeout", "60s"]).ok().records();
    assert_eq!(records.len(), 41);
    for record in records {
        assert_eq!(fs::metadata(field.file(&record)).unwrap().len(), MIB + 1, "{record}");
    }
}

#[test]
fn job_flows_come_by_stdin_and_one_that_is_gone_does_not_keep_the_others() {
    let Some(field) = Field::new(0) else { return };
    plant(&field.cores(0).join("core.x"), MIB, &[]);
    let mut command = field.hosts.tool(&field.sandbox, "ssh-core-dump");
    let record = format!("j-GONE\n{{\"job_flow_id\":\"{}\"}}\n", Hosts::JOB_FLOW);
    let ran = Ran::with_stdin(command.arg("--list"), &record);
    assert_eq!(ran.code, Some(2), "{ran:?}");
    assert_eq!(ran.records().len(), 1);
    assert!(ran.stderr.contains("j-GONE"), "{ran:?}");
}

#[test]
fn the_example_pulls_from_job_flows_on_which_a_step_failed() {
    // The AWS CLI is installed by scripts/test.
    let (Some(field), Some(clients)) = (Field::new(0), std::env::var_os("EMR_TOOLS_CLIENTS")) else { return };
    plant(&field.cores(0).join("core.x"), MIB, &[]);
    let example = Path::new(env!("CARGO_MANIFEST_DIR")).join("../../scripts/examples/core-dumps");
    let run = || {
        let tool = field.hosts.tool(&field.sandbox, "ssh-core-dump");
        let mut words: Vec<_> = tool.get_args().map(std::ffi::OsString::from).collect();
        let at = words.iter().position(|word| word.to_string_lossy().ends_with("/ssh-core-dump")).unwrap();
        words.splice(at..=at, [example.clone().into_os_string(), "pulled".into()]);
        let mut command = Command::new(tool.get_program());
        command.args(words).current_dir(field.sandbox.folder());
        for (key, value) in tool.get_envs() {
            command.env(key, value.unwrap_or_default());
        }
        command.env("PATH", Tools::beside(TOOL).path(&[Path::new(&clients)]));
        Ran::of(&mut command)
    };
    assert_eq!(run().code, Some(0), "no step has failed: there is nothing to do");
    let step = field.sandbox.run("add-step", &[Hosts::JOB_FLOW, "--", "false"]).ok().stdout;
    assert_eq!(Ran::with_stdin(&mut field.sandbox.tool("wait-step"), &step).code, Some(1));
    let record = run().ok().record();
    assert!(record["file"].as_str().unwrap().starts_with("pulled/"), "{record}");
}

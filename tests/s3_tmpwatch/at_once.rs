//! Sweeps and uploads at the same time, and sweeps that end early.

use std::process::{Command, Stdio};

use harness::Ran;
use serde_json::Value;

use crate::{object, told, watch, with_objects};

/// Enough uploads for three pages.
fn uploads() -> Vec<Value> {
    (0..2100).map(|number| object(format!("scratch/files/{number:064x}/x"), 31)).collect()
}

#[test]
fn two_sweeps_at_once_delete_each_upload_once() {
    let sandbox = with_objects(&uploads(), &[]);
    let start = || {
        let mut command = sandbox.tool("s3-tmpwatch");
        command.args(["--no-conf", "30d", "s3://bucket/scratch/"]).stdin(Stdio::null());
        command.stdout(Stdio::piped()).stderr(Stdio::piped()).spawn().unwrap()
    };
    let sweeps = [start(), start()].map(|child| Ran::from(child.wait_with_output().unwrap()).ok());
    let mut all: Vec<_> = sweeps.iter().flat_map(told).collect();
    all.sort();
    assert_eq!(all.len(), 2100);
    all.dedup();
    assert_eq!(all.len(), 2100, "none is told twice");
    assert_eq!(sandbox.keys("scratch/"), ["scratch/locks/s3-tmpwatch"]);
}

#[test]
fn a_sweep_that_was_killed_leaves_nothing_that_the_next_one_does_not_finish() {
    let sandbox = with_objects(&uploads(), &["--fault", "DeleteObjects:delay:1:5s"]);
    let mut command = sandbox.tool("s3-tmpwatch");
    let mut child = command.args(["--no-conf", "30d", "s3://bucket/scratch/"]).stdout(Stdio::null()).spawn().unwrap();
    while sandbox.object("scratch/locks/s3-tmpwatch").is_none_or(|lock| !lock.contains("held")) {}
    child.kill().unwrap();
    child.wait().unwrap();
    // Its lock would run out a minute later.
    let held: Value = serde_json::from_str(&sandbox.object("scratch/locks/s3-tmpwatch").unwrap()).unwrap();
    let token = held["token"].as_str().unwrap();
    let _ = sandbox.run("s3-lock", &["release", "--token", token, "s3://bucket/scratch/locks/s3-tmpwatch"]).ok();
    let _ = watch(&sandbox, &["30d", "s3://bucket/scratch/"]).ok();
    assert_eq!(sandbox.keys("scratch/"), ["scratch/locks/s3-tmpwatch"]);
}

#[test]
fn a_sweep_that_is_interrupted_tells_what_it_has_deleted() {
    let sandbox = with_objects(&uploads(), &["--fault", "DeleteObjects:delay:1:2s"]);
    let mut command = sandbox.tool("s3-tmpwatch");
    command.args(["--no-conf", "30d", "s3://bucket/scratch/"]).stdin(Stdio::null());
    let child = command.stdout(Stdio::piped()).stderr(Stdio::piped()).spawn().unwrap();
    while sandbox.object("scratch/locks/s3-tmpwatch").is_none_or(|lock| !lock.contains("held")) {}
    assert!(Command::new("kill").args(["-INT", &child.id().to_string()]).status().unwrap().success());
    let ran = Ran::from(child.wait_with_output().unwrap());
    assert_eq!(ran.code, Some(130), "{ran:?}");
    let left = uploads().len() - told(&ran).len();
    let next = watch(&sandbox, &["30d", "s3://bucket/scratch/"]).ok();
    assert_eq!(next.records().len(), left, "{}", ran.stderr);
}

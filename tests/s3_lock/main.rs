//! s3-lock against the sandbox.

#![expect(clippy::unwrap_used, reason = "a test that cannot go on fails")]

mod history;
mod run;
mod stores;
mod terminal;
mod trial;

use std::process::{Command, Stdio};
use std::time::{Duration, Instant};

use harness::{Ran, Sandbox, Tools};
use serde_json::Value;

const TOOL: &str = env!("CARGO_BIN_EXE_s3-lock");
const LOCK: &str = "s3://bucket/locks/nightly";

fn sandbox(args: &[&str]) -> Sandbox {
    Sandbox::start(&Tools::beside(TOOL), args)
}

fn lock(sandbox: &Sandbox, args: &[&str]) -> Ran {
    sandbox.run("s3-lock", args)
}

fn piped(sandbox: &Sandbox, args: &[&str], record: &Value) -> Ran {
    Ran::with_stdin(sandbox.tool("s3-lock").args(args), &format!("{record}\n"))
}

#[test]
fn a_lock_is_one_holder_s_until_it_is_given_back_and_its_generation_grows() {
    let sandbox = sandbox(&[]);
    let first = lock(&sandbox, &["acquire", LOCK]).ok().record();
    assert_eq!((&first["state"], &first["ttl_s"], &first["lock_uri"]), (&"held".into(), &60.into(), &LOCK.into()));
    let busy = lock(&sandbox, &["acquire", LOCK, "-n"]);
    assert_eq!((busy.code, busy.stdout.as_str()), (Some(1), ""));
    assert!(busy.stderr.contains("held by tester@"), "{busy:?}");
    assert_eq!(lock(&sandbox, &["acquire", LOCK, "-n", "-E", "17"]).code, Some(17));
    let shown = lock(&sandbox, &["show", LOCK]).ok().record();
    assert_eq!((&shown["state"], &shown["token"]), (&"held".into(), &Value::Null), "the token is its holder's alone");
    assert_eq!(piped(&sandbox, &["release"], &first).ok().record()["state"], "free");
    assert_eq!(lock(&sandbox, &["show", LOCK]).ok().record()["state"], "free");
    let second = lock(&sandbox, &["acquire", LOCK]).ok().record();
    assert!(second["generation"].as_u64() > first["generation"].as_u64(), "{first} {second}");
    piped(&sandbox, &["release"], &first).fails(1, "is not held under this token");
    assert_eq!(lock(&sandbox, &["show", "s3://bucket/none"]).ok().record()["state"], "absent");
}

#[test]
fn a_lease_is_renewed_by_whoever_knows_the_token() {
    let sandbox = sandbox(&[]);
    let record = lock(&sandbox, &["acquire", LOCK, "--ttl", "90", "--token", "mine"]).ok().record();
    let renewed = piped(&sandbox, &["renew"], &record).ok().record();
    assert_eq!((&renewed["ttl_s"], &renewed["generation"]), (&90.into(), &record["generation"]));
    let again = lock(&sandbox, &["acquire", LOCK, "--token", "mine"]).ok().record();
    assert_eq!(again["generation"], record["generation"], "who has it has it still");
    lock(&sandbox, &["renew", LOCK, "--token", "other"]).fails(1, "is not held under this token; tester@");
    let claim = serde_json::json!({"job_flow_id": "j-A", "claim": record});
    piped(&sandbox, &["release"], &claim).ok();
}

#[test]
fn whoever_waits_gets_it_when_it_runs_out() {
    let sandbox = sandbox(&[]);
    let began = Instant::now();
    let first = lock(&sandbox, &["acquire", LOCK, "--ttl", "1"]).ok().record();
    let second = lock(&sandbox, &["acquire", LOCK, "--wait", "30s"]).ok().record();
    assert!(began.elapsed() >= Duration::from_secs(1), "not before it has run out");
    assert_eq!(second["generation"].as_u64(), first["generation"].as_u64().map(|generation| generation + 1));
    assert_eq!(lock(&sandbox, &["acquire", LOCK, "-w", "0.2"]).code, Some(1));
}

#[test]
fn answers_that_are_lost_or_late_leave_one_holder() {
    for fault in
        ["PutObject:drop-response:3", "PutObject:error-500:2", "GetObject:drop-request:2", "PutObject:drop-request:3"]
    {
        let sandbox = sandbox(&["--fault", fault]);
        let record = lock(&sandbox, &["acquire", LOCK]).ok().record();
        assert_eq!(lock(&sandbox, &["acquire", LOCK]).code, Some(1), "{fault}");
        piped(&sandbox, &["release"], &record).ok();
        lock(&sandbox, &["acquire", LOCK]).ok();
    }
}

#[test]
fn of_many_who_want_it_at_once_one_gets_it() {
    let sandbox = sandbox(&["--fault", "PutObject:drop-response:4"]);
    let contenders: Vec<_> = (0..24)
        .map(|_| sandbox.tool("s3-lock").args(["acquire", LOCK, "-q"]).stdout(Stdio::null()).spawn().unwrap())
        .collect();
    let codes: Vec<_> = contenders.into_iter().map(|mut child| child.wait().unwrap().code()).collect();
    assert_eq!(codes.iter().filter(|code| **code == Some(0)).count(), 1, "{codes:?}");
    assert_eq!(codes.iter().filter(|code| **code == Some(1)).count(), 23, "{codes:?}");
}

#[test]
fn a_lock_that_nobody_gets_to_know_of_is_given_back() {
    let sandbox = sandbox(&[]);
    let mut acquire = sandbox.tool("s3-lock").args(["acquire", LOCK]).stdout(Stdio::piped()).spawn().unwrap();
    drop(acquire.stdout.take());
    assert_eq!(acquire.wait().unwrap().code(), Some(0));
    assert_eq!(lock(&sandbox, &["show", LOCK]).ok().record()["state"], "free");
}

#[test]
fn a_user_with_a_long_name_leaves_a_lock_that_can_be_read() {
    let sandbox = sandbox(&[]);
    let _ = Ran::of(sandbox.tool("s3-lock").args(["acquire", LOCK]).env("USER", "u".repeat(20_000))).ok();
    assert_eq!(lock(&sandbox, &["show", LOCK]).ok().record()["state"], "held");
    lock(&sandbox, &["acquire", "s3://bucket/"]).fails(2, "names no object");
}

#[test]
fn what_is_no_lock_stays_as_it_is() {
    let sandbox = sandbox(&[]);
    let url = format!("{}/bucket/file", sandbox.endpoint());
    assert!(Command::new("curl").args(["-fs", "-X", "PUT", "-d", "precious", &url]).status().unwrap().success());
    for action in ["acquire", "show"] {
        lock(&sandbox, &[action, "s3://bucket/file"]).fails(2, "the object is not a lock");
    }
    assert_eq!(sandbox.object("file").unwrap(), "precious");
    lock(&sandbox, &["acquire", "s3://nowhere/x"]).fails(2, "NoSuchBucket");
    lock(&sandbox, &["acquire", "nowhere"]).fails(2, "not a place on S3");
}

#[test]
fn s3_that_cannot_be_asked_is_no_lock() {
    let sandbox = sandbox(&["--fault", "PutObject:deny:9"]);
    lock(&sandbox, &["acquire", LOCK]).fails(77, "denies PutObject");
    let ran = Ran::of(sandbox.tool("s3-lock").args(["acquire", LOCK, "--endpoint-url", "http://127.0.0.1:1"]));
    ran.fails(69, "cannot reach AWS");
}

#[test]
fn a_probe_finds_the_sandbox_fit() {
    let sandbox = sandbox(&[]);
    let ran = lock(&sandbox, &["probe", "s3://bucket/locks/"]).ok();
    assert!(ran.records().iter().all(|finding| finding["honoured"] == true), "{ran:?}");
    assert_eq!(sandbox.requests("DeleteObject").len(), 3, "nothing stays behind");
}

#[test]
fn a_probe_without_a_clear_answer_finds_no_store_unfit() {
    for (fault, code) in [("PutObject:throttle:1", 75), ("PutObject:drop-response:1", 69)] {
        let ran = lock(&sandbox(&["--fault", fault]), &["probe", "s3://bucket/locks/"]);
        assert_eq!((ran.code, ran.stdout.as_str()), (Some(code), ""), "{ran:?}");
    }
}

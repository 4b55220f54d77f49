//! Clocks that differ: between processes, from the truth, and from the store's.
//!
//! The lease of a holder is counted by the clock of its machine since the boot. Time namespaces give each process such
//! a clock of its own. That a machine's clock is too slow is the same as that the store's is too fast: a proxy changes
//! the times in the store's answers, so the tools need no code for this test.

use std::collections::BTreeSet;
use std::path::{Path, PathBuf};
use std::process::Command;
use std::sync::Arc;
use std::sync::atomic::{AtomicUsize, Ordering::Relaxed};
use std::time::SystemTime;

use chrono::{DateTime, NaiveDateTime, Utc};
use harness::{Passing, Proxy, Ran, Sandbox, running_at, skip};

use crate::lost_answers::contest;
use crate::{SCRATCH, pooled, tools, verdict};

const LOCKS: usize = 3;
const YEAR: i64 = 365 * 24 * 3600;

fn lock_of(random: u64) -> String {
    format!("s3://bucket/locks/{}", random % LOCKS as u64)
}

/// Whether this user and this kernel can start a process in a time namespace.
fn has_time_namespaces() -> bool {
    let tried = Command::new("unshare").args(["--time", "--boottime", "1", "--monotonic", "1", "true"]).output();
    let can = tried.is_ok_and(|tried| tried.status.success());
    if !can {
        skip("time namespaces need root, Linux 5.6 and util-linux 2.36");
    }
    can
}

/// A tool that sees a clock of its own since the boot, up to ten years ahead.
fn elsewhere(sandbox: &Sandbox, random: u64, name: &str, args: &[&str]) -> Command {
    let ahead = (random % (10 * YEAR.unsigned_abs())).to_string();
    let apart = ["unshare", "--time", "--boottime", &ahead, "--monotonic", &ahead, "--"];
    let mut command = tools().run_by(&apart).command(name);
    sandbox.point(&mut command);
    command.args(args);
    command
}

#[test]
fn processes_whose_clocks_differ_by_years_never_hold_a_lock_at_once() {
    if !has_time_namespaces() {
        return;
    }
    let sandbox = Sandbox::start(&tools(), &[]);
    let take =
        |random| elsewhere(&sandbox, random, "s3-lock", &["acquire", "--nonblock", "--ttl", "1", &lock_of(random / 7)]);
    let story =
        contest(fastrand::u64(..), 1, LOCKS, take, || elsewhere(&sandbox, fastrand::u64(..), "s3-lock", &["release"]));
    story.assert_live(LOCKS);
    assert!(verdict(&sandbox)["clocks"].as_u64() > Some(10), "each process has a clock of its own");
}

/// A library that makes the wall clock of whoever loads it wrong.
fn wrong_wall_clock(sandbox: &Sandbox) -> PathBuf {
    let library = sandbox.folder().join("wall_clock.so");
    let source = concat!(env!("CARGO_MANIFEST_DIR"), "/../../tests/under_trouble/wall_clock.c");
    let made = Command::new("cc").args(["-O1", "-shared", "-fPIC", "-o"]).arg(&library).arg(source).status().unwrap();
    assert!(made.success());
    library
}

#[test]
fn wall_clocks_that_are_wrong_by_years_and_jump_change_nothing() {
    let sandbox = Sandbox::start(&tools(), &[]);
    let library = wrong_wall_clock(&sandbox);
    for _ in 0..LOCKS {
        let _ = pooled(&sandbox, "etl");
    }
    let wrong = |name: &str, args: &[&str]| {
        let mut command = sandbox.tool(name);
        let years = fastrand::i64(-20..20);
        command.args(args).env("LD_PRELOAD", &library).env("WALL_CLOCK_BY_S", (years * YEAR).to_string());
        command.env("WALL_CLOCK_JUMPS_S", "1800");
        command
    };
    let find = ["--pool-name", "etl", "--s3-scratch-uri", SCRATCH, "--ttl", "3"];
    let story = contest(fastrand::u64(..), 3, LOCKS, |_| wrong("find-pool", &find), || wrong("s3-lock", &["release"]));
    story.assert_live(LOCKS);
    let history = std::fs::read_to_string(sandbox.folder().join("lock-history.jsonl")).unwrap();
    let is_wrong = |line: &&str| !line.starts_with(r#"{"time":"202"#);
    assert!(history.lines().filter(is_wrong).count() > 10, "the tools see wrong clocks");
    assert_eq!(verdict(&sandbox)["clocks"], 1);
}

/// Whether a request was signed by a clock that AWS takes for wrong.
fn is_stale(request: &Passing) -> bool {
    let signed = NaiveDateTime::parse_from_str(request.header("x-amz-date"), "%Y%m%dT%H%M%SZ").unwrap();
    let now = DateTime::<Utc>::from(SystemTime::now());
    (now - signed.and_utc()).num_minutes().abs() > 4
}

/// Runs a tool whose wall clock jumps by so many seconds after it has begun, there and back, again and again. It may
/// not take a jump for time that passes: then it would count tenths of a second for minutes.
fn run_with_jumps(sandbox: &Sandbox, library: &Path, jump: i64, words: &[&str], stdin: &str) -> Ran {
    let stale = Arc::<AtomicUsize>::default();
    let seen = Arc::clone(&stale);
    let proxy = Proxy::start(sandbox.endpoint(), move |passing| {
        seen.fetch_add(usize::from(is_stale(passing)), Relaxed);
        true
    });
    let mut command = tools().run_by(&["timeout", "--signal=KILL", "60"]).command(words[0]);
    proxy.point(sandbox.point(&mut command)).env("LD_PRELOAD", library).env("WALL_CLOCK_JUMPS_S", jump.to_string());
    let ran = Ran::with_stdin(command.args(&words[1..]), stdin);
    assert_eq!(stale.load(Relaxed), 0, "all requests are signed by the true time: {ran:?}");
    ran.ok()
}

#[test]
fn a_wall_clock_that_jumps_by_ten_years_during_calls_neither_delays_them_nor_spoils_their_signatures() {
    let sandbox = Sandbox::start(&tools(), &[]);
    let library = wrong_wall_clock(&sandbox);
    let _ = pooled(&sandbox, "etl");
    let lines = "line\n".repeat(1 << 18);
    sandbox.put("out/part-00000", &sandbox.file("part", &lines));
    let script = sandbox.file("job.sh", format!("#!/bin/sh\n: {}\n", "x".repeat(1 << 18)));
    for jump in [10 * YEAR, -10 * YEAR] {
        let run = |words: &[&str], stdin: &str| run_with_jumps(&sandbox, &library, jump, words, stdin);
        let found = run(&["find-pool", "--pool-name", "etl", "--s3-scratch-uri", SCRATCH], "");
        let add = ["add-step", "--s3-scratch-uri", SCRATCH, "--script", script.to_str().unwrap()];
        let added = run(&add, &found.stdout);
        assert_eq!(run(&["wait-step"], &added.stdout).record()["state"], "COMPLETED");
        assert_eq!(run(&["fetch-output", "s3://bucket/out/"], "").stdout, lines);
    }
    let history = std::fs::read_to_string(sandbox.folder().join("lock-history.jsonl")).unwrap();
    let years: BTreeSet<_> = history.lines().filter_map(|line| line.get(9..13)).collect();
    assert_eq!(years.len(), 3, "the tools see the jumps: {years:?}");
}

/// Contenders for locks of a store whose clock runs at `rate` of theirs.
fn contest_at(rate: f64) {
    let sandbox = Sandbox::start(&tools(), &[]);
    let proxy = Proxy::with_clock(sandbox.endpoint(), running_at(rate), |_| true);
    let tool = |args: &[&str]| {
        let mut command = sandbox.tool("s3-lock");
        proxy.point(command.args(args));
        command
    };
    let take = |random| tool(&["acquire", "--nonblock", "--ttl", "3", &lock_of(random)]);
    // To the end of the contest: what counts are the takeovers, and they are few.
    contest(fastrand::u64(..), 3, usize::MAX, take, || tool(&["release"])).assert_live(LOCKS);
    assert!(verdict(&sandbox)["takeovers"].as_u64() > Some(0));
}

#[test]
fn a_machine_s_clock_that_is_a_thirteenth_too_slow_ends_leases_in_time() {
    contest_at(1.0 + 1.0 / 13.0);
}

#[test]
#[ignore = "only holds locks for less long; scripts/test --full runs it"]
fn a_machine_s_clock_that_is_a_tenth_too_fast_ends_leases_early() {
    contest_at(0.9);
}

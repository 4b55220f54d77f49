//! Writes of a lock that the network delivers when the lease is over and the lock is another's.

use std::sync::Mutex;
use std::sync::mpsc::channel;
use std::time::Duration;

use harness::{Passing, Proxy, Ran, Sandbox};

use crate::{OVER, TTL, at_once, pass, tools, verdict};

const LOCK: &str = "s3://bucket/locks/late";

fn lock(sandbox: &Sandbox, args: &[&str]) -> Ran {
    sandbox.run("s3-lock", args)
}

/// Runs `s3-lock` with `args` through a network that keeps its first write of a lock back until another, who has waited
/// for the lease to end, holds the lock. Returns the status of the store's answer to the late write.
fn write_late(sandbox: &Sandbox, args: &[&str]) -> u16 {
    let (deliver, delivered) = channel::<()>();
    let (answer, answered) = channel();
    let kept = Mutex::new(Some(delivered));
    let number = Mutex::new(None);
    let proxy = Proxy::start(sandbox.endpoint(), move |passing: &Passing| {
        let is_it = *number.lock().unwrap() == Some(passing.number);
        if let Some(status) = passing.status.filter(|_| is_it) {
            answer.send(status).unwrap();
            return true;
        }
        let first = if passing.writes_lock() { kept.lock().unwrap().take() } else { None };
        if let Some(delivered) = first {
            *number.lock().unwrap() = Some(passing.number);
            let _ = delivered.recv();
        }
        true
    });
    let mut command = sandbox.tool("s3-lock");
    proxy.point(command.args(args));
    // The tool tries again. The lease that it gets ends here.
    let ran = Ran::of(&mut command).ok();
    pass(OVER);
    let other = lock(sandbox, &["acquire", "--nonblock", "--token", "other", LOCK]).ok();
    deliver.send(()).unwrap();
    let status = answered.recv().unwrap();
    let held = lock(sandbox, &["show", LOCK]).ok().record();
    assert_eq!(held["generation"], other.record()["generation"], "{ran:?}");
    lock(sandbox, &["release", LOCK, "--token", "other"]).ok();
    let verdict = verdict(sandbox);
    assert!(verdict["unclear"].as_u64() > Some(0), "{verdict}");
    status
}

/// What a write is for: what was done with the lock before, and the words of the command that writes.
type Case = (&'static [&'static [&'static str]], &'static [&'static str]);

const MINE: [&str; 4] = ["--ttl", TTL, "--token", "mine"];
const ACQUIRE: &[&str] = &["acquire", LOCK, MINE[0], MINE[1], MINE[2], MINE[3]];

const CASES: [Case; 5] = [
    // Creates the lock, takes a free one, and takes one over.
    (&[], ACQUIRE),
    (&[&["acquire", LOCK, "--token", "first"], &["release", LOCK, "--token", "first"]], ACQUIRE),
    (&[&["acquire", LOCK, "--ttl", "1"]], ACQUIRE),
    (&[ACQUIRE], &["renew", LOCK, MINE[2], MINE[3]]),
    (&[ACQUIRE], &["release", LOCK, MINE[2], MINE[3]]),
];

#[test]
fn a_write_that_comes_when_the_lock_is_another_s_is_refused_whatever_it_is_for() {
    at_once(&CASES, CASES.len(), |(before, write)| {
        let sandbox = Sandbox::start(&tools(), &[]);
        for words in *before {
            lock(&sandbox, words).ok();
        }
        if before.iter().any(|words| words.contains(&"1")) {
            pass(Duration::from_secs(3));
        }
        assert_eq!(write_late(&sandbox, write), 412, "{write:?} after {before:?}");
    });
}

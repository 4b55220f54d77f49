//! The command of `s3-lock run` has ended when its lock is another's, whatever became of `s3-lock`.

use std::fs;
use std::process::{Child, Command};
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering::Relaxed};
use std::time::Duration;

use harness::{Passing, Process, Proxy, Sandbox};

use crate::{TTL, at_once, pass, tools};

const LOCK: &str = "s3://bucket/locks/command";

/// A command that goes on until it is ended, and tells.
const BEATS: &str = "while :; do echo beat >> beats; sleep 0.05; done";

fn beats(sandbox: &Sandbox) -> usize {
    fs::read_to_string(sandbox.folder().join("beats")).unwrap_or_default().len()
}

fn run(sandbox: &Sandbox, proxy: &Proxy) -> Child {
    let mut command: Command = sandbox.tool("s3-lock");
    proxy.point(command.args(["run", LOCK, "--ttl", TTL, "--", "sh", "-c", BEATS]));
    let child = command.spawn().unwrap();
    while beats(sandbox) == 0 {
        pass(Duration::from_millis(10));
    }
    child
}

/// Waits for the lock, and asserts that the command does nothing any more.
fn assert_ended(sandbox: &Sandbox) {
    sandbox.run("s3-lock", &["acquire", LOCK, "--wait", "60s"]).ok();
    let then = beats(sandbox);
    pass(Duration::from_millis(500));
    assert_eq!(beats(sandbox), then, "the command goes on, and the lock is another's");
}

#[test]
fn a_command_has_ended_when_its_lock_is_another_s() {
    let cases: [fn(&Sandbox); 2] = [one_whose_lock_cannot_be_renewed, one_whose_s3_lock_is_killed];
    at_once(&cases, cases.len(), |case| case(&Sandbox::start(&tools(), &[])));
}

fn one_whose_lock_cannot_be_renewed(sandbox: &Sandbox) {
    let is_cut = Arc::<AtomicBool>::default();
    let cut = Arc::clone(&is_cut);
    let proxy = Proxy::start(sandbox.endpoint(), move |_: &Passing| !cut.load(Relaxed));
    let mut child = run(sandbox, &proxy);
    is_cut.store(true, Relaxed);
    assert_ended(sandbox);
    assert!(matches!(child.wait().unwrap().code(), Some(69 | 75)));
}

fn one_whose_s3_lock_is_killed(sandbox: &Sandbox) {
    let proxy = Proxy::start(sandbox.endpoint(), |_: &Passing| true);
    let mut child = run(sandbox, &proxy);
    let process = Process::default();
    process.is(&child);
    process.kill();
    child.wait().unwrap();
    assert_ended(sandbox);
}

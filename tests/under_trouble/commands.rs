//! The command of `s3-lock run` has ended when its lock is another's, whatever became of `s3-lock`. Until then the lock is
//! renewed, and when the command ends it is given back at once.

use std::fs;
use std::process::{Child, Command, Stdio};
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering::Relaxed};
use std::time::Duration;

use harness::{Passing, Process, Proxy, Ran, Sandbox};

use crate::{OVER, TTL, assert_free, at_once, pass, tools};

const LOCK: &str = "s3://bucket/locks/command";

/// A command that goes on until it is ended, and tells.
const BEATS: &str = "while :; do echo beat >> beats; sleep 0.05; done";

fn beats(sandbox: &Sandbox) -> usize {
    fs::read_to_string(sandbox.folder().join("beats")).unwrap_or_default().len()
}

fn run(sandbox: &Sandbox, proxy: &Proxy) -> Child {
    let mut command: Command = sandbox.tool("s3-lock");
    proxy.point(command.args(["run", LOCK, "--ttl", TTL, "--", "sh", "-c", BEATS]));
    let mut child = command.stdout(Stdio::null()).spawn().unwrap();
    while beats(sandbox) == 0 {
        assert!(child.try_wait().unwrap().is_none(), "it has ended before its command began");
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
    let cases: [fn(&Sandbox); 3] =
        [one_whose_lock_cannot_be_renewed, one_whose_s3_lock_is_killed, one_that_leaves_processes_when_it_is_ended];
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

fn one_that_leaves_processes_when_it_is_ended(sandbox: &Sandbox) {
    let script =
        format!("(trap '' TERM; {BEATS}) > /dev/null 2>&1 & while [ ! -s beats ]; do :; done; kill $PPID; wait");
    let ran = sandbox.run("s3-lock", &["run", LOCK, "--ttl", TTL, "--", "sh", "-c", &script]);
    assert_eq!(ran.code, Some(143), "{ran:?}");
    assert_ended(sandbox);
}

#[test]
fn a_lock_is_held_for_as_long_as_its_command_takes_and_is_free_however_it_ends() {
    let sandbox = Sandbox::start(&tools(), &[]);
    // The last one is the shell asking s3-lock to end, which passes that on.
    let commands = [("sleep 8", 0), ("exit 3", 3), ("kill -KILL $$", 137), ("kill $PPID; sleep 60", 143)];
    at_once(&commands, commands.len(), |(script, code)| {
        let uri = format!("s3://bucket/locks/ends-{code}");
        let ran = sandbox.run("s3-lock", &["run", &uri, "--ttl", TTL, "--", "sh", "-c", script]);
        assert_eq!(ran.code, Some(*code), "{script}: {ran:?}");
    });
    assert_free(&sandbox, "locks/ends-");
    let held = ["run", LOCK, "--ttl", TTL, "--", "sh", "-c", "until [ -e go ]; do sleep 0.05; done"].map(str::to_owned);
    let mut command = sandbox.tool("s3-lock");
    let holder = std::thread::spawn(move || Ran::of(command.args(held)));
    pass(OVER);
    assert_eq!(sandbox.run("s3-lock", &["acquire", LOCK, "--nonblock"]).code, Some(1));
    sandbox.file("go", "");
    holder.join().unwrap().ok();
}

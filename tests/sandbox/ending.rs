//! The end of the sandbox is the end of all that its steps have started.

use std::fs::File;
use std::io::{BufRead as _, BufReader};
use std::process::Command;
use std::sync::mpsc;
use std::thread;
use std::time::Duration;

use harness::Sandbox;

use crate::sandbox;

/// How long what was killed may take to be gone.
const PATIENCE: Duration = Duration::from_mins(1);

/// Starts a child in the background, one that ignores SIGTERM and one in a session of its own. Each says so in the fifo,
/// which it holds open as long as it runs.
const FORKS: &str = "sleep 600 & sh -c 'trap \"\" TERM; echo stubborn; sleep 600; sleep 600' & \
    setsid sh -c 'echo daemon; exec sleep 600' & echo leader; wait";

/// A step or a job is running, with all of its processes.
struct Running {
    sandbox: Sandbox,
    /// What they say, until none of them is left.
    lines: mpsc::Receiver<String>,
}

impl Running {
    /// Has `start` start what writes into the fifo that it is given, and waits until all of it runs.
    fn new(start: impl FnOnce(&Sandbox, &str)) -> Self {
        let sandbox = sandbox(&[]);
        let fifo = sandbox.folder().join("fifo");
        assert!(Command::new("mkfifo").arg(&fifo).status().unwrap().success());
        start(&sandbox, fifo.to_str().unwrap());
        let (sender, lines) = mpsc::channel();
        thread::spawn(move || {
            let said = BufReader::new(File::open(fifo).unwrap()).lines();
            for line in said.map_while(Result::ok) {
                drop(sender.send(line));
            }
        });
        let mut first: Vec<_> = (0..3).map(|_| lines.recv_timeout(PATIENCE).unwrap()).collect();
        first.sort_unstable();
        assert_eq!(first, ["daemon", "leader", "stubborn"]);
        Self { sandbox, lines }
    }

    /// A step that runs `script`.
    fn step(script: &str) -> Self {
        Self::new(|sandbox, fifo| {
            let id = sandbox.job_flow(&[]);
            drop(sandbox.shell_step(&id, &format!("exec >{fifo}; {script}")));
        })
    }

    /// Ends the sandbox by `signal`; all of its processes end with it.
    fn ends_with(&mut self, signal: &str) {
        self.sandbox.end(signal);
        assert_eq!(self.lines.recv_timeout(PATIENCE), Err(mpsc::RecvTimeoutError::Disconnected), "{signal}");
    }
}

#[test]
fn a_step_ends_with_the_sandbox_whatever_ends_it() {
    for signal in ["TERM", "INT", "KILL"] {
        Running::step(FORKS).ends_with(signal);
    }
}

#[test]
fn the_tasks_of_a_streaming_job_end_with_the_sandbox() {
    let mut tasks = Running::new(|sandbox, fifo| {
        let id = sandbox.job_flow(&[]);
        let input = sandbox.file("in.txt", "a\n");
        let mapper = sandbox.file("mapper.sh", format!("exec >{fifo}; {FORKS}"));
        let (input, mapper) = (input.to_str().unwrap(), mapper.to_str().unwrap());
        let job = ["--mapper", "sh mapper.sh", "--file", mapper, "--input", input, "--output", "s3://bucket/out"];
        sandbox.run("add-step", &[&[id.as_str(), "--streaming"], &job[..]].concat()).ok();
    });
    tasks.ends_with("KILL");
}

#[test]
fn what_a_step_leaves_in_a_session_of_its_own_ends_with_the_sandbox() {
    let mut left =
        Running::step("for name in daemon leader stubborn; do setsid sh -c \"echo $name; sleep 600 &\"; done");
    let waited = left.sandbox.run("wait-step", &[&left.sandbox.job_flows()[0]]).ok();
    assert_eq!(waited.record()["state"], "COMPLETED");
    left.ends_with("TERM");
}

#[test]
fn the_log_of_a_step_that_the_end_cut_off_says_so() {
    let mut running = Running::step(FORKS);
    running.ends_with("TERM");
    let clusters = running.sandbox.folder().join("data/clusters");
    let found = Command::new("grep").args(["-rlw", "Step interrupted before its end"]).arg(&clusters).output().unwrap();
    assert!(String::from_utf8(found.stdout).unwrap().trim_end().ends_with("/logs/controller"));
}

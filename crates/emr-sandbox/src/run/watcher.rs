//! Kills the processes of steps when the sandbox ends, however it ends.
//!
//! Steps run in their own process groups, so signals to the sandbox's group do not reach them, and a sandbox killed by
//! SIGKILL cannot pass anything on. Therefore a separate process reads a pipe whose write end only the sandbox holds.
//! When the kernel closes it, that process kills every process with the sandbox's mark in its environment. Children of
//! steps inherit the mark, even in another process group or session.
//!
//! Marks are found in `/proc`. On systems without it, steps are killed only at an orderly end.

use std::env;
use std::io;
use std::os::unix::process::CommandExt as _;
use std::process::{Child, Command, Stdio};

/// The environment variable of all processes of steps.
const VARIABLE: &str = "EMR_SANDBOX_STEPS";

const SCRIPT: &str = include_str!("watcher.sh");

/// Marks the processes of this sandbox's steps.
#[derive(Clone, Debug)]
pub(crate) struct Mark(String);

impl Mark {
    /// A unique mark.
    pub(crate) fn new() -> Self {
        Self(uuid::Uuid::new_v4().simple().to_string())
    }

    /// Marks the processes that `command` starts.
    pub(crate) fn set_on(&self, command: &mut Command) {
        command.env(VARIABLE, &self.0);
    }
}

/// The process that waits for the end of the sandbox.
#[derive(Debug)]
pub(crate) struct Watcher(Child);

impl Watcher {
    /// Starts to watch over the processes with `mark`.
    pub(crate) fn start(mark: &Mark) -> io::Result<Self> {
        let mut command = Command::new("sh");
        command.args(["-c", SCRIPT, "emr-sandbox-watcher"]).arg(format!("{VARIABLE}={}", mark.0));
        // It must outlive signals to the sandbox's group. It must not hold a pipe or a directory that others wait for,
        // nor the mark of a sandbox that runs this one in a step.
        command.env_clear().envs(env::var_os("PATH").map(|path| ("PATH", path))).current_dir("/").process_group(0);
        command.stdin(Stdio::piped()).stdout(Stdio::null()).stderr(Stdio::null());
        command.spawn().map(Self)
    }

    /// Kills the processes with the mark, and waits until they are killed.
    pub(crate) fn finish(mut self) {
        drop(self.0.stdin.take());
        if let Err(error) = self.0.wait() {
            log::warn!("cannot wait for the watcher, so processes of steps may still run: {error}");
        }
    }
}

#[cfg(test)]
mod tests {
    use std::os::unix::process::ExitStatusExt as _;

    use super::*;

    #[test]
    fn only_processes_with_the_mark_are_killed() {
        let (ours, others) = (Mark::new(), Mark::new());
        let sleeper = |mark: &Mark| {
            let mut command = Command::new("sleep");
            mark.set_on(&mut command);
            command.arg("60").spawn().unwrap()
        };
        let (mut marked, mut other) = (sleeper(&ours), sleeper(&others));
        Watcher::start(&ours).unwrap().finish();
        assert_eq!(marked.wait().unwrap().signal(), Some(9));
        assert!(other.try_wait().unwrap().is_none());
        other.kill().unwrap();
        other.wait().unwrap();
    }
}

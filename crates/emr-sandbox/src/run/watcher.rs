//! Ends what steps have started when the sandbox ends, however it ends.
//!
//! Steps run in process groups of their own, so no signal to the sandbox's group reaches them, and after a SIGKILL nobody
//! is left to pass it on. Therefore a process beside the sandbox reads a pipe whose other end the sandbox alone has. At the
//! end of the file, for which the kernel sees, it kills all that has the sandbox's mark in its environment. What a step
//! starts inherits the mark, even in another process group or session.
//!
//! Marks are looked for in `/proc`, so on systems without it an orderly end alone ends the steps.

use std::env;
use std::io;
use std::os::unix::process::CommandExt as _;
use std::process::{Child, Command, Stdio};

/// The variable in the environment of all processes of steps.
const VARIABLE: &str = "EMR_SANDBOX_STEPS";

const SCRIPT: &str = include_str!("watcher.sh");

/// What tells the processes of this sandbox's steps from all others.
#[derive(Clone, Debug)]
pub(crate) struct Mark(String);

impl Mark {
    /// A mark that no other sandbox has.
    pub(crate) fn new() -> Self {
        Self(uuid::Uuid::new_v4().simple().to_string())
    }

    /// Marks what `command` starts.
    pub(crate) fn set_on(&self, command: &mut Command) {
        command.env(VARIABLE, &self.0);
    }
}

/// The process that waits for the end of the sandbox.
#[derive(Debug)]
pub(crate) struct Watcher(Child);

impl Watcher {
    /// Starts to watch over what has `mark`.
    pub(crate) fn start(mark: &Mark) -> io::Result<Self> {
        let mut command = Command::new("sh");
        command.args(["-c", SCRIPT, "emr-sandbox-watcher"]).arg(format!("{VARIABLE}={}", mark.0));
        // It must outlive signals to the sandbox's group, and hold nothing that others wait for: a pipe, a directory, or
        // the mark of a sandbox that runs this one in a step.
        command.env_clear().envs(env::var_os("PATH").map(|path| ("PATH", path))).current_dir("/").process_group(0);
        command.stdin(Stdio::piped()).stdout(Stdio::null()).stderr(Stdio::null());
        command.spawn().map(Self)
    }

    /// Kills what has the mark, and waits until it is killed.
    pub(crate) fn finish(mut self) {
        drop(self.0.stdin.take());
        if let Err(error) = self.0.wait() {
            log::warn!("what steps have started may go on: {error}");
        }
    }
}

#[cfg(test)]
mod tests {
    use std::os::unix::process::ExitStatusExt as _;

    use super::*;

    #[test]
    fn what_has_the_mark_is_killed_and_nothing_else() {
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

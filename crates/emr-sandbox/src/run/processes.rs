//! The processes of one step. Each leads its own process group, so that stopping the step also stops its programs'
//! children.

use std::collections::BTreeSet;
use std::io;
use std::os::unix::process::CommandExt as _;
use std::process::{Child, Command, ExitStatus};
use std::sync::{Mutex, MutexGuard};

use rustix::process::{Pid, Signal, kill_process_group};

use super::watcher::Mark;
use crate::lock::lock;

/// The running process groups of a step.
#[derive(Debug)]
pub(crate) struct Processes {
    mark: Mark,
    groups: Mutex<Groups>,
}

#[derive(Debug, Default)]
struct Groups {
    leaders: BTreeSet<i32>,
    is_stopped: bool,
}

/// A running process; dropping it kills its group.
pub(crate) struct Process<'a> {
    pub(crate) child: Child,
    leader: i32,
    processes: &'a Processes,
}

impl Processes {
    /// An empty set. `mark` is set on the processes that start.
    pub(crate) fn new(mark: Mark) -> Self {
        Self { mark, groups: Mutex::default() }
    }

    /// Starts `command` in its own process group. Fails with `Interrupted` once the step has been stopped.
    pub(crate) fn spawn(&self, command: &mut Command) -> io::Result<Process<'_>> {
        let mut groups = self.lock();
        if groups.is_stopped {
            return Err(io::Error::new(io::ErrorKind::Interrupted, "the step was stopped"));
        }
        self.mark.set_on(command);
        let child = command.process_group(0).spawn()?;
        let leader = i32::try_from(child.id()).map_err(io::Error::other)?;
        groups.leaders.insert(leader);
        Ok(Process { child, leader, processes: self })
    }

    /// Sends SIGTERM to all processes; no more can start.
    pub(crate) fn interrupt(&self) {
        self.stop(Signal::TERM);
    }

    /// Sends SIGKILL to all processes; no more can start.
    pub(crate) fn kill(&self) {
        self.stop(Signal::KILL);
    }

    /// Whether the step was stopped, by its user or at the end of the sandbox.
    pub(crate) fn is_stopped(&self) -> bool {
        self.lock().is_stopped
    }

    fn stop(&self, signal: Signal) {
        let mut groups = self.lock();
        groups.is_stopped = true;
        for &leader in &groups.leaders {
            send(leader, signal);
        }
    }

    fn lock(&self) -> MutexGuard<'_, Groups> {
        lock(&self.groups)
    }
}

impl Process<'_> {
    /// Waits for the process, then kills the rest of its group: an ended step has no processes.
    pub(crate) fn wait(mut self) -> io::Result<ExitStatus> {
        self.child.wait()
    }
}

impl Drop for Process<'_> {
    fn drop(&mut self) {
        send(self.leader, Signal::KILL);
        // Returns at once if the process has been reaped already.
        let _ = self.child.wait();
        self.processes.lock().leaders.remove(&self.leader);
    }
}

/// Signals a group, which may have ended already.
fn send(leader: i32, signal: Signal) {
    if let Some(leader) = Pid::from_raw(leader) {
        let _ = kill_process_group(leader, signal);
    }
}

#[cfg(test)]
mod tests {
    use std::os::unix::process::ExitStatusExt as _;

    use super::*;

    #[test]
    fn a_stopped_step_ends_its_processes_and_starts_no_more() {
        let processes = Processes::new(Mark::new());
        let process = processes.spawn(Command::new("sleep").arg("60")).unwrap();
        processes.interrupt();
        assert_eq!(process.wait().unwrap().signal(), Some(15));
        let error = processes.spawn(&mut Command::new("true")).err().unwrap();
        assert_eq!(error.kind(), io::ErrorKind::Interrupted);
    }
}

//! The command as a job: its own process group, and everything that the command starts.

use std::ffi::{OsStr, OsString};
use std::io;
use std::os::unix::process::CommandExt;
use std::time::Duration;

use emr_core::error::{Error, Outcome, Result};
use rustix::process::{
    Pid, Signal, WaitId, WaitIdOptions, WaitIdStatus, WaitOptions, getpgid, getpid, kill_process, kill_process_group,
    waitid, waitpid,
};
use tokio::signal::unix::{self, SignalKind};

use crate::child;
use crate::processes::Processes;

/// A change of the command's state.
#[derive(Debug)]
pub(crate) enum Change {
    /// It ended by itself, with this outcome.
    Exited(Outcome),
    /// This signal ended it.
    Killed(Signal),
    /// This signal stopped it.
    Stopped(Signal),
}

/// A started command.
pub(crate) struct Job {
    /// Its PID, which is also its process group. It is never reaped, so the PID cannot be reused.
    pid: Pid,
    /// Processes started before this was s3-lock: the background jobs of a shell that ran `exec s3-lock`.
    strangers: Vec<Pid>,
    /// Tells when children stop or end.
    changes: unix::Signal,
}

/// How long killed processes may take to disappear. One that the kernel holds, in a device or on a dead network disk,
/// stays.
const KILLED: Duration = Duration::from_secs(2);

impl Job {
    /// Starts the command `words` with these variables added to its environment, in the foreground of the terminal if
    /// asked.
    pub(crate) fn start(
        words: &[OsString],
        variables: [(&str, String); 3],
        foreground: bool,
        quiet: u8,
    ) -> Result<Self> {
        let failed = |cause: io::Error| child::cannot_run(OsStr::new("s3-lock"), &cause);
        let changes = unix::signal(SignalKind::child()).map_err(failed)?;
        let strangers = Processes::now().descendants(getpid(), &[]);
        adopt_orphans();
        let mut command = child::command(words, foreground, quiet)?;
        let child = command.envs(variables).process_group(0).spawn().map_err(failed)?;
        let pid = i32::try_from(child.id()).ok().and_then(Pid::from_raw);
        let pid = pid.ok_or_else(|| Error::new(Outcome::Bug, "the command has no PID"))?;
        Ok(Self { pid, strangers, changes })
    }

    /// Its process group.
    pub(crate) fn group(&self) -> Pid {
        self.pid
    }

    /// Waits until it stops or ends. After its end, every call reports the end.
    pub(crate) async fn change(&mut self) -> Result<Change> {
        loop {
            self.reap();
            if let Some(change) = self.look().map_err(|cause| unknown(&cause))? {
                return Ok(change);
            }
            self.changes.recv().await;
        }
    }

    fn look(&self) -> io::Result<Option<Change>> {
        let of = |options| waitid(WaitId::Pid(self.pid), options | WaitIdOptions::NOHANG);
        let ended = of(WaitIdOptions::EXITED | WaitIdOptions::NOWAIT)?;
        let stopped = if ended.is_none() { of(WaitIdOptions::STOPPED)? } else { None };
        Ok(ended.or(stopped).as_ref().and_then(change))
    }

    /// Reaps adopted orphans that have ended.
    fn reap(&self) {
        for zombie in Processes::now().zombies(getpid()).filter(|pid| *pid != self.pid) {
            let _ = waitpid(Some(zombie), WaitOptions::NOHANG);
        }
    }

    /// Sends `signal` to its process group.
    pub(crate) fn signal(&self, signal: Signal) {
        if let Err(cause) = kill_process_group(self.pid, signal) {
            emr_cli::detail(&format!("cannot send {signal:?} to the command: {cause}"));
        }
    }

    /// Sends `signal` to the command and everything that it has started.
    fn signal_all(&self, signal: Signal) {
        self.signal(signal);
        let is_elsewhere = |pid: &Pid| getpgid(Some(*pid)) != Ok(self.pid);
        for pid in self.running().into_iter().filter(is_elsewhere) {
            let _ = kill_process(pid, signal);
        }
    }

    /// The running processes of the job: the command, and everything that it has started.
    pub(crate) fn running(&self) -> Vec<Pid> {
        Processes::now().descendants(getpid(), &self.strangers)
    }

    /// Ends the whole job, with KILL after `grace`.
    pub(crate) async fn end(&mut self, grace: Duration) {
        self.signal_all(Signal::TERM);
        // A stopped process acts on TERM only when it is continued.
        self.signal_all(Signal::CONT);
        if tokio::time::timeout(grace, self.gone(None)).await.is_err() {
            self.kill().await;
        }
    }

    /// Kills the whole job.
    pub(crate) async fn kill(&mut self) {
        if tokio::time::timeout(KILLED, self.gone(Some(Signal::KILL))).await.is_err() {
            let left: Vec<_> = self.running().iter().map(ToString::to_string).collect();
            emr_cli::complain(&format!("the command left processes that cannot be killed: {}", left.join(", ")));
        }
    }

    /// Waits until the whole job has ended. Sends `signal`, if any, to each process that it finds meanwhile.
    async fn gone(&mut self, signal: Option<Signal>) {
        loop {
            self.reap();
            if let Some(signal) = signal {
                self.signal_all(signal);
            }
            if self.running().is_empty() && self.has_ended() {
                return;
            }
            // This process adopts orphans, so the last processes to end are its children.
            self.changes.recv().await;
        }
    }

    fn has_ended(&self) -> bool {
        matches!(self.look(), Ok(Some(Change::Exited(_) | Change::Killed(_))) | Err(_))
    }
}

fn change(status: &WaitIdStatus) -> Option<Change> {
    let named = |number: i32| Signal::from_named_raw(number);
    if let Some(code) = status.exit_status() {
        let code = u8::try_from(code).unwrap_or(u8::MAX);
        return Some(Change::Exited(if code == 0 { Outcome::Done } else { Outcome::Code(code) }));
    }
    match (status.terminating_signal(), status.stopping_signal()) {
        (Some(number), _) => Some(named(number).map_or(Change::Exited(outcome(number)), Change::Killed)),
        (None, stopped) => stopped.and_then(named).map(Change::Stopped),
    }
}

/// The outcome of a command that signal `number` ended.
pub(crate) fn outcome(number: i32) -> Outcome {
    Outcome::Signal(u8::try_from(number).unwrap_or_default())
}

fn adopt_orphans() {
    #[cfg(target_os = "linux")]
    if let Err(cause) = rustix::process::set_child_subreaper(Some(getpid())) {
        emr_cli::detail(&format!("processes that leave the command's process group cannot be ended: {cause}"));
    }
}

fn unknown(cause: &io::Error) -> Error {
    Error::new(Outcome::Io, format!("cannot wait for the command: {cause}"))
}

//! Running a command while the lock is held.

use std::ffi::OsString;
use std::io::{self, IsTerminal};
use std::os::unix::process::ExitStatusExt;
use std::path::Path;
use std::process::ExitStatus;
use std::time::Duration;

use emr_aws::LockAt;
use emr_cli::signal::Endings;
use emr_core::claim::lease::Lease;
use emr_core::error::{Error, Outcome, Result};
use emr_core::model::s3_uri::S3Uri;
use rustix::process::{Pid, Signal, kill_process, kill_process_group, test_kill_process_group};
use tokio::process::{Child, Command};

use crate::args::Run;
use crate::take;

/// Runs the command under the lock, and comes to what the command came to.
pub(crate) async fn run(args: Run) -> Result<Outcome> {
    let aws = args.account.connect(&args.account.config()?).await?;
    let mut lease = match take::take(&aws, &args.lock, &args.taking).await? {
        Ok(lease) => lease,
        Err(busy) => return Ok(busy),
    };
    let lock = aws.s3.lock(&args.lock);
    let mut endings = Endings::catch();
    let outcome = match Running::start(&args.command, &args.lock, &lease) {
        Ok(running) => running.under(&lock, &mut lease, &mut endings).await,
        Err(error) => Err(error),
    };
    // A lock that was lost is not ours to give back, and one that S3 does not take back runs out.
    tokio::select! {
        released = lock.release(&lease) => if let Err(error) = released { emr_cli::warn(&format!("{error}")) },
        _ = endings.next() => emr_cli::warn("the lock is not given back, and runs out"),
    }
    outcome
}

/// A command that runs, in a process group of its own unless a terminal has to reach it.
struct Running {
    child: Child,
    pid: Option<Pid>,
    alone: bool,
}

impl Running {
    fn start(command: &[OsString], uri: &S3Uri, lease: &Lease) -> Result<Self> {
        let (program, args) = command.split_first().ok_or_else(|| Error::usage("no command is given"))?;
        let alone = !io::stdin().is_terminal();
        let mut command = Command::new(program);
        command
            .args(args)
            .env("S3_LOCK_URI", uri.to_string())
            .env("S3_LOCK_TOKEN", &lease.holder.token.0)
            .env("S3_LOCK_GENERATION", lease.generation.to_string());
        if alone {
            command.process_group(0);
        }
        let failed = |cause: io::Error| {
            let is_found = cause.kind() != io::ErrorKind::NotFound;
            let outcome = if is_found { Outcome::NotExecutable } else { Outcome::NotFound };
            Error::file("run", Path::new(program), &cause).with_outcome(outcome)
        };
        let child = command.spawn().map_err(failed)?;
        let pid = child.id().and_then(|pid| i32::try_from(pid).ok()).and_then(Pid::from_raw);
        Ok(Self { child, pid, alone })
    }

    /// Waits for its end, renewing the lease and passing signals on. Ends it when the lease is lost.
    async fn under(mut self, lock: &LockAt<'_>, lease: &mut Lease, endings: &mut Endings) -> Result<Outcome> {
        let grace = (lease.holder.ttl / 6).min(Duration::from_secs(5));
        let lost = {
            let mut keep_on = std::pin::pin!(lock.keep_on(lease, grace));
            loop {
                tokio::select! {
                    // What ended after the lease was not done under the lock.
                    biased;
                    error = &mut keep_on => break error,
                    status = self.child.wait() => return status.map(came_to).map_err(|cause| unknown(&cause)),
                    number = endings.next() => self.signal(Signal::from_named_raw(i32::from(number))),
                }
            }
        };
        emr_cli::report(&lost.clone().advise("ending the command"));
        self.end(grace).await;
        Ok(lost.outcome)
    }

    /// Ends the command and what it has started, by force where that takes longer than `grace`.
    async fn end(&mut self, grace: Duration) {
        self.signal(Some(Signal::TERM));
        let gone = async {
            let _ = self.child.wait().await;
            while self.has_left_any() {
                tokio::time::sleep(Duration::from_millis(50)).await;
            }
        };
        if tokio::time::timeout(grace, gone).await.is_err() {
            self.signal(Some(Signal::KILL));
            let _ = self.child.wait().await;
        }
    }

    /// Whether anything is left in the command's process group.
    fn has_left_any(&self) -> bool {
        self.alone && self.pid.is_some_and(|pid| test_kill_process_group(pid).is_ok())
    }

    fn signal(&self, signal: Option<Signal>) {
        let (Some(pid), Some(signal)) = (self.pid, signal) else { return };
        // From a terminal the whole group has ctrl-C already.
        let from_terminal = !self.alone && signal == Signal::INT;
        let sent = match self.alone {
            true => kill_process_group(pid, signal),
            false if from_terminal || self.child.id().is_none() => Ok(()),
            false => kill_process(pid, signal),
        };
        if let Err(cause) = sent {
            emr_cli::detail(&format!("the command was not sent signal {signal:?}: {cause}"));
        }
    }
}

fn came_to(status: ExitStatus) -> Outcome {
    match (status.code(), status.signal()) {
        (Some(0), _) => Outcome::Done,
        (Some(code), _) => Outcome::Code(u8::try_from(code).unwrap_or(u8::MAX)),
        (None, signal) => Outcome::Signal(signal.and_then(|number| u8::try_from(number).ok()).unwrap_or_default()),
    }
}

fn unknown(cause: &io::Error) -> Error {
    Error::new(Outcome::Io, format!("cannot wait for the command: {cause}"))
}

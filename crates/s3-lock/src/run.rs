//! Runs a command while the lock is held.
//!
//! The command is a job, as in a shell: it has its own process group, and the terminal if there is one. Signals are
//! passed on to it. When the lease is lost, or a signal ends the command, everything that the command started is ended.

use std::time::Duration;

use emr_aws::LockAt;
use emr_cli::signal::Signals;
use emr_core::claim::lease::{Lease, margin};
use emr_core::error::{Error, Outcome, Result};
use rustix::process::{Signal, getpid, kill_current_process_group};
use tokio::signal::unix::SignalKind;

use crate::args::Run;
use crate::job::{Change, Job, outcome};
use crate::processes::Processes;
use crate::take;
use crate::terminal::{self, Terminal};

/// The signals that are passed on: all that can be caught, except those of faults (such as SIGSEGV), those that stop a
/// process for using the terminal, SIGPIPE and SIGCHLD.
const PASSED_ON: [Signal; 17] = [
    Signal::HUP,
    Signal::INT,
    Signal::QUIT,
    Signal::ABORT,
    Signal::USR1,
    Signal::USR2,
    Signal::ALARM,
    Signal::TERM,
    Signal::CONT,
    Signal::TSTP,
    Signal::URG,
    Signal::XCPU,
    Signal::XFSZ,
    Signal::VTALARM,
    Signal::PROF,
    Signal::WINCH,
    Signal::IO,
];

/// The signals that ask a command to end.
const ENDINGS: [Signal; 3] = [Signal::HUP, Signal::INT, Signal::TERM];

/// Runs the command under the lock, and returns its outcome.
pub(crate) async fn run(args: Run) -> Result<Outcome> {
    let aws = args.store.connect().await?;
    let mut lease = match take::take(&aws, &args.lock, &args.taking).await? {
        Ok(lease) => lease,
        Err(busy) => return Ok(busy),
    };
    let lock = aws.s3.lock(&args.lock);
    let mut signals = Signals::catch(PASSED_ON.map(|signal| SignalKind::from_raw(signal.as_raw())));
    let (came_to, typed) = match Running::start(&args, &lease) {
        Ok(mut running) => (running.wait(&lock, &mut lease, &mut signals).await, running.typed),
        Err(error) => (Err(error), None),
    };
    // A lost lock is not ours to release. If S3 does not accept the release, the lock expires.
    tokio::select! {
        released = lock.release(&lease) => if let Err(error) = released { emr_cli::warn(&format!("{error}")) },
        () = ending(&mut signals) => emr_cli::warn("the lock is not released, and expires"),
    }
    if let Some(signal) = typed {
        // The key was meant for the script that runs s3-lock, too.
        let _ = kill_current_process_group(signal);
    }
    came_to
}

/// Waits for a signal of [`ENDINGS`].
async fn ending(signals: &mut Signals) {
    while !named(signals.next().await).is_some_and(|signal| ENDINGS.contains(&signal)) {}
}

/// What ends [`Running::watch`].
enum Event {
    /// The command has ended.
    Ended(Change),
    /// The command has stopped, so s3-lock must stop too.
    Stopped,
    /// The lease has ended or is about to.
    Lost(Error),
}

/// The running command.
struct Running {
    job: Job,
    terminal: Option<Terminal>,
    /// Whether the command gets the terminal whenever s3-lock has it.
    foreground: bool,
    /// Whether a signal of [`ENDINGS`] was passed on.
    asked_to_end: bool,
    /// The signal from the keyboard that ended the command. s3-lock, being in another group, did not get it.
    typed: Option<Signal>,
}

impl Running {
    fn start(args: &Run, lease: &Lease) -> Result<Self> {
        let terminal = Terminal::controlling();
        let foreground = terminal.as_ref().is_some_and(|terminal| terminal.is_ours_alone(&Processes::now()));
        let variables = [
            ("S3_LOCK_URI", args.lock.to_string()),
            ("S3_LOCK_TOKEN", lease.holder.token.0.clone()),
            ("S3_LOCK_GENERATION", lease.generation.to_string()),
        ];
        let job = Job::start(&args.command, variables, foreground, args.store.quiet())?;
        Ok(Self { job, terminal, foreground, asked_to_end: false, typed: None })
    }

    /// Waits for the end of the command, renewing the lease. Ends the command when the lease is lost.
    async fn wait(&mut self, lock: &LockAt<'_>, lease: &mut Lease, signals: &mut Signals) -> Result<Outcome> {
        let margin = margin(lease.holder.ttl);
        let (lost, grace) = loop {
            match self.watch(lock, lease, signals, margin).await? {
                Event::Ended(change) => return Ok(self.ended(change, margin).await),
                Event::Lost(lost) => break (lost, Some(margin)),
                Event::Stopped => match self.stop(lock, lease, margin).await {
                    Ok(()) => self.resume(),
                    Err(lost) => break (lost, None),
                },
            }
        };
        emr_cli::complain(&lost.clone().advise("ending the command").to_string());
        match grace {
            Some(grace) => self.job.end(grace).await,
            // It has stopped, and must not continue even for a moment.
            None => self.job.kill().await,
        }
        self.leave_terminal(true);
        Ok(lost.outcome)
    }

    /// Renews the lease and passes signals on, until something else must be done.
    async fn watch(
        &mut self,
        lock: &LockAt<'_>,
        lease: &mut Lease,
        signals: &mut Signals,
        margin: Duration,
    ) -> Result<Event> {
        let mut keep_on = std::pin::pin!(lock.keep_on(lease, margin));
        loop {
            tokio::select! {
                // The lease comes first: a command that ended after it did not run under the lock.
                biased;
                lost = &mut keep_on => return Ok(Event::Lost(lost)),
                change = self.job.change() => match change? {
                    Change::Stopped(signal) if self.goes_on(signal) => {}
                    Change::Stopped(_) => return Ok(Event::Stopped),
                    ended => return Ok(Event::Ended(ended)),
                },
                number = signals.next() => self.pass_on(number),
            }
        }
    }

    fn pass_on(&mut self, number: u8) {
        if let Some(signal) = named(number) {
            self.asked_to_end |= ENDINGS.contains(&signal);
            self.job.signal(signal);
        }
    }

    /// Whether s3-lock continues although `signal` has stopped the command.
    fn goes_on(&mut self, signal: Signal) -> bool {
        let Some(terminal) = &self.terminal else { return true };
        if matches!(signal, Signal::TTIN | Signal::TTOU) && terminal.is_ours() {
            // The command asks for the terminal, and s3-lock can lend it.
            self.foreground = true;
            self.resume();
            return true;
        }
        let is_orphaned = Processes::now().is_orphaned(getpid());
        if is_orphaned && signal == Signal::TSTP {
            // No shell could continue the command after ctrl-Z, so ctrl-Z has no effect.
            self.job.signal(Signal::CONT);
        }
        is_orphaned
    }

    /// Stops s3-lock together with the command. When a shell continues it, confirms that the lock is still held.
    async fn stop(&self, lock: &LockAt<'_>, lease: &mut Lease, margin: Duration) -> Result<()> {
        if let Some(terminal) = &self.terminal {
            terminal.take_back(self.job.group());
        }
        terminal::stop_here();
        lock.confirm(lease, margin).await
    }

    /// Continues the command, in the foreground if it belongs there and s3-lock has the terminal.
    fn resume(&self) {
        if let Some(terminal) = self.terminal.as_ref().filter(|terminal| self.foreground && terminal.is_ours()) {
            terminal.lend(self.job.group());
        }
        self.job.signal(Signal::CONT);
    }

    /// The outcome of the command. If a signal ended it, ends the processes that it left behind.
    async fn ended(&mut self, change: Change, margin: Duration) -> Outcome {
        let (came_to, by_signal) = match change {
            Change::Exited(came_to) => (came_to, None),
            Change::Killed(signal) | Change::Stopped(signal) => (outcome(signal.as_raw()), Some(signal)),
        };
        let left = self.job.running().len();
        match by_signal.is_some() || self.asked_to_end {
            true if left > 0 => self.job.end(margin).await,
            false if left > 0 => emr_cli::detail(&format!("{left} processes of the command go on without the lock")),
            _ => {}
        }
        let was_foreground = self.leave_terminal(by_signal.is_some());
        self.typed = by_signal.filter(|signal| was_foreground && matches!(*signal, Signal::INT | Signal::QUIT));
        came_to
    }

    /// Takes the terminal back, and restores its modes if the command was ended by force. Returns whether the command
    /// had it.
    fn leave_terminal(&self, by_force: bool) -> bool {
        let Some(terminal) = &self.terminal else { return false };
        let was_lent = terminal.take_back(self.job.group());
        if by_force {
            terminal.restore_modes();
        }
        was_lent
    }
}

fn named(number: u8) -> Option<Signal> {
    Signal::from_named_raw(i32::from(number))
}

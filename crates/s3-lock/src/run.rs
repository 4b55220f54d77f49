//! Running a command while the lock is held.
//!
//! The command is a job, as a shell's is: it has a process group of its own, and the terminal where there is one. Signals
//! are passed on to it. When the lease is lost, or a signal ends the command, all that the command started is ended.

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

/// What is passed on: every signal that can be caught, less those that a process brings upon itself by a fault, those that
/// stop it for the use of a terminal, and that of a closed pipe.
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

/// Runs the command under the lock, and comes to what the command came to.
pub(crate) async fn run(args: Run) -> Result<Outcome> {
    let aws = args.store.connect().await?;
    let mut lease = match take::take(&aws, &args.lock, &args.taking).await? {
        Ok(lease) => lease,
        Err(busy) => return Ok(busy),
    };
    let lock = aws.s3.lock(&args.lock);
    let mut signals = Signals::catch(PASSED_ON.map(|signal| SignalKind::from_raw(signal.as_raw())));
    let (came_to, typed) = match Running::start(&args, &lease) {
        Ok(mut running) => (running.to_its_end(&lock, &mut lease, &mut signals).await, running.typed),
        Err(error) => (Err(error), None),
    };
    // A lock that was lost is not ours to give back, and one that S3 does not take back runs out.
    tokio::select! {
        released = lock.release(&lease) => if let Err(error) = released { emr_cli::warn(&format!("{error}")) },
        () = ending(&mut signals) => emr_cli::warn("the lock is not given back, and runs out"),
    }
    if let Some(signal) = typed {
        // Whoever typed it meant the script, too, that runs s3-lock.
        let _ = kill_current_process_group(signal);
    }
    came_to
}

/// Waits for a signal that asks for an end.
async fn ending(signals: &mut Signals) {
    while !named(signals.next().await).is_some_and(|signal| ENDINGS.contains(&signal)) {}
}

/// What needs more than to be passed on.
enum Event {
    /// The command has ended.
    Ended(Change),
    /// The command has stopped, and s3-lock is to stop with it.
    Stopped,
    /// The lease ends or has ended.
    Lost(Error),
}

/// The command while it runs.
struct Running {
    job: Job,
    terminal: Option<Terminal>,
    /// Whether the command is to have the terminal whenever s3-lock could have it.
    foreground: bool,
    /// Whether a signal that asks for an end was passed on.
    asked_to_end: bool,
    /// The signal of a key that ended the command, which only the command got.
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

    /// Waits for its end, renewing the lease. Ends it when the lease is lost.
    async fn to_its_end(&mut self, lock: &LockAt<'_>, lease: &mut Lease, signals: &mut Signals) -> Result<Outcome> {
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
            // It has stopped, and must not go on for a moment.
            None => self.job.kill().await,
        }
        self.leave_terminal(true);
        Ok(lost.outcome)
    }

    /// Renews the lease and passes signals on, until there is more to do.
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
                // What ended after the lease was not done under the lock.
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

    /// Whether s3-lock goes on although `signal` has stopped the command.
    fn goes_on(&mut self, signal: Signal) -> bool {
        let Some(terminal) = &self.terminal else { return true };
        if matches!(signal, Signal::TTIN | Signal::TTOU) && terminal.is_ours() {
            // It asks for the terminal, which is there to be lent.
            self.foreground = true;
            self.resume();
            return true;
        }
        let is_orphaned = Processes::now().is_orphaned(getpid());
        if is_orphaned && signal == Signal::TSTP {
            // No shell could continue what a key has stopped, so the key does nothing.
            self.job.signal(Signal::CONT);
        }
        is_orphaned
    }

    /// Stops s3-lock with the command until a shell continues it, and makes sure that the lock is still held.
    async fn stop(&self, lock: &LockAt<'_>, lease: &mut Lease, margin: Duration) -> Result<()> {
        if let Some(terminal) = &self.terminal {
            terminal.take_back(self.job.group());
        }
        terminal::stop_here();
        lock.confirm(lease, margin).await
    }

    /// Continues the command, in the foreground if it belongs there and the terminal is to be had.
    fn resume(&self) {
        if let Some(terminal) = self.terminal.as_ref().filter(|terminal| self.foreground && terminal.is_ours()) {
            terminal.lend(self.job.group());
        }
        self.job.signal(Signal::CONT);
    }

    /// What the command came to, and the end of what it leaves behind where a signal ended it.
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

    /// Takes the terminal back, as it was if the command was ended by force. Whether the command had it.
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

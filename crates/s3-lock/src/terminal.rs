//! The terminal of s3-lock, lent to the command as a shell lends it to a job.
//!
//! A terminal has one process group in the foreground: that group gets ctrl-C and ctrl-Z, and only that group may read.

use std::fs::File;
use std::io::{self, IsTerminal};

use nix::sys::signal::{SigSet, Signal as Blocked};
use rustix::io::Errno;
use rustix::process::{Pid, Signal, getpgid, getpgrp, kill_current_process_group, test_kill_process_group};
use rustix::termios::{OptionalActions, Termios, tcgetattr, tcgetpgrp, tcsetattr, tcsetpgrp};

use crate::processes::Processes;

/// The controlling terminal.
#[derive(Debug)]
pub(crate) struct Terminal {
    tty: File,
    /// Echo, line editing and other modes, as they were before the command ran.
    modes: Option<Termios>,
}

impl Terminal {
    /// The controlling terminal of this process, if it has one.
    pub(crate) fn controlling() -> Option<Self> {
        let tty = File::options().read(true).write(true).open("/dev/tty").ok()?;
        // s3-lock writes messages while the command is in the foreground.
        refuse_stops();
        let modes = tcgetattr(&tty).ok();
        Some(Self { tty, modes })
    }

    /// Whether the group of s3-lock is in the foreground.
    pub(crate) fn is_ours(&self) -> bool {
        tcgetpgrp(&self.tty) == Ok(getpgrp())
    }

    /// Whether the command gets the terminal from the start, because nobody else in the group of s3-lock could want it.
    ///
    /// The others of a pipeline, such as a pager, might want it. A shell script that runs s3-lock in the background
    /// keeps using it, but gives s3-lock another stdin. In both cases the command gets the terminal once it asks for
    /// it.
    pub(crate) fn is_ours_alone(&self, processes: &Processes) -> bool {
        self.is_ours() && io::stdin().is_terminal() && !processes.has_company(rustix::process::getpid())
    }

    /// Puts the group `to` into the foreground.
    pub(crate) fn lend(&self, to: Pid) {
        if let Err(cause) = tcsetpgrp(&self.tty, to) {
            emr_cli::detail(&format!("the command does not get the terminal: {cause}"));
        }
    }

    /// Puts the group of s3-lock into the foreground again, if the group there is `from` or has no processes. Returns
    /// whether it did.
    pub(crate) fn take_back(&self, from: Pid) -> bool {
        let is_lent = |group| group == from || test_kill_process_group(group) == Err(Errno::SRCH);
        tcgetpgrp(&self.tty).is_ok_and(is_lent) && tcsetpgrp(&self.tty, getpgrp()).is_ok()
    }

    /// Restores the modes that the command has changed, if it was killed before it could do so itself.
    pub(crate) fn restore_modes(&self) {
        if let Some(modes) = self.modes.as_ref().filter(|_| self.is_ours()) {
            let _ = tcsetattr(&self.tty, OptionalActions::Drain, modes);
        }
    }
}

/// Puts the group of this process into the foreground, if that of `parent` is there.
pub(crate) fn take_from(parent: Pid) {
    let Ok(tty) = File::options().read(true).write(true).open("/dev/tty") else { return };
    refuse_stops();
    if getpgid(Some(parent)).is_ok_and(|group| tcgetpgrp(&tty) == Ok(group)) {
        let _ = tcsetpgrp(&tty, getpgrp());
    }
}

/// Stops the group of s3-lock, as ctrl-Z does. Returns when a shell continues it.
pub(crate) fn stop_here() {
    let _ = kill_current_process_group(Signal::STOP);
}

/// Lets this process write to the terminal and change its foreground group from the background.
fn refuse_stops() {
    let _ = SigSet::from(Blocked::SIGTTOU).thread_block();
}

/// Undoes [`refuse_stops`] before this process becomes another program.
pub(crate) fn allow_stops() {
    let _ = SigSet::from(Blocked::SIGTTOU).thread_unblock();
}

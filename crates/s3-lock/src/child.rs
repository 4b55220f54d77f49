//! The process that becomes the command.
//!
//! A process can set a death signal only for itself, and our own code between fork(2) and exec(2) would be unsafe. So
//! s3-lock starts itself again with an undocumented first word. That process sets up what the command inherits, and
//! becomes the command.

use std::ffi::{OsStr, OsString};
use std::io;
use std::os::unix::process::CommandExt;
use std::path::{Path, PathBuf};
use std::process::Command;

use clap::{ArgAction, Parser};
use emr_core::error::{Error, Outcome, Result};
use rustix::process::{Pid, getpid, getppid};

use crate::terminal;

/// The first word of the command line of such a process.
const WORD: &str = "become-command";

/// Become the command of s3-lock run
#[derive(Debug, Parser)]
#[command(name = "s3-lock")]
pub(crate) struct Child {
    /// PID of the s3-lock that runs the command
    #[arg(long, value_name = "PID", value_parser = pid)]
    parent: Pid,

    /// Put the command into the foreground of the terminal
    #[arg(long)]
    foreground: bool,

    /// Same as for s3-lock run
    #[arg(short, long, action = ArgAction::Count)]
    quiet: u8,

    /// Command to become
    #[arg(last = true, required = true, value_name = "COMMAND")]
    command: Vec<OsString>,
}

/// The executable of this process, even if its file has been moved or deleted.
fn own_executable() -> io::Result<PathBuf> {
    if cfg!(target_os = "linux") { Ok("/proc/self/exe".into()) } else { std::env::current_exe() }
}

/// A command that starts s3-lock again to become the command `words`.
pub(crate) fn command(words: &[OsString], foreground: bool, quiet: u8) -> Result<Command> {
    let own = own_executable().map_err(|cause| cannot_run(OsStr::new("s3-lock"), &cause))?;
    let mut command = Command::new(own);
    // If all tools are one executable, the name selects the tool.
    command.arg0("s3-lock").arg(WORD).arg("--parent").arg(getpid().to_string());
    command.args(foreground.then_some("--foreground")).args((0..quiet).map(|_| "-q")).arg("--").args(words);
    Ok(command)
}

/// The words for [`become_command`], without the first one after the name; `None` for any other command line.
pub(crate) fn words(words: &[OsString]) -> Option<Vec<OsString>> {
    let (name, rest) = words.split_first()?;
    let (word, rest) = rest.split_first()?;
    (word == WORD).then(|| [name].into_iter().chain(rest).cloned().collect())
}

/// The first word of the command line of a client of a trial.
const CLIENT: &str = "client-of";

/// A command that starts s3-lock again for `action`, and that does not outlive this process.
pub(crate) fn client(action: &str) -> Result<Command> {
    let own = own_executable().map_err(|cause| cannot_run(OsStr::new("s3-lock"), &cause))?;
    let mut command = Command::new(own);
    command.arg0("s3-lock").arg(CLIENT).arg(getpid().to_string()).arg(action);
    Ok(command)
}

/// The words of a client without those that make it one; `None` for any other command line, and for a client whose
/// parent is gone.
pub(crate) fn client_words(words: &[OsString]) -> Option<Vec<OsString>> {
    let [name, word, parent, rest @ ..] = words else { return None };
    if word != CLIENT {
        return None;
    }
    die_with_parent();
    let is_ours = getppid().is_some_and(|pid| *parent == *pid.to_string());
    is_ours.then(|| [name].into_iter().chain(rest).cloned().collect())
}

/// Becomes the command. Returns only if that fails.
pub(crate) fn become_command(child: Child) -> Result<Outcome> {
    let Child { parent, foreground, command, .. } = child;
    let (program, args) = command.split_first().ok_or_else(|| Error::usage("no command is given"))?;
    die_with_parent();
    if getppid() != Some(parent) {
        // The parent died before the death signal was set, so the lock will not be renewed.
        return Ok(Outcome::Signal(9));
    }
    if foreground {
        terminal::take_from(parent);
    }
    terminal::allow_stops();
    let cause = Command::new(program).args(args).exec();
    Err(cannot_run(program, &cause))
}

/// Lets the kernel kill this process, and what it becomes, when its parent dies.
fn die_with_parent() {
    #[cfg(target_os = "linux")]
    if let Err(cause) = rustix::process::set_parent_process_death_signal(Some(rustix::process::Signal::KILL)) {
        emr_cli::detail(&format!("the command will survive if s3-lock is killed: {cause}"));
    }
}

/// The error for a `program` that cannot be run, with the exit code that shells use.
pub(crate) fn cannot_run(program: &OsStr, cause: &io::Error) -> Error {
    let found = cause.kind() != io::ErrorKind::NotFound;
    let outcome = if found { Outcome::NotExecutable } else { Outcome::NotFound };
    Error::file("run", Path::new(program), cause).with_outcome(outcome)
}

fn pid(text: &str) -> Result<Pid> {
    text.parse().ok().and_then(Pid::from_raw).ok_or_else(|| Error::usage("not a PID"))
}

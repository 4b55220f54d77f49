//! The process that becomes the command.
//!
//! A process can ask for a death signal only for itself, and code of ours between fork(2) and exec(2) would be unsafe. So
//! s3-lock starts itself once more, with a subcommand that nobody sees: it sets up what the command inherits, and becomes
//! the command.

use std::ffi::{OsStr, OsString};
use std::io;
use std::os::unix::process::CommandExt;
use std::path::Path;
use std::process::Command;

use clap::ArgAction;
use emr_core::error::{Error, Outcome, Result};
use rustix::process::{Pid, getpid, getppid};

use crate::terminal;

/// What is to become the command.
#[derive(Debug, clap::Args)]
pub(crate) struct Child {
    /// PID of the s3-lock that runs the command
    #[arg(long, value_name = "PID", value_parser = pid)]
    parent: Pid,

    /// Put the command into the foreground of the terminal
    #[arg(long)]
    foreground: bool,

    /// As for s3-lock run
    #[arg(short, long, action = ArgAction::Count)]
    quiet: u8,

    /// Command to become
    #[arg(last = true, required = true, value_name = "COMMAND")]
    command: Vec<OsString>,
}

/// The executable that this process is, whatever has become of its file.
#[cfg(target_os = "linux")]
fn own_executable() -> io::Result<std::path::PathBuf> {
    Ok("/proc/self/exe".into())
}

#[cfg(not(target_os = "linux"))]
fn own_executable() -> io::Result<std::path::PathBuf> {
    std::env::current_exe()
}

/// A command that starts s3-lock once more, which becomes the command `words`.
pub(crate) fn command(words: &[OsString], foreground: bool, quiet: u8) -> Result<Command> {
    let own = own_executable().map_err(|cause| cannot_run(OsStr::new("s3-lock"), &cause))?;
    let mut command = Command::new(own);
    // Where all tools are one executable, it is the name that says which one is wanted.
    command.arg0("s3-lock").arg("child").arg("--parent").arg(getpid().to_string());
    command.args(foreground.then_some("--foreground")).args((0..quiet).map(|_| "-q")).arg("--").args(words);
    Ok(command)
}

/// Becomes the command. Returns only where that fails.
pub(crate) fn become_command(child: &Child) -> Result<Outcome> {
    let (program, args) = child.command.split_first().ok_or_else(|| Error::usage("no command is given"))?;
    die_with_parent();
    if getppid() != Some(child.parent) {
        // It died before it could be heard of, and holds the lock no longer.
        return Ok(Outcome::Signal(9));
    }
    if child.foreground {
        terminal::take_from(child.parent);
    }
    terminal::allow_stops();
    let cause = Command::new(program).args(args).exec();
    Err(cannot_run(program, &cause))
}

/// Has this process, and what it becomes, killed when its parent dies.
fn die_with_parent() {
    #[cfg(target_os = "linux")]
    if let Err(cause) = rustix::process::set_parent_process_death_signal(Some(rustix::process::Signal::KILL)) {
        emr_cli::detail(&format!("the command will outlive an s3-lock that is killed: {cause}"));
    }
}

/// The error for a `program` that cannot be run, with the exit code that shells have for it.
pub(crate) fn cannot_run(program: &OsStr, cause: &io::Error) -> Error {
    let found = cause.kind() != io::ErrorKind::NotFound;
    let outcome = if found { Outcome::NotExecutable } else { Outcome::NotFound };
    Error::file("run", Path::new(program), cause).with_outcome(outcome)
}

fn pid(text: &str) -> Result<Pid> {
    text.parse().ok().and_then(Pid::from_raw).ok_or_else(|| Error::usage("not a PID"))
}

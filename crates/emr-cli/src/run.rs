//! From `main` to the exit code, the same way in every tool.

use std::ffi::OsString;
use std::fs::File;
use std::future::Future;
use std::process::ExitCode;
use std::{io, iter};

use clap::{CommandFactory, FromArgMatches};
use emr_core::error::{Error, Outcome, Result, reason};

use super::{generate, help, messages};

/// What `--version` says. Builds that are installed name their commit in it, by this variable of their environment.
pub const VERSION: &str = match option_env!("EMR_TOOLS_VERSION") {
    Some(version) => version,
    None => env!("CARGO_PKG_VERSION"),
};

/// Runs the tool that `tool` is: parses `words` (the command line, the tool's name first), sets up messages, and turns
/// the outcome into an exit code.
pub fn run<Args, Run>(words: Vec<OsString>, tool: impl FnOnce(Args) -> Run) -> ExitCode
where
    Args: CommandFactory + FromArgMatches,
    Run: Future<Output = Result<Outcome>>,
{
    run_blocking(words, |args| in_runtime(tool, args))
}

/// Runs a tool that needs no runtime, or has one of its own.
pub fn run_blocking<Args>(words: Vec<OsString>, tool: impl FnOnce(Args) -> Result<Outcome>) -> ExitCode
where
    Args: CommandFactory + FromArgMatches,
{
    let mut command = help::prepared(generate::with_option(Args::command()).version(VERSION), &words);
    let name = command.get_name().to_owned();
    let mut matches = match command.try_get_matches_from_mut(words) {
        Ok(matches) => matches,
        Err(error) => return messages::report_usage(&name, &error).into(),
    };
    messages::start(&name, level(&matches, "verbose") - level(&matches, "quiet"));
    tell_of_bugs();
    let outcome = match generate::asked(&mut matches) {
        Some(form) => generate::print(&form, Args::command()),
        None => match Args::from_arg_matches(&matches) {
            Ok(args) => tool(args),
            Err(error) => return messages::report_usage(&name, &error.format(&mut command)).into(),
        },
    };
    let outcome = outcome.unwrap_or_else(|error| {
        messages::report(&error);
        error.outcome
    });
    ExitCode::from(outcome.exit_code())
}

fn in_runtime<Args, Run: Future<Output = Result<Outcome>>>(
    tool: impl FnOnce(Args) -> Run,
    args: Args,
) -> Result<Outcome> {
    let runtime = runtime().map_err(|cause| Error::new(Outcome::Io, format!("cannot start: {}", reason(&cause))))?;
    let outcome = runtime.block_on(tool(args));
    // A read of stdin that blocks must not keep the process from ending.
    runtime.shutdown_background();
    outcome
}

/// Open files that a runtime and its signals need. Tokio panics if it cannot have them.
const FILES: usize = 8;

fn runtime() -> io::Result<tokio::runtime::Runtime> {
    let room: Vec<_> = iter::repeat_with(|| File::open("/dev/null")).take(FILES).collect::<io::Result<_>>()?;
    drop(room);
    tokio::runtime::Builder::new_current_thread().enable_all().build()
}

/// Turns a panic, ours or a library's, into one line and an exit code of its own.
#[expect(clippy::disallowed_methods, clippy::exit, reason = "nothing can be returned from a panic")]
fn tell_of_bugs() {
    std::panic::set_hook(Box::new(|panic| {
        ::log::error!("a bug of this tool or a library of it: {panic}; please report it");
        std::process::exit(Outcome::Bug.exit_code().into());
    }));
}

/// How often the counted option `id` was given, here or to a subcommand; 0 where the tool has none of that name.
fn level(matches: &clap::ArgMatches, id: &str) -> i16 {
    let here = matches.try_get_one::<u8>(id).ok().flatten().copied().map_or(0, i16::from);
    here + matches.subcommand().map_or(0, |(_, matches)| level(matches, id))
}

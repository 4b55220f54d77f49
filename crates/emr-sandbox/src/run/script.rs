//! Runs scripts of script-runner.jar and of bootstrap actions, after fetching them.

use std::path::Path;
use std::process::Command;

use super::failure::Failure;
use super::program;
use super::workplace::Workplace;

/// Runs the script that the first argument names, with the other arguments.
pub(crate) fn run(workplace: &Workplace<'_>, args: &[String]) -> Result<(), Failure> {
    let [script, args @ ..] = args else {
        return Err(Failure::new("Bad step.", "script-runner.jar needs a script to run"));
    };
    let file = workplace.dir.join(Path::new(script).file_name().unwrap_or("script".as_ref()));
    workplace.fetch(script, &file)?;
    let mut command = Command::new(&file);
    command.args(args);
    program::run(workplace, command, script)
}

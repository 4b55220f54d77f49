//! Steps and bootstrap actions that are a script somewhere: fetched, made executable, run.

use std::fs::{self, Permissions};
use std::os::unix::fs::PermissionsExt as _;
use std::path::{Path, PathBuf};
use std::process::Command;

use super::command::run_command;
use super::step::{Failed, Workplace};

/// Fetches the script that the first argument names and runs it with the others.
pub(crate) fn run(workplace: &Workplace<'_>, args: &[String]) -> Result<(), Failed> {
    let [script, args @ ..] = args else {
        return Err(Failed::new("Bad step.", "script-runner.jar needs a script to run"));
    };
    let file = fetch(workplace, script)?;
    let mut command = Command::new(&file);
    command.args(args);
    run_command(workplace, command, script)
}

/// An executable copy of a file in the directory of the step.
pub(crate) fn fetch(workplace: &Workplace<'_>, script: &str) -> Result<PathBuf, Failed> {
    let found = workplace.location(script)?.file(workplace.store());
    let found = found.map_err(|message| Failed::new("File does not exist.", message))?;
    let name = Path::new(script).file_name().unwrap_or("script".as_ref());
    let file = workplace.dir.join(name);
    let copied = fs::copy(&found.path, &file).and_then(|_| fs::set_permissions(&file, Permissions::from_mode(0o755)));
    copied.map_err(|error| Failed::io(script, &error))?;
    Ok(file)
}

//! Steps of command-runner.jar: a command of this machine's `PATH`.

use std::process::Command;

use super::failure::Failure;
use super::workplace::Workplace;
use super::{program, spark};

/// Runs `args`, a command and its arguments.
pub(crate) fn run(workplace: &Workplace<'_>, args: &[String]) -> Result<(), Failure> {
    match args {
        [] => Err(Failure::new("Bad step.", "command-runner.jar needs a command to run")),
        [name, args @ ..] => {
            let mut command = Command::new(name);
            match name.as_str() {
                spark::SUBMIT => command.args(spark::localize(workplace, args)?),
                _ => command.args(args),
            };
            program::run(workplace, command, name)
        }
    }
}

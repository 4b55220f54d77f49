//! Steps of command-runner.jar: a command from this machine's `PATH`.

use std::process::Command;

use super::failure::Failure;
use super::workplace::Workplace;
use super::{program, spark};

/// Runs `args`, a command with its arguments.
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

/// The arguments that command-runner.jar passes on: it drops empty ones and deletes each `}}`. Source: Yelp/mrjob, pull
/// request 2082.
pub(crate) fn received(args: &[String]) -> Vec<String> {
    args.iter().map(|arg| arg.replace("}}", "")).filter(|arg| !arg.is_empty()).collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn empty_arguments_and_double_braces_get_lost() {
        let args = ["spark-submit", "", "{\"a\":{\"b\":1}}", "}}", "{x}"].map(str::to_owned);
        assert_eq!(received(&args), ["spark-submit", "{\"a\":{\"b\":1", "{x}"]);
    }
}

//! Runs a program in the workplace of a step, with its output in the step's logs.

use std::io::{self, Write as _};
use std::os::unix::process::ExitStatusExt as _;
use std::path::Path;
use std::process::{Command, ExitStatus, Stdio};

use super::failure::Failure;
use super::last_words::last_words;
use super::processes::Process;
use super::spark;
use super::workplace::Workplace;

/// Runs `command` to its end. Failures call it `name`.
pub(crate) fn run(workplace: &Workplace<'_>, mut command: Command, name: &str) -> Result<(), Failure> {
    let log = |name| workplace.logs.append(name).map_err(|error| Failure::io("the step's logs", &error));
    command.current_dir(&workplace.dir);
    command.stdin(Stdio::null()).stdout(log("stdout")?).stderr(log("stderr")?);
    workplace.machine.environment().set_on(&mut command);
    spark::set_on(workplace, &mut command)?;
    workplace.logs.log("controller", "INFO", "StepRunner", &format!("Running {command:?}"));
    let ended = workplace.processes.spawn(&mut command).and_then(Process::wait);
    if let Ok(status) = &ended {
        log_end(workplace, *status);
        spark::archive(workplace, status.success());
    }
    match ended {
        Ok(status) if status.success() => Ok(()),
        Ok(status) => Err(failure(&format!("Command {name}"), status, &workplace.logs.path("stderr"))),
        Err(error) if error.kind() == io::ErrorKind::NotFound => Err(not_found(workplace, name)),
        Err(error) => Err(Failure::new(format!("Command {name} did not start."), error.to_string())),
    }
}

/// The failure of a command without a program, in the words of EMR's command runner, which stderr has, too.
fn not_found(workplace: &Workplace<'_>, name: &str) -> Failure {
    let said = format!("Cannot run program \"{name}\" (in directory \".\"): error=2, No such file or directory");
    let written = workplace.logs.append("stderr").and_then(|mut stderr| {
        writeln!(stderr, "Exception in thread \"main\" java.lang.RuntimeException: java.io.IOException: {said}")
    });
    match written {
        Ok(()) => Failure::new(format!("Command {name} not found."), said),
        Err(error) => Failure::io("the step's logs", &error),
    }
}

/// Logs the end of a process in the words of EMR's controller. As in a shell, signal N is exit code 128 + N.
fn log_end(workplace: &Workplace<'_>, status: ExitStatus) {
    let code = status.code().or(status.signal().map(|signal| 128 + signal)).unwrap_or(-1);
    workplace.logs.log(
        "controller",
        "INFO",
        "StepRunner",
        &format!("waitProcessCompletion ended with exit code {code}"),
    );
}

/// The failure of a process: its exit code or signal, and the error in its logs. `stdout` is beside `stderr`.
pub(crate) fn failure(what: &str, status: ExitStatus, stderr: &Path) -> Failure {
    let ended = match (status.code(), status.signal()) {
        (Some(code), _) => format!("exit code {code}"),
        (None, Some(signal)) => format!("killed by signal {signal}"),
        (None, None) => status.to_string(),
    };
    let message = match last_words(&stderr.with_file_name("stdout"), stderr) {
        Some(line) => format!("{ended}: {line}"),
        None => ended,
    };
    Failure::new(format!("{what} failed."), message)
}

//! Steps that are a command: run as it stands, from `PATH`, its output into the step's logs.

use std::env;
use std::io;
use std::path::PathBuf;
use std::process::{Command, Stdio};

use super::spark;
use super::step::{Failed, Workplace, failed_process};
use crate::emr::StepConfig;

/// What EMR 4.1 to 5.27 runs to index the logs of a cluster.
const STATE_PUSHER: &str = "state-pusher-script";

/// Runs `args` as a command and its arguments.
pub(crate) fn run(workplace: &Workplace<'_>, args: &[String]) -> Result<(), Failed> {
    let [program, args @ ..] = args else {
        return Err(Failed::new("Bad step.", "command-runner.jar needs a command to run"));
    };
    if program == STATE_PUSHER {
        workplace.logs.say("controller", "INFO", "StepRunner", "there is no index of logs here to fill");
        return Ok(());
    }
    let mut command = Command::new(program);
    if program == "spark-submit" {
        command.args(spark::localize(workplace, args)?);
    } else {
        command.args(args);
    }
    run_command(workplace, command, program)
}

/// Runs `command` in the step's directory. `name` is what failures call it.
pub(crate) fn run_command(workplace: &Workplace<'_>, mut command: Command, name: &str) -> Result<(), Failed> {
    let log = |name| workplace.logs.append(name).map_err(|error| Failed::io("the step's logs", &error));
    command.current_dir(&workplace.dir);
    command.stdin(Stdio::null()).stdout(log("stdout")?).stderr(log("stderr")?);
    workplace.machine.point_here(&mut command);
    workplace.logs.say("controller", "INFO", "StepRunner", &format!("Running {command:?}"));
    let process = workplace.processes.spawn(&mut command);
    let status = process.and_then(super::processes::Process::wait);
    match status {
        Ok(status) if status.success() => Ok(()),
        Ok(status) => Err(failed_process(&format!("Command {name}"), status, &workplace.logs.path("stderr"))),
        Err(error) if error.kind() == io::ErrorKind::NotFound => Err(Failed::new(
            format!("Command {name} not found."),
            format!("there is no program {name} on the PATH of the sandbox"),
        )),
        Err(error) => Err(Failed::new(format!("Command {name} did not start."), error.to_string())),
    }
}

/// Hands a jar to Hadoop where this machine has it, and says so where it has not.
pub(crate) fn run_jar(workplace: &Workplace<'_>, config: &StepConfig) -> Result<(), Failed> {
    if find_program("hadoop").is_none() {
        return Err(Failed::new(
            "The sandbox does not run jars.",
            format!(
                "{}: only command-runner.jar, script-runner.jar and Hadoop streaming run here, and \
                 other jars where the program hadoop is on the PATH",
                config.jar
            ),
        ));
    }
    let jar = workplace.location(&config.jar)?;
    let jar = jar.file(workplace.store()).map_err(|message| Failed::new("No jar.", message))?;
    // Hadoop wants a name that ends in .jar, which the body of an object has not.
    let copy = workplace.dir.join("step.jar");
    std::fs::copy(&jar.path, &copy).map_err(|error| Failed::io("the jar", &error))?;
    let mut command = Command::new("hadoop");
    command.arg("jar").arg(copy).args(&config.main_class).args(&config.args);
    run_command(workplace, command, "hadoop jar")
}

/// Where `PATH` has a program.
fn find_program(name: &str) -> Option<PathBuf> {
    let path = env::var_os("PATH")?;
    env::split_paths(&path).map(|dir| dir.join(name)).find(|file| file.is_file())
}

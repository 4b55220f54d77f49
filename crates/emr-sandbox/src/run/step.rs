//! Runs one step to its end: finds its type, runs it, archives its logs.

use std::path::Path;

use super::failure::Failure;
use super::filesystem::Location;
use super::machine::Machine;
use super::processes::Processes;
use super::spark::SparkDefaults;
use super::workplace::Workplace;
use super::{archive, command, jar, script, streaming};

/// A step to run.
#[derive(Clone, Debug, Default)]
pub(crate) struct Step {
    pub(crate) cluster_id: String,
    pub(crate) id: String,
    /// A URI, or a jar of every cluster, such as `command-runner.jar`.
    pub(crate) jar: String,
    pub(crate) main_class: Option<String>,
    pub(crate) args: Vec<String>,
    /// The cluster's `LogUri`.
    pub(crate) log_uri: Option<String>,
    /// The cluster's classification `spark-defaults`.
    pub(crate) spark_defaults: SparkDefaults,
}

/// Runs a step to its end.
pub(crate) fn run(machine: &Machine, step: &Step, processes: &Processes) -> Result<(), Failure> {
    let place = Path::new("steps").join(&step.id);
    let prepared = Workplace::prepare(machine, processes, &step.cluster_id, &place);
    let result = prepared.and_then(|mut workplace| {
        workplace.spark_defaults.clone_from(&step.spark_defaults);
        let result = run_in(&workplace, step);
        log_end(&workplace, &result);
        archive(&workplace, step);
        result
    });
    let step_dir = machine.cluster_dir(&step.cluster_id).join(place);
    result.map_err(|failure| Failure { log_file: Some(stderr_uri(step, &step_dir)), ..failure })
}

/// The type of a step, by its jar and arguments.
#[derive(Debug, PartialEq, Eq)]
enum StepType<'a> {
    Command(&'a [String]),
    Script(&'a [String]),
    Streaming(&'a [String]),
    /// Sets up debugging on EMR 4.1 to 5.27; nothing to do here.
    StatePusher,
    Jar,
}

fn step_type<'a>(jar: &str, args: &'a [String]) -> StepType<'a> {
    let jar = jar.rsplit('/').next().unwrap_or_default();
    match (jar, args) {
        ("command-runner.jar", [first, rest @ ..]) if first == "hadoop-streaming" => StepType::Streaming(rest),
        ("command-runner.jar", [first, ..]) if first == "state-pusher-script" => StepType::StatePusher,
        ("command-runner.jar", args) => StepType::Command(args),
        ("script-runner.jar", args) => StepType::Script(args),
        (jar, args) if is_streaming_jar(jar) => StepType::Streaming(args),
        _ => StepType::Jar,
    }
}

fn is_streaming_jar(jar: &str) -> bool {
    let is_jar = Path::new(jar).extension().is_some_and(|extension| extension == "jar");
    is_jar && (jar.starts_with("hadoop-streaming") || jar == "streaming.jar")
}

fn run_in(workplace: &Workplace<'_>, step: &Step) -> Result<(), Failure> {
    let is_command_runner = step.jar.rsplit('/').next() == Some("command-runner.jar");
    let args = if is_command_runner { command::received(&step.args) } else { step.args.clone() };
    if args != step.args {
        let message = "command-runner.jar leaves out empty arguments and each }} in others, as on EMR";
        workplace.logs.log("controller", "WARN", "StepRunner", message);
    }
    match step_type(&step.jar, &args) {
        StepType::Command(args) => command::run(workplace, args),
        StepType::Script(args) => script::run(workplace, args),
        StepType::Streaming(args) => streaming::run(workplace, args),
        StepType::StatePusher => Ok(()),
        StepType::Jar => jar::run(workplace, &step.jar, step.main_class.as_deref(), &args),
    }
}

/// Ends the controller's log, to which EMR's own software writes.
fn log_end(workplace: &Workplace<'_>, result: &Result<(), Failure>) {
    let (level, message) = match result {
        Ok(()) => ("INFO", "Step succeeded".to_owned()),
        Err(_) if workplace.processes.is_stopped() => ("WARN", "Step interrupted before its end".to_owned()),
        Err(failure) => ("ERROR", format!("Step failed: {} {}", failure.reason, failure.message)),
    };
    workplace.logs.log("controller", level, "StepRunner", &message);
}

fn archive(workplace: &Workplace<'_>, step: &Step) {
    let Some(log_uri) = &step.log_uri else {
        return;
    };
    match workplace.location(log_uri) {
        Ok(root) => {
            let cluster = root.join(&step.cluster_id);
            let store = workplace.store();
            archive::copy(workplace.logs.dir(), store, &cluster.join("steps").join(&step.id));
            archive::copy(&workplace.containers, store, &cluster.join("containers"));
        }
        Err(failure) => log::warn!("cannot archive the logs of {}: {}", step.id, failure.message),
    }
}

/// The URI or path where a person can read the step's standard error.
fn stderr_uri(step: &Step, step_dir: &Path) -> String {
    let root = step.log_uri.as_deref().and_then(|uri| Location::parse(uri, step_dir).ok());
    match root {
        Some(root @ Location::S3 { .. }) => {
            root.join(&step.cluster_id).join("steps").join(&step.id).join("stderr.gz").uri()
        }
        _ => step_dir.join("logs/stderr").display().to_string(),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_jar_and_first_argument_give_the_type_of_a_step() {
        let of = |jar: &str, args: &[&str]| {
            let args: Vec<_> = args.iter().map(|&arg| arg.to_owned()).collect();
            match step_type(jar, &args) {
                StepType::Command(args) => format!("command {}", args.len()),
                StepType::Script(args) => format!("script {}", args.len()),
                StepType::Streaming(args) => format!("streaming {}", args.len()),
                StepType::StatePusher => "state pusher".to_owned(),
                StepType::Jar => "jar".to_owned(),
            }
        };
        assert_eq!(of("command-runner.jar", &["spark-submit", "x.py"]), "command 2");
        assert_eq!(of("command-runner.jar", &["hadoop-streaming", "-input"]), "streaming 1");
        assert_eq!(of("command-runner.jar", &["state-pusher-script"]), "state pusher");
        assert_eq!(of("s3://r.elasticmapreduce/libs/script-runner/script-runner.jar", &["s"]), "script 1");
        assert_eq!(of("/home/hadoop/contrib/streaming/hadoop-streaming.jar", &[]), "streaming 0");
        assert_eq!(of("s3://b/hadoop-streaming-2.8.5.jar", &[]), "streaming 0");
        assert_eq!(of("s3://b/my.jar", &[]), "jar");
    }
}

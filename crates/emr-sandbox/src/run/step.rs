//! One step from its start to its end: finds out what it is, has it run, keeps its logs.

use std::fs;
use std::path::{Path, PathBuf};

use super::filesystem::location::Location;
use super::logs::{self, Logs, last_line};
use super::processes::Processes;
use super::runner::{Job, Machine};
use super::{command, script, streaming};
use crate::emr::{FailureDetails, StepConfig};
use crate::s3::Store;

/// Where a step works and what it works with.
pub(crate) struct Workplace<'a> {
    pub(crate) machine: &'a Machine,
    pub(crate) processes: &'a Processes,
    pub(crate) logs: Logs,
    /// The fresh directory in which the step's command runs.
    pub(crate) dir: PathBuf,
    /// The cluster's HDFS.
    pub(crate) hdfs: PathBuf,
    /// Where containers put their logs on this machine: below the cluster's directory.
    pub(crate) containers: PathBuf,
}

/// Why a step failed.
#[derive(Debug, PartialEq, Eq)]
pub(crate) struct Failed {
    pub(crate) reason: String,
    pub(crate) message: String,
}

impl Failed {
    pub(crate) fn new(reason: impl Into<String>, message: impl Into<String>) -> Self {
        Self { reason: reason.into(), message: message.into() }
    }

    /// The machine itself would not do as it should.
    pub(crate) fn io(doing: &str, error: &std::io::Error) -> Self {
        Self::new("The sandbox failed.", format!("{doing}: {error}"))
    }
}

impl Workplace<'_> {
    pub(crate) fn store(&self) -> &Store {
        &self.machine.store
    }

    /// Reads where an argument points.
    pub(crate) fn location(&self, text: &str) -> Result<Location, Failed> {
        Location::parse(text, &self.hdfs).map_err(|message| Failed::new("Bad location.", message))
    }

    /// Says a line in a log of the step.
    pub(crate) fn say(&self, level: &str, class: &str, message: &str) {
        self.logs.say("syslog", level, class, message);
    }
}

/// Runs a step to its end; `None` when it succeeded.
pub(crate) fn run(machine: &Machine, job: &Job, processes: &Processes) -> Option<FailureDetails> {
    let cluster = machine.cluster_dir(&job.cluster_id);
    let step_dir = cluster.join("steps").join(&job.step_id);
    let prepared = prepare(machine, processes, &cluster, &step_dir);
    let result = prepared.and_then(|workplace| {
        let result = run_in(&workplace, &job.config);
        tell_controller(&workplace, &result);
        archive(&workplace, job);
        result
    });
    let failed = result.err()?;
    Some(FailureDetails {
        reason: Some(failed.reason),
        message: Some(failed.message),
        log_file: Some(stderr_uri(job, &step_dir)),
    })
}

fn prepare<'a>(
    machine: &'a Machine,
    processes: &'a Processes,
    cluster: &Path,
    step_dir: &Path,
) -> Result<Workplace<'a>, Failed> {
    let dir = step_dir.join("work");
    let hdfs = cluster.join("hdfs");
    let made = fs::create_dir_all(&dir).and_then(|()| fs::create_dir_all(&hdfs));
    made.map_err(|error| Failed::io("the step's directory", &error))?;
    let logs = Logs::create(&step_dir.join("logs"), &logs::STEP);
    let logs = logs.map_err(|error| Failed::io("the step's logs", &error))?;
    let containers = step_dir.join("containers");
    Ok(Workplace { machine, processes, logs, dir, hdfs, containers })
}

/// What a step turns out to be.
#[derive(Debug, PartialEq, Eq)]
enum Kind<'a> {
    Command(&'a [String]),
    Script(&'a [String]),
    Streaming(&'a [String]),
    /// The step by which EMR set up debugging. There is nothing to set up here.
    StatePusher,
    Jar,
}

fn kind(config: &StepConfig) -> Kind<'_> {
    let jar = config.jar.rsplit('/').next().unwrap_or_default();
    let args = config.args.as_slice();
    match (jar, args) {
        ("command-runner.jar", [first, rest @ ..]) if first == "hadoop-streaming" => Kind::Streaming(rest),
        ("command-runner.jar", [first, ..]) if first == "state-pusher-script" => Kind::StatePusher,
        ("command-runner.jar", args) => Kind::Command(args),
        ("script-runner.jar", args) => Kind::Script(args),
        (jar, args) if is_streaming_jar(jar) => Kind::Streaming(args),
        _ => Kind::Jar,
    }
}

fn is_streaming_jar(jar: &str) -> bool {
    let is_jar = Path::new(jar).extension().is_some_and(|extension| extension == "jar");
    is_jar && (jar.starts_with("hadoop-streaming") || jar == "streaming.jar")
}

fn run_in(workplace: &Workplace<'_>, config: &StepConfig) -> Result<(), Failed> {
    match kind(config) {
        Kind::Command(args) => command::run(workplace, args),
        Kind::Script(args) => script::run(workplace, args),
        Kind::Streaming(args) => streaming::run(workplace, args),
        Kind::StatePusher => Ok(()),
        Kind::Jar => command::run_jar(workplace, config),
    }
}

/// The controller's log: what EMR's own software says of the step.
fn tell_controller(workplace: &Workplace<'_>, result: &Result<(), Failed>) {
    let message = match result {
        Ok(()) => "Step succeeded".to_owned(),
        Err(failed) => format!("Step failed: {} {}", failed.reason, failed.message),
    };
    let level = if result.is_ok() { "INFO" } else { "ERROR" };
    workplace.logs.say("controller", level, "StepRunner", &message);
}

fn archive(workplace: &Workplace<'_>, job: &Job) {
    let Some(log_uri) = &job.log_uri else {
        return;
    };
    match Location::parse(log_uri, &workplace.hdfs) {
        Ok(root) => {
            let cluster = root.join(&job.cluster_id);
            let store = workplace.store();
            let steps = cluster.join("steps").join(&job.step_id);
            logs::archive(workplace.logs.dir(), store, &steps);
            logs::archive(&workplace.containers, store, &cluster.join("containers"));
        }
        Err(reason) => log::warn!("logs of {} not archived: {reason}", job.step_id),
    }
}

/// Where a person can read what a step wrote on its standard error.
fn stderr_uri(job: &Job, step_dir: &Path) -> String {
    let local = step_dir.join("logs/stderr");
    let root = job.log_uri.as_deref().and_then(|uri| Location::parse(uri, step_dir).ok());
    match root {
        Some(root @ Location::S3 { .. }) => {
            root.join(&job.cluster_id).join("steps").join(&job.step_id).join("stderr.gz").uri()
        }
        _ => local.display().to_string(),
    }
}

/// A failure of a process: its exit status and the last that it said.
pub(crate) fn failed_process(what: &str, status: std::process::ExitStatus, stderr: &Path) -> Failed {
    use std::os::unix::process::ExitStatusExt as _;
    let ended = match (status.code(), status.signal()) {
        (Some(code), _) => format!("exit code {code}"),
        (None, Some(signal)) => format!("killed by signal {signal}"),
        (None, None) => status.to_string(),
    };
    let message = match last_line(stderr) {
        Some(line) => format!("{ended}: {line}"),
        None => ended,
    };
    Failed::new(format!("{what} failed."), message)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn config(jar: &str, args: &[&str]) -> StepConfig {
        let args = args.iter().map(|&arg| arg.to_owned()).collect();
        StepConfig { jar: jar.to_owned(), args, ..StepConfig::default() }
    }

    #[test]
    fn a_step_is_what_its_jar_and_first_argument_say() {
        let of = |jar: &str, args: &[&str]| match kind(&config(jar, args)) {
            Kind::Command(args) => format!("command {}", args.len()),
            Kind::Script(args) => format!("script {}", args.len()),
            Kind::Streaming(args) => format!("streaming {}", args.len()),
            Kind::StatePusher => "state pusher".to_owned(),
            Kind::Jar => "jar".to_owned(),
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

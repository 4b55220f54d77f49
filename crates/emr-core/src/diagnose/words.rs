//! Recognizes single log lines by the words of Hadoop, Spark and EMR.

use std::sync::LazyLock;

use super::needles::Needles;
use crate::logs::{Attempt, JobNumber, find};

/// Words before the id of a started job.
const STARTED: [&str; 9] = [
    "Submitted application ",
    "Running job: ",
    "Starting Job = ",
    "with App id ",
    "Application report for ",
    "HadoopJobId: ",
    "Step created jobs: ",
    " finished with ",
    " due to AM Container for ",
];

/// Words before the id of a failed container, from YARN and Spark.
const CONTAINER: [&str; 4] =
    ["Container from a bad node: ", "Container marked as failed: ", "Container id: ", "containerID="];

/// Words that only say that something else failed.
const CONSEQUENCES: [&str; 17] = [
    "Job not Successful!",
    "Job not successful",
    "Job failed!",
    "Streaming Command Failed!",
    "Error Launching job : Job",
    "please see cluster logs",
    "finished with failed status",
    "finished with killed status",
    "User application exited with ",
    "; aborting job",
    "SparkContext was shut down",
    "Yarn application has already ended",
    "YARN application has exited unexpectedly",
    "RECEIVED SIGNAL TERM",
    "IOException: Broken pipe",
    "IOException: Stream closed",
    "failed with state FAILED due to: Task failed",
];

/// Beginnings of lines on stderr that have nothing to do with a failure.
const NOISE: [&str; 34] = [
    "log4j:",
    "SLF4J:",
    "reporter:",
    "+ ",
    "packageJobJar:",
    "Error Launching job",
    "Streaming Command Failed!",
    "Command exiting with ret",
    "Job not Successful!",
    "OpenJDK 64-Bit Server VM warning:",
    "WARNING: ",
    "Warning: ",
    "[Stage ",
    "client token: ",
    "diagnostics: ",
    "ApplicationMaster ",
    "queue: ",
    "start time: ",
    "final status: ",
    "tracking URL: ",
    "user: ",
    "Error: A fatal exception has occurred",
    "Error: Could not create the Java Virtual Machine",
    "Run with --help",
    "Failing this attempt",
    "Exception from container-launch",
    "Container id: ",
    "Container exited with ",
    "Container killed on request",
    "Exit code: ",
    "Error file: prelaunch.err",
    "Last 4096 bytes of ",
    "For more detailed output, ",
    ". Failing the application",
];

/// The jobs whose start `message` reports.
pub(super) fn started(message: &str) -> impl Iterator<Item = JobNumber> {
    static WORDS: LazyLock<Needles> = LazyLock::new(|| Needles::new(STARTED));
    let is_said = WORDS.may_be_in(message) && STARTED.iter().any(|words| message.contains(words));
    let prefixes = if is_said { &["application_", "job_"][..] } else { &[] };
    prefixes.iter().filter_map(|prefix| find(message, prefix)).filter_map(JobNumber::read)
}

/// `text` without the time in brackets that YARN puts before lines of diagnostics since Hadoop 3.
pub(super) fn unstamped(text: &str) -> &str {
    let stamped = text.strip_prefix('[').and_then(|rest| rest.split_once(']'));
    let is_time = |stamp: &str| stamp.starts_with(|c: char| c.is_ascii_digit()) && stamp.contains(':');
    stamped.filter(|(stamp, _)| is_time(stamp)).map_or(text, |(_, rest)| rest)
}

/// The input of a mapper, which Hadoop logs before reading it.
pub(super) fn input(message: &str) -> Option<&str> {
    let opened = message.strip_prefix("Opening '").and_then(|rest| rest.split_once("' for reading"));
    opened.map(|(path, _)| path).or_else(|| message.strip_prefix("Processing split: ").map(str::trim))
}

/// The attempt whose failure `message` begins to report.
pub(super) fn failed_attempt(message: &str) -> Option<&str> {
    let failed = message.starts_with("Task Id") && message.contains("FAILED");
    let diagnosed = message.starts_with("Diagnostics report from attempt_");
    let id = if failed || diagnosed { find(message, "attempt_")? } else { return None };
    Attempt::read(id).map(|_| id)
}

/// The container whose failure `text` reports.
pub(super) fn failed_container(text: &str) -> Option<&str> {
    static WORDS: LazyLock<Needles> = LazyLock::new(|| Needles::new(CONTAINER));
    if !WORDS.may_be_in(text) {
        return None;
    }
    let after = CONTAINER.iter().find_map(|words| Some(text.split_once(words)?.1))?;
    let id = find(after, "container_").filter(|_| after.starts_with("container_"))?;
    Attempt::read(id).map(|_| id)
}

/// YARN's diagnostics of an ended application, in the report of Spark's client.
pub(super) fn diagnosis(message: &str) -> Option<&str> {
    let words = ["diagnostics: ", "Application diagnostics message: ", "Diagnostics message: "];
    let diagnosis = words.iter().find_map(|words| message.strip_prefix(words))?.trim();
    let is_idle = diagnosis == "N/A" || diagnosis.contains("AM container") || diagnosis.contains("waiting for ");
    (!is_idle && !diagnosis.is_empty()).then_some(diagnosis)
}

/// The first place on S3 in `text`, as a URI or ARN.
pub(super) fn place(text: &str) -> Option<&str> {
    let at = ["s3://", "s3a://", "s3n://", "arn:aws:s3:::"].iter().filter_map(|scheme| text.find(scheme)).min()?;
    text[at..].split(|c: char| c.is_whitespace() || "\"'`,;()[]<>".contains(c)).next()
}

/// Whether `text` is one of Spark's headings inside an error, which carry no information.
pub(super) fn is_heading(text: &str) -> bool {
    ["Driver stacktrace:", "JVM stacktrace:"].contains(&text.trim())
}

/// Whether `text` only says that something else failed.
pub(super) fn is_consequence(text: &str) -> bool {
    static WORDS: LazyLock<Needles> = LazyLock::new(|| Needles::new(CONSEQUENCES));
    WORDS.may_be_in(text) && CONSEQUENCES.iter().any(|words| text.contains(words))
}

/// Whether a line of stderr may be a program's own message about its failure.
pub(super) fn is_said(message: &str) -> bool {
    !message.is_empty() && !NOISE.iter().any(|noise| message.starts_with(noise)) && !is_remark(message)
}

/// Whether `text` is a Python warning, or Python 2's message about an ignored error.
fn is_remark(text: &str) -> bool {
    text.contains("Warning: ")
        || text.starts_with("warnings.warn(")
        || text.starts_with("Exception ") && text.ends_with(" ignored")
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn an_error_that_python_2_ignores_is_not_one() {
        assert!(is_remark("Exception AttributeError: \"x\" in <function _remove at 0x7f> ignored"));
    }

    #[test]
    fn yarn_s_diagnostics_of_an_ended_application_are_a_diagnosis() {
        assert_eq!(
            diagnosis("diagnostics: User application exited with status 1"),
            Some("User application exited with status 1")
        );
        assert_eq!(diagnosis("Application diagnostics message: it broke"), Some("it broke"));
        for text in
            ["diagnostics: N/A", "diagnostics: AM container is launched, waiting for AM container to Register with RM"]
        {
            assert_eq!(diagnosis(text), None, "{text}");
        }
    }

    #[test]
    fn a_failed_container_is_recognized() {
        let container = Some("container_1_0007_01_000072");
        assert_eq!(failed_container("Container from a bad node: container_1_0007_01_000072 on host: ip-1."), container);
        assert_eq!(failed_container("Container [pid=7,containerID=container_1_0007_01_000072] is running"), container);
        assert_eq!(failed_container("Launching container container_1_0007_01_000072"), None);
    }
}

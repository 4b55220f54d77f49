//! What single lines of logs say, by the words that Hadoop, Python and EMR use.

use crate::logs::{Attempt, JobNumber, find};

/// By these words others say which job is theirs.
const STARTED: [&str; 7] = [
    "Submitted application ",
    "Running job: ",
    "Starting Job = ",
    "with App id ",
    "Application report for ",
    "HadoopJobId: ",
    "Step created jobs: ",
];

/// The jobs that `message` says were started.
pub(super) fn started(message: &str) -> impl Iterator<Item = JobNumber> {
    let is_said = STARTED.iter().any(|words| message.contains(words));
    let ids = ["application_", "job_"].into_iter().filter_map(|prefix| find(message, prefix));
    ids.filter_map(JobNumber::read).filter(move |_| is_said)
}

/// What stands behind the time in brackets that YARN puts before lines of its diagnostics since Hadoop 3.
pub(super) fn unstamped(text: &str) -> &str {
    let stamped = text.strip_prefix('[').and_then(|rest| rest.split_once(']'));
    let is_time = |stamp: &str| stamp.starts_with(|c: char| c.is_ascii_digit()) && stamp.contains(':');
    stamped.filter(|(stamp, _)| is_time(stamp)).map_or(text, |(_, rest)| rest)
}

/// What a mapper reads, as Hadoop says before it does.
pub(super) fn input(message: &str) -> Option<&str> {
    let opened = message.strip_prefix("Opening '").and_then(|rest| rest.split_once("' for reading"));
    opened.map(|(path, _)| path).or_else(|| message.strip_prefix("Processing split: ").map(str::trim))
}

/// The attempt whose failure `message` begins to tell.
pub(super) fn failed_attempt(message: &str) -> Option<&str> {
    let failed = message.starts_with("Task Id") && message.contains("FAILED");
    let diagnosed = message.starts_with("Diagnostics report from attempt_");
    let id = if failed || diagnosed { find(message, "attempt_")? } else { return None };
    Attempt::read(id).map(|_| id)
}

/// Python says of a program that it cannot read only where and what, and not how it came there.
pub(super) fn is_syntax_error(text: &str) -> bool {
    ["SyntaxError: ", "IndentationError: ", "TabError: "].iter().any(|error| text.starts_with(error))
}

/// Whether an error only says that something before it was one.
pub(super) fn is_sequel(message: &str) -> bool {
    ["Job not Successful!", "Job not successful", "Streaming Command Failed!", "Error Launching job : Job"]
        .iter()
        .any(|sequel| message.starts_with(sequel))
}

/// A message without the words by which Hadoop begins every one of its kind.
pub(super) fn essence(message: &str) -> &str {
    const WORDS: [&str; 4] =
        ["Error Launching job : ", "Exception running child : ", "Error running child : ", "Error: "];
    WORDS.iter().find_map(|words| message.strip_prefix(words)).unwrap_or(message)
}

/// Whether a line of stderr may be what a program said of its failure.
pub(super) fn is_said(message: &str) -> bool {
    const NOISE: [&str; 10] = [
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
    ];
    !message.is_empty() && !NOISE.iter().any(|noise| message.starts_with(noise))
}

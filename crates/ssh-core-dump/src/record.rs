//! The record of a core dump.

use chrono::{DateTime, Utc};
use emr_core::model::id::{InstanceId, JobFlowId};
use emr_core::model::record::{Record, cell, moment, seconds};
use emr_core::model::size;
use serde::Serialize;

/// A core dump of a node.
#[derive(Debug, Clone, PartialEq, Serialize)]
pub(crate) struct CoreRecord {
    /// The job flow.
    pub job_flow_id: JobFlowId,
    /// The instance that it is on.
    pub node: InstanceId,
    /// Where it is there. What is not UTF-8 is replaced.
    pub path: String,
    /// Its length, in bytes, with its holes.
    pub bytes: u64,
    /// The number of the signal that ended the process.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub signal: Option<i32>,
    /// The name of that signal.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub signal_name: Option<&'static str>,
    /// The process.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub pid: Option<i32>,
    /// What the process called itself.
    pub program: String,
    /// The path of its executable.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub executable: Option<String>,
    /// When it was written last.
    #[serde(serialize_with = "seconds", skip_serializing_if = "Option::is_none")]
    pub time: Option<DateTime<Utc>>,
    /// Whether some of what its head announces is missing: it is still being written, or the node's disk was full.
    #[serde(skip_serializing_if = "std::ops::Not::not")]
    pub partial: bool,
    /// Where it is here, or would be once it is fetched.
    pub file: String,
    /// The SHA-256 of the file that is here, once all of it has come over and been compared.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub sha256: Option<String>,
    /// Where the thread was that crashed, the innermost function first.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub backtrace: Option<Vec<String>>,
}

impl Record for CoreRecord {
    const COLUMNS: &'static [&'static str] = &["NODE", "TIME", "SIGNAL", "PID", "PROGRAM", "SIZE", "FILE"];

    fn cells(&self) -> Vec<String> {
        let partial = if self.partial { " (partial)" } else { "" };
        vec![
            self.node.to_string(),
            moment(self.time),
            cell(self.signal_name.map(str::to_owned).or(self.signal.map(|number| number.to_string()))),
            cell(self.pid),
            self.program.clone(),
            size::words(self.bytes) + partial,
            self.file.clone(),
        ]
    }

    /// Where it is here.
    fn id(&self) -> &str {
        &self.file
    }
}

/// The name of signal `number`, if it is one that core dumps come of (`signal(7)`).
#[must_use]
pub(crate) fn signal_name(number: i32) -> Option<&'static str> {
    Some(match number {
        3 => "SIGQUIT",
        4 => "SIGILL",
        5 => "SIGTRAP",
        6 => "SIGABRT",
        7 => "SIGBUS",
        8 => "SIGFPE",
        11 => "SIGSEGV",
        24 => "SIGXCPU",
        25 => "SIGXFSZ",
        31 => "SIGSYS",
        _ => return None,
    })
}

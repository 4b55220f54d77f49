//! The record of a core dump.

use chrono::{DateTime, Utc};
use emr_core::model::id::{InstanceId, JobFlowId};
use emr_core::model::record::{Record, cell, moment, seconds};
use emr_core::model::size;
use serde::Serialize;

/// A core dump of a node.
#[derive(Debug, Clone, PartialEq, Serialize)]
pub(crate) struct CoreRecord {
    /// The id of the job flow.
    pub job_flow_id: JobFlowId,
    /// The id of the instance that has it.
    pub node: InstanceId,
    /// Its path there, lossily converted to UTF-8.
    pub path: String,
    /// Its length in bytes, holes included.
    pub bytes: u64,
    /// The number of the signal that ended the process.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub signal: Option<i32>,
    /// The name of that signal.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub signal_name: Option<&'static str>,
    /// The PID, in the PID namespace of the process.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub pid: Option<i32>,
    /// The name that the process gave itself.
    pub program: String,
    /// The path of its executable.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub executable: Option<String>,
    /// When it was last written.
    #[serde(serialize_with = "seconds", skip_serializing_if = "Option::is_none")]
    pub time: Option<DateTime<Utc>>,
    /// Whether it is shorter than its head announces: it is still being written, or the node's disk was full.
    #[serde(skip_serializing_if = "std::ops::Not::not")]
    pub partial: bool,
    /// The path of the fetched file, also when it is not fetched yet.
    pub file: String,
    /// The SHA-256 of the fetched file, once it is complete and compared.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub sha256: Option<String>,
    /// The functions of the thread that crashed, the innermost first.
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

    /// The path of the fetched file.
    fn id(&self) -> &str {
        &self.file
    }
}

/// The name of signal `number`, if it is one that causes core dumps (`signal(7)`).
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

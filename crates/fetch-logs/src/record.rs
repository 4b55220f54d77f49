//! The records that this tool prints: of log files, and of causes.

use chrono::{DateTime, Utc};
use emr_core::model::cause::Cause;
use emr_core::model::cluster::ErrorDetail;
use emr_core::model::id::{JobFlowId, StepId};
use emr_core::model::log::{LogFile, Place};
use emr_core::model::record::{Record, cell, moment, seconds};
use emr_core::model::size;
use serde::Serialize;

/// A log file.
#[derive(Debug, Clone, PartialEq, Serialize)]
pub(crate) struct LogRecord {
    /// The job flow.
    pub job_flow_id: JobFlowId,
    /// The step that was named, whose log it is or whose task's.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub step_id: Option<StepId>,
    /// Where it is: `uri`, or `node` and `path`.
    #[serde(flatten)]
    pub place: Place,
    /// Its size there.
    pub bytes: u64,
    /// When it was last written.
    #[serde(serialize_with = "seconds", skip_serializing_if = "Option::is_none")]
    pub time: Option<DateTime<Utc>>,
    #[serde(skip)]
    id: String,
}

impl LogRecord {
    /// The record of `file`.
    #[must_use]
    pub(crate) fn new(job_flow_id: JobFlowId, step_id: Option<StepId>, file: LogFile) -> Self {
        let id = file.place.to_string();
        Self { job_flow_id, step_id, place: file.place, bytes: file.bytes, time: file.time, id }
    }
}

impl Record for LogRecord {
    const COLUMNS: &'static [&'static str] = &["JOB FLOW", "STEP", "SIZE", "WRITTEN", "LOG"];

    fn cells(&self) -> Vec<String> {
        vec![
            self.job_flow_id.to_string(),
            cell(self.step_id.as_ref()),
            size::words(self.bytes),
            moment(self.time),
            self.id.clone(),
        ]
    }

    /// Its URI, or its node and path.
    fn id(&self) -> &str {
        &self.id
    }
}

/// The probable cause of a failure.
#[derive(Debug, Clone, PartialEq, Serialize)]
pub(crate) struct CauseRecord {
    /// The job flow.
    pub job_flow_id: JobFlowId,
    /// The step that failed; `None` where the job flow did.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub step_id: Option<StepId>,
    /// EMR's code for why the job flow ended, where that is the cause.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub reason_code: Option<String>,
    /// What EMR adds to it.
    #[serde(skip_serializing_if = "Vec::is_empty")]
    pub error_details: Vec<ErrorDetail>,
    /// The exit code of the step or bootstrap action, as far as EMR's log of it tells.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub exit_code: Option<i32>,
    /// The cause.
    #[serde(flatten)]
    pub cause: Cause,
    /// How many attempts of tasks are known to have failed.
    #[serde(skip_serializing_if = "is_zero")]
    pub attempts: u64,
}

impl Record for CauseRecord {
    const COLUMNS: &'static [&'static str] = &["JOB FLOW", "STEP", "KIND", "MESSAGE", "LOG", "LINE"];

    fn cells(&self) -> Vec<String> {
        vec![
            self.job_flow_id.to_string(),
            cell(self.step_id.as_ref()),
            self.cause.kind.as_str().to_owned(),
            self.cause.message.clone(),
            cell(self.cause.quote.as_ref().map(|quote| &quote.place)),
            cell(self.cause.quote.as_ref().and_then(|quote| quote.line)),
        ]
    }

    /// The kind of the cause.
    fn id(&self) -> &str {
        self.cause.kind.as_str()
    }
}

#[expect(clippy::trivially_copy_pass_by_ref, reason = "serde hands over the field as it is")]
fn is_zero(count: &u64) -> bool {
    *count == 0
}

//! The record of a step.

use chrono::{DateTime, Utc};
use serde::Serialize;

use super::{Name, Record, cell, moment, seconds};
use crate::model::cause::Cause;
use crate::model::id::{JobFlowId, StepId};
use crate::model::place::Place;
use crate::model::step::{Step, StepState};
use crate::model::time;

/// A step.
#[derive(Debug, Clone, PartialEq, Serialize)]
pub struct StepRecord {
    /// Its job flow.
    pub job_flow_id: JobFlowId,
    /// Its id.
    pub step_id: StepId,
    /// Its Name.
    pub name: String,
    /// Its state at the time of the call.
    pub state: StepState,
    /// The reason of its state.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub reason: Option<String>,
    /// The log that shows why it failed.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub log_file: Option<String>,
    /// When it was added.
    #[serde(serialize_with = "seconds", skip_serializing_if = "Option::is_none")]
    pub created_at: Option<DateTime<Utc>>,
    /// When it started.
    #[serde(serialize_with = "seconds", skip_serializing_if = "Option::is_none")]
    pub started_at: Option<DateTime<Utc>>,
    /// When it ended.
    #[serde(serialize_with = "seconds", skip_serializing_if = "Option::is_none")]
    pub ended_at: Option<DateTime<Utc>>,
    /// The output of the job, in the record of its last step.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub output: Option<String>,
    /// The exit code of its program, if the controller's log was read.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub exit_code: Option<i32>,
    /// The probable cause of its failure, if its logs were read.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub cause: Option<Cause>,
    /// Where its job flow is.
    #[serde(flatten)]
    pub place: Place,
}

impl StepRecord {
    /// The record of `step` of `job_flow_id`, which is at `place`.
    #[must_use]
    pub fn new(job_flow_id: JobFlowId, place: Place, step: Step) -> Self {
        Self {
            job_flow_id,
            step_id: step.id,
            name: step.name,
            state: step.state,
            reason: step.reason,
            log_file: step.log_file,
            created_at: step.created_at,
            started_at: step.started_at,
            ended_at: step.ended_at,
            output: step.output,
            exit_code: None,
            cause: None,
            place,
        }
    }
}

impl StepRecord {
    /// Its run time in seconds, once it has ended.
    fn took(&self) -> Option<u64> {
        let took = self.ended_at? - self.started_at?;
        took.num_seconds().try_into().ok()
    }
}

impl Record for StepRecord {
    const COLUMNS: &'static [&'static str] = &["JOB FLOW", "STEP", "STATE", "CREATED", "TOOK", "NAME", "REASON"];

    const PROSE: Option<&'static str> = Some("REASON");

    fn cells(&self) -> Vec<String> {
        vec![
            self.job_flow_id.to_string(),
            self.step_id.to_string(),
            self.state.to_string(),
            moment(self.created_at),
            cell(self.took().map(time::clock)),
            self.name.clone(),
            cell(self.reason.as_ref()),
        ]
    }

    fn id(&self) -> &str {
        self.step_id.as_str()
    }

    fn names(&self) -> Vec<Name> {
        vec![Name::Step(self.step_id.clone())]
    }
}

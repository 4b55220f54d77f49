//! The record of a long job.

use chrono::{DateTime, Utc};
use emr_core::model::id::{JobFlowId, StepId};
use emr_core::model::place::Place;
use emr_core::model::pool::Marker;
use emr_core::model::record::{Record, cell, seconds};
use emr_core::model::time;
use serde::Serialize;

/// A job flow that is not up, or a step that has not ended or started.
#[derive(Debug, Clone, PartialEq, Serialize)]
pub(crate) struct LongJobRecord {
    /// The job flow.
    pub job_flow_id: JobFlowId,
    /// The job flow's Name.
    pub name: String,
    /// The step, if it is one.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub step_id: Option<StepId>,
    /// The step's Name.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub step_name: Option<String>,
    /// The state of the job flow or step.
    pub state: String,
    /// When it started, or could have started.
    #[serde(serialize_with = "seconds", skip_serializing_if = "Option::is_none")]
    pub since: Option<DateTime<Utc>>,
    /// Seconds since then.
    pub duration_s: u64,
    /// Where the job flow is.
    #[serde(flatten)]
    pub place: Place,
}

impl Record for LongJobRecord {
    const COLUMNS: &'static [&'static str] = &["JOB FLOW", "REGION", "STEP", "STATE", "FOR", "NAME"];

    fn cells(&self) -> Vec<String> {
        vec![
            self.job_flow_id.to_string(),
            cell(self.place.region.as_ref()),
            cell(self.step_id.as_ref()),
            self.state.clone(),
            time::clock(self.duration_s),
            self.step_name.clone().unwrap_or_else(|| Marker::without(&self.name)),
        ]
    }

    /// The id of the job flow, for terminate-job-flow.
    fn id(&self) -> &str {
        self.job_flow_id.as_str()
    }
}

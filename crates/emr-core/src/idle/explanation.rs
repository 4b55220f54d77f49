//! The record of `terminate-idle-job-flows --explain`: whether a sweep would terminate a cluster, and why.

use serde::Serialize;

use super::Class;
use crate::model::cluster::ClusterState;
use crate::model::id::JobFlowId;
use crate::model::place::Place;
use crate::model::record::{Record, cell};
use crate::model::time;

/// Whether a sweep would terminate a cluster, and why.
#[derive(Debug, Clone, PartialEq, Serialize)]
pub struct Explanation {
    /// The cluster.
    pub job_flow_id: JobFlowId,
    /// Its Name.
    pub name: String,
    /// Its state.
    pub state: ClusterState,
    /// Its class, such as `idle` or `running`.
    pub class: Class,
    /// Its pool, if it is in one.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub pool_name: Option<String>,
    /// Idle time in seconds.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub idle_s: Option<u64>,
    /// Seconds to the end of an hour since it was created.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub to_end_of_hour_s: Option<u64>,
    /// Whether it would be terminated.
    pub terminates: bool,
    /// Why, or why not.
    pub reason: String,
    /// Where it is.
    #[serde(flatten)]
    pub place: Place,
}

impl Record for Explanation {
    const COLUMNS: &'static [&'static str] = &["JOB FLOW", "REGION", "STATE", "CLASS", "IDLE", "TERMINATES", "BECAUSE"];

    const PROSE: Option<&'static str> = Some("BECAUSE");

    fn cells(&self) -> Vec<String> {
        vec![
            self.job_flow_id.to_string(),
            cell(self.place.region.as_ref()),
            self.state.to_string(),
            self.class.to_string(),
            cell(self.idle_s.map(time::clock)),
            if self.terminates { "yes" } else { "no" }.to_owned(),
            self.reason.clone(),
        ]
    }

    fn id(&self) -> &str {
        self.job_flow_id.as_str()
    }
}

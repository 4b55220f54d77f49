//! The record that says whether a cluster is ended for being idle, and why.

use serde::Serialize;

use super::Class;
use crate::model::cluster::ClusterState;
use crate::model::id::JobFlowId;
use crate::model::record::{Record, cell};
use crate::model::time;

/// Whether a sweep would end a cluster, and why.
#[derive(Debug, Clone, PartialEq, Serialize)]
pub struct Explanation {
    /// The cluster.
    pub job_flow_id: JobFlowId,
    /// Its Name.
    pub name: String,
    /// Its state.
    pub state: ClusterState,
    /// What it does.
    pub class: Class,
    /// Its pool, where it is known to be in one.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub pool_name: Option<String>,
    /// Seconds without work.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub idle_s: Option<u64>,
    /// Seconds until it is a whole number of hours old.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub to_end_of_hour_s: Option<u64>,
    /// Whether it would be ended.
    pub terminates: bool,
    /// Why, or why not.
    pub reason: String,
}

impl Record for Explanation {
    const COLUMNS: &'static [&'static str] = &["JOB FLOW", "STATE", "CLASS", "IDLE", "TERMINATES", "BECAUSE"];

    fn cells(&self) -> Vec<String> {
        vec![
            self.job_flow_id.to_string(),
            self.state.to_string(),
            self.class.to_string(),
            cell(self.idle_s.map(time::hours)),
            if self.terminates { "yes" } else { "no" }.to_owned(),
            self.reason.clone(),
        ]
    }

    fn id(&self) -> &str {
        self.job_flow_id.as_str()
    }
}

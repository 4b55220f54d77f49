//! The record of `find-pool --explain`: why a job does or does not join a cluster.

use serde::Serialize;

use super::Reason;
use crate::model::cluster::ClusterState;
use crate::model::id::JobFlowId;
use crate::model::record::Record;

/// Whether a job would join a cluster of the pool, and if not, why not.
#[derive(Debug, Clone, PartialEq, Serialize)]
pub struct Explanation {
    /// The cluster.
    pub job_flow_id: JobFlowId,
    /// Its Name.
    pub name: String,
    /// Its state.
    pub state: ClusterState,
    /// Whether the job would join it if no other cluster were better.
    pub matches: bool,
    /// Why not; empty if it matches.
    pub reasons: Vec<Reason>,
}

impl Record for Explanation {
    const COLUMNS: &'static [&'static str] = &["JOB FLOW", "STATE", "MATCHES", "BECAUSE"];

    const PROSE: Option<&'static str> = Some("BECAUSE");

    fn cells(&self) -> Vec<String> {
        let because = |reason: &Reason| format!("{}: wanted {}, found {}", reason.check, reason.wanted, reason.found);
        vec![
            self.job_flow_id.to_string(),
            self.state.to_string(),
            if self.matches { "yes" } else { "no" }.to_owned(),
            self.reasons.iter().map(because).collect::<Vec<_>>().join("; "),
        ]
    }

    fn id(&self) -> &str {
        self.job_flow_id.as_str()
    }
}

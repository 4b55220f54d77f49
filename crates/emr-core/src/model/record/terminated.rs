//! The record of a terminated job flow.

use serde::Serialize;

use super::{Name, Record, cell};
use crate::model::cluster::{Cluster, ClusterState};
use crate::model::id::JobFlowId;
use crate::model::place::Place;
use crate::model::pool::Marker;
use crate::model::time;

/// A job flow that was terminated, or would be.
#[derive(Debug, Clone, PartialEq, Serialize)]
pub struct TerminatedRecord {
    /// Its id.
    pub job_flow_id: JobFlowId,
    /// Its Name.
    pub name: String,
    /// Its state before.
    pub state: ClusterState,
    /// Its pool, if it was looked up.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub pool_name: Option<String>,
    /// Its idle time, if that is the reason.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub idle_s: Option<u64>,
    /// Whether it had pending steps, if they were listed.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub pending: Option<bool>,
    /// Whether it is only a dry run.
    pub dry_run: bool,
    /// Where it is.
    #[serde(flatten)]
    pub place: Place,
}

impl TerminatedRecord {
    /// The record of `cluster` without further details.
    #[must_use]
    pub fn new(cluster: Cluster, dry_run: bool) -> Self {
        let Cluster { id, name, state, place, .. } = cluster;
        Self { job_flow_id: id, name, state, pool_name: None, idle_s: None, pending: None, dry_run, place }
    }
}

impl Record for TerminatedRecord {
    const COLUMNS: &'static [&'static str] = &["JOB FLOW", "REGION", "STATE BEFORE", "IDLE", "POOL", "NAME"];

    fn cells(&self) -> Vec<String> {
        vec![
            self.job_flow_id.to_string(),
            cell(self.place.region.as_ref()),
            self.state.to_string(),
            cell(self.idle_s.map(time::clock)),
            cell(self.pool_name.as_ref()),
            Marker::without(&self.name),
        ]
    }

    fn id(&self) -> &str {
        self.job_flow_id.as_str()
    }

    fn names(&self) -> Vec<Name> {
        if self.dry_run { Vec::new() } else { vec![Name::Ended(self.job_flow_id.clone())] }
    }
}

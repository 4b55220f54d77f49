//! Progress on a terminal: a line for each job flow.

use chrono::{DateTime, Utc};
use emr_cli::progress::{self, Bar};
use emr_core::model::cluster::Cluster;
use emr_core::model::pool::Marker;

/// The line of one job flow: its state, its name, and the time since it was asked for.
pub(crate) struct FlowBar(Bar);

impl FlowBar {
    pub(crate) fn new(id: &str) -> Self {
        Self(progress::spinner(id))
    }

    /// Shows the job flow at `now` (AWS's clock).
    pub(crate) fn show(&self, cluster: &Cluster, now: DateTime<Utc>) {
        self.0.set_message(&format!("{}  {}", cluster.state, Marker::without(&cluster.name)));
        if let Some(since) = cluster.created_at {
            self.0.set_elapsed((now - since).to_std().unwrap_or_default());
        }
    }

    pub(crate) fn clear(&self) {
        self.0.finish_and_clear();
    }
}

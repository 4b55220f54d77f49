//! Progress on a terminal: a line for each step.

use chrono::{DateTime, Utc};
use emr_cli::progress::{self, Bar};
use emr_core::model::cluster::ClusterState;
use emr_core::model::step::{Step, StepState};

/// The line of one step: its state, its name, and the time since it began, or until then since it was added.
pub(crate) struct StepBar(Bar);

impl StepBar {
    pub(crate) fn new(id: &str) -> Self {
        Self(progress::spinner(id))
    }

    /// Shows the step at `now` (AWS's clock), and the state of its job flow while the step is pending.
    pub(crate) fn show(&self, step: &Step, cluster: Option<&ClusterState>, now: DateTime<Utc>) {
        let state = match cluster {
            Some(cluster) if step.state == StepState::Pending => format!("PENDING (job flow is {cluster})"),
            _ => step.state.to_string(),
        };
        self.0.set_message(&format!("{state}  {}", step.name));
        if let Some(since) = step.started_at.or(step.created_at) {
            self.0.set_elapsed((now - since).to_std().unwrap_or_default());
        }
    }

    pub(crate) fn clear(&self) {
        self.0.finish_and_clear();
    }
}

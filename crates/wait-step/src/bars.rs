//! The progress line of a step on a terminal: its state and name.

use emr_cli::progress::{self, Bar};
use emr_core::model::cluster::ClusterState;
use emr_core::model::step::{Step, StepState};

/// The bar of one step.
pub(crate) struct StepBar(Bar);

impl StepBar {
    pub(crate) fn new(id: &str) -> Self {
        Self(progress::spinner(id))
    }

    /// Shows the state of the step, and of its job flow while the step is pending.
    pub(crate) fn show(&self, step: &Step, cluster: Option<&ClusterState>) {
        let state = match cluster {
            Some(cluster) if step.state == StepState::Pending => format!("PENDING (job flow is {cluster})"),
            _ => step.state.to_string(),
        };
        self.0.set_message(&format!("{state}  {}", step.name));
    }

    pub(crate) fn clear(&self) {
        self.0.finish_and_clear();
    }
}

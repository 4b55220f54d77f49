//! A line a step on the terminal: its name, its state, and for how long.

use emr_cli::progress::{self, Bar};
use emr_core::model::cluster::ClusterState;
use emr_core::model::step::{Step, StepState};
use emr_core::text::is_unfit;

/// The bar of one step.
pub(crate) struct StepBar(Bar);

impl StepBar {
    pub(crate) fn new(id: &str) -> Self {
        Self(progress::spinner(id))
    }

    /// Shows what is known of the step; a pending one waits for its job flow.
    pub(crate) fn show(&self, step: &Step, cluster: Option<&ClusterState>) {
        let state = match cluster {
            Some(cluster) if step.state == StepState::Pending => format!("PENDING (job flow is {cluster})"),
            _ => step.state.to_string(),
        };
        self.0.set_message(format!("{state}  {}", step.name.replace(is_unfit, "?")));
    }

    pub(crate) fn clear(&self) {
        self.0.finish_and_clear();
    }
}

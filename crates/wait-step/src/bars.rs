//! Progress on a terminal: a line for each step, and how many are done.

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

/// The line that says how many steps are done, where there are several.
#[derive(Default)]
pub(crate) struct TallyBar(Option<Bar>);

impl TallyBar {
    /// Shows that `done` of `all` steps are.
    pub(crate) fn show(&mut self, done: usize, all: usize) {
        if all < 2 {
            return;
        }
        let number = |count: usize| u64::try_from(count).unwrap_or(u64::MAX);
        let bar = self.0.get_or_insert_with(|| progress::tally(number(all)));
        bar.set_length(number(all));
        bar.set_position(number(done));
    }

    pub(crate) fn clear(&self) {
        if let Some(bar) = &self.0 {
            bar.finish_and_clear();
        }
    }
}

//! How a cluster ends: pending steps are cancelled, running ones are stopped, then the instances are released.

use super::order::{Order, Stop};
use crate::emr::model::cluster::Cluster;
use crate::emr::model::status::{ClusterState, Reason, StepState};
use crate::emr::model::timestamp::Timestamp;
use crate::emr::provision;

impl Cluster {
    /// Begins the end of the cluster.
    pub(crate) fn terminate(&mut self, reason: Reason, now: Timestamp) -> Vec<Order> {
        self.enter(ClusterState::Terminating, reason);
        self.cancel_pending_steps("Job terminated", now);
        let running =
            self.steps.ours().filter(|step| matches!(step.status.state, StepState::Running | StepState::CancelPending));
        let orders = running.map(|step| Order::Stop(step.id.clone(), Stop::Interrupt)).collect();
        self.end_when_quiet(now);
        orders
    }

    pub(super) fn cancel_pending_steps(&mut self, message: &str, now: Timestamp) {
        for step in self.steps.open() {
            if step.status.state == StepState::Pending {
                step.status.state = StepState::Cancelled;
                step.status.state_change_reason = Reason::new("NONE", message);
                step.status.timeline.end_date_time = Some(now);
            }
        }
    }

    /// Ends the cluster once none of its steps runs.
    pub(super) fn end_when_quiet(&mut self, now: Timestamp) {
        if self.our_active_steps() > 0 {
            return;
        }
        for step in self.steps.open() {
            if step.status.state.is_active() {
                step.status.state = StepState::Interrupted;
                step.status.timeline.end_date_time = Some(now);
            }
        }
        let is_failure = self.description.status.state_change_reason.is_failure();
        self.description.status.state =
            if is_failure { ClusterState::TerminatedWithErrors } else { ClusterState::Terminated };
        self.description.status.timeline.end_date_time = Some(now);
        provision::release(self, now);
    }
}

//! How a cluster works: it starts as many steps as its concurrency level allows, records their ends, and terminates
//! when nothing is left to do.

use super::order::Order;
use crate::emr::model::cluster::Cluster;
use crate::emr::model::status::{ClusterState, FailureDetails, Reason, STEPS_COMPLETED_WITH_ERRORS, StepState};
use crate::emr::model::step::ActionOnFailure;
use crate::emr::model::timestamp::Timestamp;

/// EMR's reason for the state of a cluster that has run no step yet.
const READY: &str = "Cluster ready to run steps.";

/// EMR's reason after the first step.
const READY_AGAIN: &str = "Cluster ready after last step completed.";

impl Cluster {
    /// Makes the transitions of a cluster that is up.
    pub(super) fn work(&mut self, now: Timestamp) -> Vec<Order> {
        let orders = self.start_steps(now);
        if self.our_active_steps() > 0 {
            self.enter(ClusterState::Running, Reason::of_message("Running step"));
            return orders;
        }
        let Some(ready_at) = self.start.as_ref().map(|start| start.ready_at) else {
            self.enter(ClusterState::Waiting, Reason::of_message(READY_AGAIN));
            return orders;
        };
        if self.description.auto_terminate {
            self.terminate(self.all_steps_completed(), now);
            return orders;
        }
        let has_worked = self.steps.ours().any(|step| step.status.timeline.end_date_time.is_some());
        self.enter(ClusterState::Waiting, Reason::of_message(if has_worked { READY_AGAIN } else { READY }));
        let ready = self.description.status.timeline.ready_date_time;
        self.watch_idleness(ready.unwrap_or(ready_at), now)
    }

    /// Why a transient cluster ends. A failed step with `CONTINUE` shows in the reason only.
    fn all_steps_completed(&self) -> Reason {
        let failed = self.steps.ours().any(|step| step.status.state == StepState::Failed);
        if failed {
            Reason::new("STEP_FAILURE", STEPS_COMPLETED_WITH_ERRORS)
        } else {
            Reason::new("ALL_STEPS_COMPLETED", "Steps completed")
        }
    }

    fn start_steps(&mut self, now: Timestamp) -> Vec<Order> {
        let is_busy = |state| matches!(state, StepState::Running | StepState::CancelPending);
        let steps = self.steps.open();
        let busy = steps.iter().filter(|step| is_busy(step.status.state)).count();
        let free = self.description.step_concurrency_level.saturating_sub(busy);
        let pending = steps.iter_mut().filter(|step| step.is_ours && step.status.state == StepState::Pending);
        let mut orders = Vec::new();
        for step in pending.take(free) {
            step.status.state = StepState::Running;
            step.status.timeline.start_date_time = Some(now);
            orders.push(Order::Start(step.id.clone()));
        }
        orders
    }

    /// Terminates a cluster that has been idle for as long as its policy allows.
    fn watch_idleness(&mut self, ready_at: Timestamp, now: Timestamp) -> Vec<Order> {
        let Some(policy) = self.auto_termination_policy else {
            return Vec::new();
        };
        let ends = self.steps.ours().filter_map(|step| step.status.timeline.end_date_time);
        let idle_since = ends.fold(ready_at, Ord::max);
        let deadline = idle_since.after(policy.idle_timeout);
        if now < deadline {
            return vec![Order::WakeAt(deadline)];
        }
        let message = format!("Auto-terminated after {} s without work", policy.idle_timeout);
        self.terminate(Reason::new("ALL_STEPS_COMPLETED", message), now);
        Vec::new()
    }

    /// Ends a step, which succeeded if there is no `failure`.
    pub(crate) fn finish_step(&mut self, id: &str, failure: Option<FailureDetails>, now: Timestamp) -> Vec<Order> {
        let is_ending = self.state() == ClusterState::Terminating;
        let Some(step) = self.step_mut(id).filter(|step| step.status.state.is_active()) else {
            return Vec::new();
        };
        step.status.timeline.end_date_time = Some(now);
        step.status.state = match (step.status.state, &failure) {
            (StepState::CancelPending, _) => StepState::Cancelled,
            (_, None) => StepState::Completed,
            _ if is_ending => StepState::Interrupted,
            _ => StepState::Failed,
        };
        if step.status.state != StepState::Failed {
            return Vec::new();
        }
        step.status.failure_details = failure;
        let action = step.action_on_failure;
        self.act_on_failure(action, now)
    }

    fn act_on_failure(&mut self, action: ActionOnFailure, now: Timestamp) -> Vec<Order> {
        match action {
            ActionOnFailure::Continue => Vec::new(),
            ActionOnFailure::CancelAndWait => {
                self.cancel_pending_steps("Job terminated", now);
                Vec::new()
            }
            ActionOnFailure::TerminateCluster | ActionOnFailure::TerminateJobFlow => {
                // Protection does not keep a transient cluster from ending.
                if self.description.termination_protected && !self.description.auto_terminate {
                    self.cancel_pending_steps("Job terminated", now);
                    return Vec::new();
                }
                self.terminate(Reason::new("STEP_FAILURE", "Shut down as step failed"), now)
            }
        }
    }
}

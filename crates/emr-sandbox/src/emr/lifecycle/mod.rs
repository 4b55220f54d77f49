//! The life of a cluster: which state follows which, and when. Pure: the time is an argument, and
//! what has to be done in the world comes back as orders. It runs nothing itself.

use super::provision;
use crate::emr::model::cluster::{Bootstrap, Cluster};
use crate::emr::model::status::{ClusterState, FailureDetails, Reason, StepState};
use crate::emr::model::step::ActionOnFailure;
use crate::emr::model::timestamp::Timestamp;

/// What EMR says of a cluster with nothing to do.
const READY: &str = "Cluster ready to run steps.";

/// What has to be done because of a transition.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) enum Order {
    /// Run the bootstrap actions and tell `bootstrapped`.
    Bootstrap,
    /// Run this step and tell `finish_step`.
    Start(String),
    /// Stop this running step; it will finish soon after.
    Stop(String, Stop),
    /// Call `advance` again at this time.
    WakeAt(Timestamp),
}

/// How a running step is stopped.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Stop {
    /// SIGTERM, and SIGKILL to what has not ended a few seconds later.
    Interrupt,
    /// SIGKILL at once.
    Kill,
}

impl Cluster {
    /// Makes every transition that is due.
    pub(crate) fn advance(&mut self, now: Timestamp) -> Vec<Order> {
        match self.state() {
            ClusterState::Starting | ClusterState::Bootstrapping => self.come_up(now),
            ClusterState::Running | ClusterState::Waiting => self.work(now),
            ClusterState::Terminating if self.is_ours() => {
                self.end_when_quiet(now);
                Vec::new()
            }
            _ => Vec::new(),
        }
    }

    /// Whether anything of the cluster happened here. A replayed one stays as it was recorded.
    fn is_ours(&self) -> bool {
        self.start.is_some() || self.steps.iter().any(|step| step.is_ours)
    }

    fn come_up(&mut self, now: Timestamp) -> Vec<Order> {
        let Some(start) = self.start else {
            return Vec::new();
        };
        let created = self.created_at().unwrap_or(now);
        let bootstrapping_at = created.midway(start.ready_at);
        if now < bootstrapping_at {
            return vec![Order::WakeAt(bootstrapping_at)];
        }
        if self.is_without_steps_to_come() && now < start.first_step_by {
            return vec![Order::WakeAt(start.first_step_by)];
        }
        if now < start.ready_at {
            self.enter(ClusterState::Bootstrapping, Reason::default());
            return vec![Order::WakeAt(start.ready_at)];
        }
        self.finish_coming_up(start.bootstrap, now)
    }

    fn finish_coming_up(&mut self, bootstrap: Bootstrap, now: Timestamp) -> Vec<Order> {
        match bootstrap {
            Bootstrap::Done => {
                provision::provision(self, true, now);
                self.description.status.timeline.ready_date_time = Some(now);
                self.enter(ClusterState::Waiting, Reason::default());
                self.work(now)
            }
            Bootstrap::Due => {
                self.set_bootstrap(Bootstrap::Running);
                self.enter(ClusterState::Bootstrapping, Reason::default());
                vec![Order::Bootstrap]
            }
            Bootstrap::Running => Vec::new(),
        }
    }

    /// A transient cluster to which nobody has given a step yet. EMR takes minutes to start one,
    /// in which clients add the first step with a call of its own.
    fn is_without_steps_to_come(&self) -> bool {
        self.description.auto_terminate && self.steps.is_empty()
    }

    /// Takes the end of the bootstrap actions; the error says which failed and how.
    pub(crate) fn bootstrapped(&mut self, result: Result<(), String>, now: Timestamp) {
        match result {
            Ok(()) => self.set_bootstrap(Bootstrap::Done),
            Err(message) if self.state().is_active() => {
                self.terminate(Reason::new("BOOTSTRAP_FAILURE", message), now);
            }
            Err(_) => {}
        }
    }

    fn set_bootstrap(&mut self, bootstrap: Bootstrap) {
        if let Some(start) = &mut self.start {
            start.bootstrap = bootstrap;
        }
    }

    fn work(&mut self, now: Timestamp) -> Vec<Order> {
        let orders = self.start_steps(now);
        if self.our_active_steps() > 0 {
            self.enter(ClusterState::Running, Reason::told("Running step"));
            return orders;
        }
        if !self.is_ours() {
            return orders;
        }
        let Some(start) = self.start else {
            self.enter(ClusterState::Waiting, Reason::told(READY));
            return orders;
        };
        if self.description.auto_terminate {
            self.terminate(Reason::new("ALL_STEPS_COMPLETED", self.all_steps_message()), now);
            return orders;
        }
        self.enter(ClusterState::Waiting, Reason::told(READY));
        let ready = self.description.status.timeline.ready_date_time;
        self.watch_idleness(ready.unwrap_or(start.ready_at), now)
    }

    fn all_steps_message(&self) -> &'static str {
        let failed = self.steps.iter().any(|step| step.status.state == StepState::Failed);
        if failed { "Steps completed with errors" } else { "Steps completed" }
    }

    fn our_active_steps(&self) -> usize {
        let ours = self.steps.iter().filter(|step| step.is_ours);
        ours.filter(|step| step.status.state.is_active()).count()
    }

    fn start_steps(&mut self, now: Timestamp) -> Vec<Order> {
        let is_busy = |state| matches!(state, StepState::Running | StepState::CancelPending);
        let busy = self.steps.iter().filter(|step| is_busy(step.status.state)).count();
        let free = self.description.step_concurrency_level.saturating_sub(busy);
        let pending = self.steps.iter_mut().filter(|step| step.is_ours && step.status.state == StepState::Pending);
        let mut orders = Vec::new();
        for step in pending.take(free) {
            step.status.state = StepState::Running;
            step.status.timeline.start_date_time = Some(now);
            orders.push(Order::Start(step.id.clone()));
        }
        orders
    }

    /// Ends a cluster that has been idle for longer than its policy allows.
    fn watch_idleness(&mut self, ready_at: Timestamp, now: Timestamp) -> Vec<Order> {
        let Some(policy) = self.auto_termination_policy else {
            return Vec::new();
        };
        let ends = self.steps.iter().filter_map(|step| step.status.timeline.end_date_time);
        let idle_since = ends.fold(ready_at, Ord::max);
        let deadline = idle_since.after(policy.idle_timeout);
        if now < deadline {
            return vec![Order::WakeAt(deadline)];
        }
        let message = format!("Auto-terminated after {} s without work", policy.idle_timeout);
        self.terminate(Reason::new("ALL_STEPS_COMPLETED", message), now);
        Vec::new()
    }

    /// Begins to end the cluster: pending steps are cancelled, running ones are to be stopped.
    pub(crate) fn terminate(&mut self, reason: Reason, now: Timestamp) -> Vec<Order> {
        self.enter(ClusterState::Terminating, reason);
        self.cancel_pending_steps("Job terminated", now);
        let running = self
            .steps
            .iter()
            .filter(|step| step.is_ours && matches!(step.status.state, StepState::Running | StepState::CancelPending));
        let orders = running.map(|step| Order::Stop(step.id.clone(), Stop::Interrupt)).collect();
        self.end_when_quiet(now);
        orders
    }

    fn cancel_pending_steps(&mut self, message: &str, now: Timestamp) {
        for step in &mut self.steps {
            if step.status.state == StepState::Pending {
                step.status.state = StepState::Cancelled;
                step.status.state_change_reason.message = Some(message.to_owned());
                step.status.timeline.end_date_time = Some(now);
            }
        }
    }

    fn end_when_quiet(&mut self, now: Timestamp) {
        if self.our_active_steps() > 0 {
            return;
        }
        for step in &mut self.steps {
            if step.status.state.is_active() {
                step.status.state = StepState::Interrupted;
                step.status.timeline.end_date_time = Some(now);
            }
        }
        let code = self.description.status.state_change_reason.code.as_deref();
        let is_failure = matches!(code, Some("STEP_FAILURE" | "BOOTSTRAP_FAILURE"));
        self.description.status.state =
            if is_failure { ClusterState::TerminatedWithErrors } else { ClusterState::Terminated };
        self.description.status.timeline.end_date_time = Some(now);
        provision::release(self, now);
    }

    /// Takes a step's end: `None` when it succeeded.
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
                if self.description.termination_protected {
                    self.cancel_pending_steps("Job terminated", now);
                    return Vec::new();
                }
                self.terminate(Reason::new("STEP_FAILURE", "Shut down as step failed"), now)
            }
        }
    }

    fn enter(&mut self, state: ClusterState, reason: Reason) {
        self.description.status.state = state;
        self.description.status.state_change_reason = reason;
    }
}

#[cfg(test)]
mod tests;

//! How a cluster comes up: it starts, runs its bootstrap actions, and is ready for steps.

use super::order::Order;
use crate::emr::model::cluster::{BootstrapState, Cluster, StartFailure};
use crate::emr::model::status::{ClusterState, Reason};
use crate::emr::model::timestamp::Timestamp;
use crate::emr::provision;

impl Cluster {
    /// Makes the transitions of a cluster that comes up: `STARTING` for the first half of its provisioning time, then
    /// `BOOTSTRAPPING`.
    pub(super) fn come_up(&mut self, now: Timestamp) -> Vec<Order> {
        let Some(start) = self.start.clone() else {
            return Vec::new();
        };
        let created = self.created_at().unwrap_or(now);
        let bootstrapping_at = created.midway(start.ready_at);
        if now < bootstrapping_at {
            return vec![Order::WakeAt(bootstrapping_at)];
        }
        let failure = start.failure.filter(|failure| !failure.while_bootstrapping || now >= start.ready_at);
        if let Some(failure) = failure {
            return self.fail(failure, now);
        }
        if self.awaits_first_step() && now < start.first_step_by {
            return vec![Order::WakeAt(start.first_step_by)];
        }
        if now < start.ready_at {
            self.enter(ClusterState::Bootstrapping, Reason::default());
            return vec![Order::WakeAt(start.ready_at)];
        }
        self.finish_coming_up(start.bootstrap, now)
    }

    /// Ends the cluster as EMR ends one that cannot start.
    fn fail(&mut self, failure: StartFailure, now: Timestamp) -> Vec<Order> {
        if !failure.while_bootstrapping {
            self.instances.clear();
        }
        if failure.details.as_array().is_some_and(|details| !details.is_empty()) {
            self.description.status.rest.insert("ErrorDetails".to_owned(), failure.details);
        }
        self.terminate(Reason::new(failure.code, failure.message), now)
    }

    fn finish_coming_up(&mut self, bootstrap: BootstrapState, now: Timestamp) -> Vec<Order> {
        match bootstrap {
            BootstrapState::Done => {
                provision::provision(self, true, now);
                self.description.status.timeline.ready_date_time = Some(now);
                self.enter(ClusterState::Waiting, Reason::default());
                self.work(now)
            }
            BootstrapState::Due => {
                self.set_bootstrap(BootstrapState::Running);
                self.enter(ClusterState::Bootstrapping, Reason::default());
                vec![Order::Bootstrap]
            }
            BootstrapState::Running => Vec::new(),
        }
    }

    /// Whether a transient cluster has no step yet. Clients may add the first step with a second call, while EMR takes
    /// minutes to start the cluster.
    fn awaits_first_step(&self) -> bool {
        self.description.auto_terminate && self.steps.is_empty()
    }

    /// Ends the bootstrap actions. The error says which failed and how.
    pub(crate) fn bootstrapped(&mut self, result: Result<(), String>, now: Timestamp) {
        match result {
            Ok(()) => self.set_bootstrap(BootstrapState::Done),
            Err(message) if self.state().is_active() => {
                self.terminate(Reason::new("BOOTSTRAP_FAILURE", message), now);
            }
            Err(_) => {}
        }
    }

    fn set_bootstrap(&mut self, bootstrap: BootstrapState) {
        if let Some(start) = &mut self.start {
            start.bootstrap = bootstrap;
        }
    }
}

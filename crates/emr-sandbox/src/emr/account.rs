//! The account: its clusters, and the orders that follow from changes to them.

use std::collections::HashMap;

use super::error::Error;
use super::lifecycle::Order;
use super::model::cluster::{Cluster, Description};
use super::model::timestamp::Timestamp;
use super::security_configurations::SecurityConfiguration;
use super::start_fault::StartFault;

/// How new clusters start.
#[derive(Clone, Debug)]
pub(crate) struct Settings {
    /// Seconds that a new cluster takes to start and bootstrap.
    pub(crate) provision_s: u64,
    /// Whether bootstrap actions run; otherwise they are only recorded.
    pub(crate) run_bootstrap_actions: bool,
    /// The region in ARNs.
    pub(crate) region: String,
}

/// All clusters, oldest first. None is ever removed, so an index into the list stays valid.
pub(crate) struct Account {
    pub(crate) settings: Settings,
    clusters: Vec<Cluster>,
    /// The index of each id.
    indices: HashMap<String, usize>,
    /// The indices of changed clusters, whose transitions are due.
    changed: Vec<usize>,
    orders: Vec<(String, Order)>,
    pub(crate) security_configurations: Vec<SecurityConfiguration>,
    /// How the job flow that the current request starts is to fail.
    pub(crate) start_fault: Option<StartFault>,
}

impl Account {
    pub(crate) fn new(settings: Settings) -> Self {
        Self {
            settings,
            clusters: Vec::new(),
            indices: HashMap::new(),
            changed: Vec::new(),
            orders: Vec::new(),
            security_configurations: Vec::new(),
            start_fault: None,
        }
    }

    /// All clusters, oldest first.
    pub(crate) fn clusters(&self) -> &[Cluster] {
        &self.clusters
    }

    pub(crate) fn cluster(&self, id: &str) -> Option<&Cluster> {
        self.indices.get(id).map(|&index| &self.clusters[index])
    }

    /// The cluster of this id, or EMR's error.
    pub(crate) fn find(&self, id: &str) -> Result<&Cluster, Error> {
        self.cluster(id).ok_or_else(|| Error::unknown_cluster(id))
    }

    /// The cluster of this id, to change it. `take_orders` then makes its transitions.
    pub(crate) fn cluster_mut(&mut self, id: &str) -> Option<&mut Cluster> {
        let index = *self.indices.get(id)?;
        self.changed.push(index);
        Some(&mut self.clusters[index])
    }

    /// The cluster of this id, to change it, or EMR's error.
    pub(crate) fn find_mut(&mut self, id: &str) -> Result<&mut Cluster, Error> {
        self.cluster_mut(id).ok_or_else(|| Error::unknown_cluster(id))
    }

    /// The cluster of this id, to change its tags, or EMR's error.
    pub(crate) fn find_taggable(&mut self, id: &str) -> Result<&mut Cluster, Error> {
        let cluster = self.find_mut(id)?;
        if cluster.state().is_over() {
            return Err(Error::invalid_request("Tags cannot be modified on terminated clusters."));
        }
        Ok(cluster)
    }

    /// Changes the descriptions of all these job flows, or of none if one is unknown or has ended.
    pub(crate) fn set(&mut self, ids: &[String], change: impl Fn(&mut Description)) -> Result<(), Error> {
        for id in ids {
            let cluster = self.cluster(id).ok_or_else(Error::bad_job_flow)?;
            if !cluster.state().is_active() {
                return Err(Error::ended_job_flow());
            }
        }
        for id in ids {
            change(&mut self.find_mut(id)?.description);
        }
        Ok(())
    }

    /// Adds a cluster, unless one has its id already.
    pub(crate) fn add(&mut self, cluster: Cluster) -> Result<(), Error> {
        let index = self.clusters.len();
        if self.indices.contains_key(cluster.id()) {
            return Err(Error::validation(format!("Cluster {} exists already", cluster.id())));
        }
        self.indices.insert(cluster.id().to_owned(), index);
        self.changed.push(index);
        self.clusters.push(cluster);
        Ok(())
    }

    /// Adds orders for a cluster.
    pub(crate) fn order(&mut self, cluster_id: &str, orders: Vec<Order>) {
        self.orders.extend(orders.into_iter().map(|order| (cluster_id.to_owned(), order)));
    }

    /// Makes the transitions that are due in changed clusters. Returns all orders since the last
    /// call, each with the id of its cluster.
    pub(crate) fn take_orders(&mut self, now: Timestamp) -> Vec<(String, Order)> {
        for index in std::mem::take(&mut self.changed) {
            let cluster = &mut self.clusters[index];
            let orders = cluster.advance(now);
            let id = cluster.id().to_owned();
            self.order(&id, orders);
        }
        std::mem::take(&mut self.orders)
    }
}

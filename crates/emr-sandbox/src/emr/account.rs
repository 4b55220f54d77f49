//! The clusters of the one account that the sandbox is, and what is to be done about them.

use std::collections::HashMap;

use super::error::Error;
use super::lifecycle::Order;
use super::model::cluster::{Cluster, Description};
use super::model::timestamp::Timestamp;

/// How the sandbox treats new clusters.
#[derive(Clone, Debug)]
pub(crate) struct Settings {
    /// Seconds that a new cluster starts and bootstraps for.
    pub(crate) provision_s: u64,
    pub(crate) run_bootstrap_actions: bool,
    /// The region that ARNs name.
    pub(crate) region: String,
}

/// All clusters, oldest first. None is ever forgotten, so places in the list are for good.
pub(crate) struct Account {
    pub(crate) settings: Settings,
    clusters: Vec<Cluster>,
    places: HashMap<String, usize>,
    touched: Vec<usize>,
    orders: Vec<(String, Order)>,
}

impl Account {
    pub(crate) fn new(settings: Settings) -> Self {
        Self { settings, clusters: Vec::new(), places: HashMap::new(), touched: Vec::new(), orders: Vec::new() }
    }

    /// All clusters, oldest first.
    pub(crate) fn clusters(&self) -> &[Cluster] {
        &self.clusters
    }

    pub(crate) fn cluster(&self, id: &str) -> Option<&Cluster> {
        self.places.get(id).map(|&place| &self.clusters[place])
    }

    /// The cluster of this id, or EMR's refusal.
    pub(crate) fn find(&self, id: &str) -> Result<&Cluster, Error> {
        self.cluster(id).ok_or_else(|| Error::unknown_cluster(id))
    }

    /// The cluster of this id, to be changed: its transitions are made when the change is done.
    pub(crate) fn cluster_mut(&mut self, id: &str) -> Option<&mut Cluster> {
        let place = *self.places.get(id)?;
        self.touched.push(place);
        Some(&mut self.clusters[place])
    }

    /// The cluster of this id, to be changed, or EMR's refusal.
    pub(crate) fn find_mut(&mut self, id: &str) -> Result<&mut Cluster, Error> {
        self.cluster_mut(id).ok_or_else(|| Error::unknown_cluster(id))
    }

    /// The cluster of this id, to change its tags, or EMR's refusal.
    pub(crate) fn find_taggable(&mut self, id: &str) -> Result<&mut Cluster, Error> {
        let cluster = self.find_mut(id)?;
        if cluster.state().is_over() {
            return Err(Error::invalid_request("Tags cannot be modified on terminated clusters."));
        }
        Ok(cluster)
    }

    /// Changes the descriptions of all these job flows, or of none where EMR refuses one.
    pub(crate) fn set(&mut self, ids: &[String], change: impl Fn(&mut Description)) -> Result<(), Error> {
        for id in ids {
            let cluster = self.cluster(id).ok_or_else(Error::unknown_job_flow)?;
            if !cluster.state().is_active() {
                return Err(Error::ended_job_flow());
            }
        }
        for id in ids {
            change(&mut self.find_mut(id)?.description);
        }
        Ok(())
    }

    /// Adds a cluster, unless one of its id is there already.
    pub(crate) fn add(&mut self, cluster: Cluster) -> Result<(), Error> {
        let place = self.clusters.len();
        if self.places.contains_key(cluster.id()) {
            return Err(Error::validation(format!("Cluster {} exists already", cluster.id())));
        }
        self.places.insert(cluster.id().to_owned(), place);
        self.touched.push(place);
        self.clusters.push(cluster);
        Ok(())
    }

    /// Has something done about a cluster.
    pub(crate) fn order(&mut self, cluster_id: &str, orders: Vec<Order>) {
        self.orders.extend(orders.into_iter().map(|order| (cluster_id.to_owned(), order)));
    }

    /// Makes the transitions that are due in changed clusters; answers what has to be done.
    pub(crate) fn take_orders(&mut self, now: Timestamp) -> Vec<(String, Order)> {
        for place in std::mem::take(&mut self.touched) {
            let cluster = &mut self.clusters[place];
            let orders = cluster.advance(now);
            let id = cluster.id().to_owned();
            self.order(&id, orders);
        }
        std::mem::take(&mut self.orders)
    }
}

//! Drives the account of EMR: has it answer requests, and what it orders done.

use std::collections::HashMap;
use std::path::Path;
use std::sync::{Arc, Mutex};
use std::time::Duration;

use serde_json::Value;
use tokio::task::AbortHandle;

use crate::emr::{self, Account, Cluster, Failure, Order, Settings, Timestamp, load};
use crate::lock::lock;
use crate::run::{Bootstrapping, Job, Machine};

/// The account and the machine on which its steps run.
pub(crate) struct Emr {
    account: Mutex<Account>,
    machine: Arc<Machine>,
    /// The next wake-up of each cluster that waits for one.
    alarms: Mutex<HashMap<String, AbortHandle>>,
}

impl Emr {
    pub(crate) fn new(settings: Settings, machine: Arc<Machine>) -> Arc<Self> {
        let account = Mutex::new(Account::new(settings));
        Arc::new(Self { account, machine, alarms: Mutex::default() })
    }

    /// Takes over recorded clusters, oldest first. Fails where an id comes twice.
    pub(crate) fn replay(&self, mut clusters: Vec<Cluster>) -> Result<(), String> {
        clusters.sort_by_key(Cluster::created_at);
        let mut account = lock(&self.account);
        for cluster in clusters {
            let id = cluster.id().to_owned();
            account.add(cluster).map_err(|_| format!("cluster {id} is there twice"))?;
        }
        account.take_orders(Timestamp::now());
        Ok(())
    }

    /// Answers one request. What it sets off goes on in the background.
    pub(crate) fn answer(self: &Arc<Self>, operation: &str, body: &[u8]) -> Result<Value, Failure> {
        self.change(|account, now| emr::answer(account, operation, body, now))
    }

    /// Stops all that runs, for the end of the sandbox.
    pub(crate) fn stop(&self) {
        self.machine.stop_all();
    }

    fn change<T>(self: &Arc<Self>, change: impl FnOnce(&mut Account, Timestamp) -> T) -> T {
        let now = Timestamp::now();
        let (answer, orders) = {
            let mut account = lock(&self.account);
            let answer = change(&mut account, now);
            (answer, account.take_orders(now))
        };
        for (cluster_id, order) in orders {
            self.carry_out(cluster_id, order);
        }
        answer
    }

    fn carry_out(self: &Arc<Self>, cluster_id: String, order: Order) {
        match order {
            Order::Start(step_id) => self.start_step(cluster_id, step_id),
            Order::Stop(step_id, stop) => self.machine.stop(&cluster_id, &step_id, stop),
            Order::Bootstrap => self.bootstrap(cluster_id),
            Order::WakeAt(time) => self.wake_at(cluster_id, time),
        }
    }

    fn start_step(self: &Arc<Self>, cluster_id: String, step_id: String) {
        let Some(job) = self.job(&cluster_id, &step_id) else {
            return;
        };
        let run = self.machine.start(job);
        let emr = Arc::clone(self);
        tokio::spawn(async move {
            let failure = run.await;
            emr.change(|account, now| {
                let Some(cluster) = account.cluster_mut(&cluster_id) else {
                    return;
                };
                let orders = cluster.finish_step(&step_id, failure, now);
                account.order(&cluster_id, orders);
            });
        });
    }

    fn job(&self, cluster_id: &str, step_id: &str) -> Option<Job> {
        let account = lock(&self.account);
        let cluster = account.cluster(cluster_id)?;
        let step = cluster.step(step_id)?;
        Some(Job {
            cluster_id: cluster_id.to_owned(),
            step_id: step_id.to_owned(),
            config: step.config.clone(),
            log_uri: cluster.description.log_uri.clone(),
        })
    }

    fn bootstrap(self: &Arc<Self>, cluster_id: String) {
        let Some(actions) = self.bootstrapping(&cluster_id) else {
            return;
        };
        let run = self.machine.bootstrap(actions);
        let emr = Arc::clone(self);
        tokio::spawn(async move {
            let result = run.await;
            emr.change(|account, now| {
                if let Some(cluster) = account.cluster_mut(&cluster_id) {
                    cluster.bootstrapped(result, now);
                }
            });
        });
    }

    fn bootstrapping(&self, cluster_id: &str) -> Option<Bootstrapping> {
        let account = lock(&self.account);
        let cluster = account.cluster(cluster_id)?;
        Some(Bootstrapping {
            cluster_id: cluster_id.to_owned(),
            instance_id: cluster.instances.first().and_then(|first| first.ec2_instance_id.clone()),
            actions: cluster.bootstrap_actions.clone(),
            log_uri: cluster.description.log_uri.clone(),
        })
    }

    /// Wakes a cluster once, at the time it asked for last.
    fn wake_at(self: &Arc<Self>, cluster_id: String, time: Timestamp) {
        let pause = Duration::from_millis(time.milliseconds_since(Timestamp::now()) + 1);
        let emr = Arc::clone(self);
        let id = cluster_id.clone();
        let alarm = tokio::spawn(async move {
            tokio::time::sleep(pause).await;
            emr.change(|account, _| account.cluster_mut(&id).map(|_| ()));
        });
        let replaced = lock(&self.alarms).insert(cluster_id, alarm.abort_handle());
        if let Some(replaced) = replaced {
            replaced.abort();
        }
    }
}

/// The clusters of `files`.
pub(crate) fn load_all(files: &[impl AsRef<Path>]) -> Result<Vec<Cluster>, String> {
    let loaded: Result<Vec<_>, _> = files.iter().map(|file| load(file.as_ref())).collect();
    Ok(loaded?.into_iter().flatten().collect())
}

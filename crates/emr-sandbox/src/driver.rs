//! Connects the account and the runner: passes requests to the account, carries out the orders that it gives, and wakes
//! clusters at the times they ask for.
//!
//! The account is pure, and the runner knows nothing of clusters. Only this module knows both, so each is tested alone.

use std::collections::HashMap;
use std::sync::{Arc, Mutex};
use std::time::Duration;

use emr_cli::clock;
use serde_json::Value;
use tokio::task::AbortHandle;

use crate::emr::{self, Account, Cluster, Error, FailureDetails, Order, Settings, StartFault, Stop, Timestamp};
use crate::lock::lock;
use crate::run::{self, BootstrapActions, Runner, SparkDefaults};

/// The account, and the runner of its steps.
pub(crate) struct Driver {
    account: Mutex<Account>,
    runner: Arc<Runner>,
    /// The next wake-up of each cluster that waits for one.
    alarms: Mutex<HashMap<String, AbortHandle>>,
}

impl Driver {
    pub(crate) fn new(settings: Settings, runner: Arc<Runner>) -> Arc<Self> {
        let account = Mutex::new(Account::new(settings));
        Arc::new(Self { account, runner, alarms: Mutex::default() })
    }

    /// Adds recorded clusters. Fails where two have the same id.
    pub(crate) fn replay(&self, mut clusters: Vec<Cluster>) -> Result<(), String> {
        clusters.sort_by_key(Cluster::created_at);
        let mut account = lock(&self.account);
        for cluster in clusters {
            let id = cluster.id().to_owned();
            account.add(cluster).map_err(|_| format!("two clusters have the id {id}"))?;
        }
        account.take_orders(now());
        Ok(())
    }

    /// Answers a request to EMR. Work that it starts continues in the background. A job flow that it starts fails as
    /// `fault` says.
    pub(crate) fn answer(
        self: &Arc<Self>,
        operation: &str,
        body: &[u8],
        fault: Option<StartFault>,
    ) -> Result<Value, Error> {
        self.change(|account, now| {
            account.start_fault = fault;
            let answer = emr::answer(account, operation, body, now);
            account.start_fault = None;
            answer
        })
    }

    /// Kills all running processes, at the end of the sandbox.
    pub(crate) fn stop(&self) {
        self.runner.kill_all();
    }

    /// Changes the account, then carries out the orders that follow from the change.
    fn change<T>(self: &Arc<Self>, change: impl FnOnce(&mut Account, Timestamp) -> T) -> T {
        let now = now();
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
            Order::Stop(step_id, Stop::Interrupt) => self.runner.interrupt(&cluster_id, &step_id),
            Order::Stop(step_id, Stop::Kill) => self.runner.kill(&cluster_id, &step_id),
            Order::Bootstrap => self.bootstrap(cluster_id),
            Order::WakeAt(time) => self.wake_at(cluster_id, time),
        }
    }

    fn start_step(self: &Arc<Self>, cluster_id: String, step_id: String) {
        let Some(step) = self.step(&cluster_id, &step_id) else {
            return;
        };
        let run = self.runner.start(step);
        let driver = Arc::clone(self);
        tokio::spawn(async move {
            let failure = run.await.err().map(failure_details);
            driver.change(|account, now| {
                let Some(cluster) = account.cluster_mut(&cluster_id) else {
                    return;
                };
                let orders = cluster.finish_step(&step_id, failure, now);
                account.order(&cluster_id, orders);
            });
        });
    }

    /// The step as the runner takes it.
    fn step(&self, cluster_id: &str, step_id: &str) -> Option<run::Step> {
        let account = lock(&self.account);
        let cluster = account.cluster(cluster_id)?;
        let config = cluster.step(step_id)?.config.clone();
        Some(run::Step {
            cluster_id: cluster_id.to_owned(),
            id: step_id.to_owned(),
            jar: config.jar,
            main_class: config.main_class,
            args: config.args,
            log_uri: cluster.description.log_uri.clone(),
            spark_defaults: spark_defaults(cluster.description.rest.get("Configurations")),
        })
    }

    fn bootstrap(self: &Arc<Self>, cluster_id: String) {
        let Some(actions) = self.bootstrap_actions(&cluster_id) else {
            return;
        };
        let run = self.runner.bootstrap(actions);
        let driver = Arc::clone(self);
        tokio::spawn(async move {
            let result = run.await.map_err(|failure| failure.message);
            driver.change(|account, now| {
                if let Some(cluster) = account.cluster_mut(&cluster_id) {
                    cluster.bootstrapped(result, now);
                }
            });
        });
    }

    /// The bootstrap actions of a cluster as the runner takes them.
    fn bootstrap_actions(&self, cluster_id: &str) -> Option<BootstrapActions> {
        let account = lock(&self.account);
        let cluster = account.cluster(cluster_id)?;
        Some(BootstrapActions {
            cluster_id: cluster_id.to_owned(),
            instance_id: cluster.instances.first().and_then(|first| first.ec2_instance_id.clone()),
            commands: cluster.bootstrap_actions.iter().map(command).collect(),
            log_uri: cluster.description.log_uri.clone(),
        })
    }

    /// Wakes a cluster once, at the time it asked for last.
    fn wake_at(self: &Arc<Self>, cluster_id: String, time: Timestamp) {
        let pause = Duration::from_millis(time.milliseconds_since(now()) + 1);
        let driver = Arc::clone(self);
        let id = cluster_id.clone();
        let alarm = tokio::spawn(async move {
            tokio::time::sleep(pause).await;
            driver.change(|account, _| account.cluster_mut(&id).map(|_| ()));
        });
        let replaced = lock(&self.alarms).insert(cluster_id, alarm.abort_handle());
        if let Some(replaced) = replaced {
            replaced.abort();
        }
    }
}

fn now() -> Timestamp {
    Timestamp::at(clock::now())
}

fn failure_details(failure: run::Failure) -> FailureDetails {
    FailureDetails { reason: Some(failure.reason), message: Some(failure.message), log_file: failure.log_file }
}

/// The properties of the classification `spark-defaults` in `Configurations`.
fn spark_defaults(configurations: Option<&Value>) -> SparkDefaults {
    let all = configurations.and_then(Value::as_array).into_iter().flatten();
    let of_spark = all.filter(|configuration| configuration["Classification"] == "spark-defaults");
    let properties = of_spark.filter_map(|configuration| configuration["Properties"].as_object()).flatten();
    properties.filter_map(|(name, value)| Some((name.clone(), value.as_str()?.to_owned()))).collect()
}

/// A bootstrap action of `ListBootstrapActions` as a command line.
fn command(action: &Value) -> Vec<String> {
    let args = action["Args"].as_array().into_iter().flatten();
    let words = std::iter::once(&action["ScriptPath"]).chain(args);
    words.filter_map(|word| word.as_str().map(str::to_owned)).collect()
}

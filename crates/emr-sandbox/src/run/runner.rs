//! Runs steps and bootstrap actions on this machine.

use std::collections::HashMap;
use std::path::{Path, PathBuf};
use std::sync::{Arc, Mutex};
use std::time::{Duration, SystemTime, UNIX_EPOCH};

use tokio::task::spawn_blocking;

use super::bootstrap::{self, Bootstrapping};
use super::processes::Processes;
use super::step;
use crate::emr::{FailureDetails, StepConfig, Stop};
use crate::lock::lock;
use crate::s3::Store;

/// How long an interrupted step has to end before it is killed.
const GRACE: Duration = Duration::from_secs(5);

/// Under which name, among the steps of a cluster, its bootstrap actions run.
const BOOTSTRAP: &str = "bootstrap-actions";

/// This machine, as the place where steps run.
pub(crate) struct Machine {
    /// Where each cluster has its directory.
    clusters: PathBuf,
    pub(super) store: Arc<Store>,
    /// Where the processes find this sandbox.
    pub(super) endpoint: String,
    pub(super) region: String,
    /// Names applications, as YARN does, by when it started.
    started_ms: u128,
    applications: Mutex<u32>,
    running: Mutex<Running>,
}

/// What runs, by cluster and step.
#[derive(Default)]
struct Running {
    processes: HashMap<(String, String), Arc<Processes>>,
    /// Whether the sandbox is ending, so that nothing may start any more.
    is_over: bool,
}

/// A step to be run.
pub(crate) struct Job {
    pub(crate) cluster_id: String,
    pub(crate) step_id: String,
    pub(crate) config: StepConfig,
    pub(crate) log_uri: Option<String>,
}

impl Machine {
    /// A machine that works below `data` and whose processes are told of `endpoint`.
    pub(crate) fn new(data: &Path, store: Arc<Store>, endpoint: String, region: String) -> Self {
        let since_epoch = SystemTime::now().duration_since(UNIX_EPOCH).unwrap_or_default();
        Self {
            clusters: data.join("clusters"),
            store,
            endpoint,
            region,
            started_ms: since_epoch.as_millis(),
            applications: Mutex::new(0),
            running: Mutex::default(),
        }
    }

    /// Starts a step. The future ends with it: with nothing if it succeeded.
    pub(crate) fn start(self: &Arc<Self>, job: Job) -> impl Future<Output = Option<FailureDetails>> + use<> {
        let name = (job.cluster_id.clone(), job.step_id.clone());
        let processes = self.enter(&name);
        let machine = Arc::clone(self);
        async move {
            let worker = Arc::clone(&machine);
            let run = spawn_blocking(move || step::run(&worker, &job, &processes));
            let failure = run.await.unwrap_or_else(|error| {
                Some(FailureDetails {
                    reason: Some("The sandbox failed.".to_owned()),
                    message: Some(error.to_string()),
                    log_file: None,
                })
            });
            lock(&machine.running).processes.remove(&name);
            failure
        }
    }

    /// Runs bootstrap actions one after the other, until one fails.
    pub(crate) fn bootstrap(
        self: &Arc<Self>,
        bootstrapping: Bootstrapping,
    ) -> impl Future<Output = Result<(), String>> + use<> {
        let name = (bootstrapping.cluster_id.clone(), BOOTSTRAP.to_owned());
        let processes = self.enter(&name);
        let machine = Arc::clone(self);
        async move {
            let worker = Arc::clone(&machine);
            let run = spawn_blocking(move || bootstrap::run(&worker, &bootstrapping, &processes));
            let result = run.await.unwrap_or_else(|error| Err(error.to_string()));
            lock(&machine.running).processes.remove(&name);
            result
        }
    }

    /// Stops a running step; its future ends when its processes have.
    pub(crate) fn stop(&self, cluster_id: &str, step_id: &str, stop: Stop) {
        let name = (cluster_id.to_owned(), step_id.to_owned());
        let Some(processes) = lock(&self.running).processes.get(&name).cloned() else {
            return;
        };
        match stop {
            Stop::Kill => processes.kill(),
            Stop::Interrupt => {
                processes.interrupt();
                tokio::spawn(async move {
                    tokio::time::sleep(GRACE).await;
                    processes.kill();
                });
            }
        }
    }

    /// Kills everything that runs, and lets nothing start any more.
    pub(crate) fn stop_all(&self) {
        let mut running = lock(&self.running);
        running.is_over = true;
        for processes in running.processes.values() {
            processes.kill();
        }
    }

    /// The processes of something that begins.
    fn enter(&self, name: &(String, String)) -> Arc<Processes> {
        let processes = Arc::new(Processes::default());
        let mut running = lock(&self.running);
        if running.is_over {
            processes.kill();
        }
        running.processes.insert(name.clone(), Arc::clone(&processes));
        processes
    }

    /// The directory of a cluster, for its steps and its HDFS.
    pub(super) fn cluster_dir(&self, cluster_id: &str) -> PathBuf {
        self.clusters.join(cluster_id)
    }

    /// A number for a new application, and the id that YARN would give it without its kind:
    /// `1763791200000_0001`.
    pub(super) fn new_application(&self) -> String {
        let mut applications = lock(&self.applications);
        *applications += 1;
        format!("{}_{:04}", self.started_ms, *applications)
    }
}

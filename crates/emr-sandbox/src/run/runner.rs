//! Starts and stops steps and bootstrap actions, and keeps track of the running ones.

use std::collections::HashMap;
use std::sync::{Arc, Mutex};
use std::time::Duration;

use tokio::task::spawn_blocking;

use super::bootstrap::{self, BootstrapActions};
use super::failure::Failure;
use super::machine::Machine;
use super::processes::Processes;
use super::step::{self, Step};
use super::watcher::{Mark, Watcher};
use crate::lock::lock;

/// How long an interrupted step may take to end before it is killed.
const GRACE: Duration = Duration::from_secs(5);

/// The key of a cluster's bootstrap actions among its steps.
const BOOTSTRAP: &str = "bootstrap-actions";

/// Runs steps on one machine.
pub(crate) struct Runner {
    machine: Arc<Machine>,
    /// The mark of all processes.
    mark: Mark,
    running: Mutex<Running>,
}

/// The processes of running steps, by cluster id and step id.
#[derive(Default)]
struct Running {
    processes: HashMap<(String, String), Arc<Processes>>,
    /// Started with the first step.
    watcher: Option<Watcher>,
    /// Whether the sandbox is ending. Then nothing can start.
    is_over: bool,
}

impl Runner {
    pub(crate) fn new(machine: Machine) -> Arc<Self> {
        Arc::new(Self { machine: Arc::new(machine), mark: Mark::new(), running: Mutex::default() })
    }

    /// Starts a step. The future resolves when the step has ended.
    pub(crate) fn start(self: &Arc<Self>, step: Step) -> impl Future<Output = Result<(), Failure>> + use<> {
        let name = (step.cluster_id.clone(), step.id.clone());
        self.run(name, move |machine, processes| step::run(machine, &step, processes))
    }

    /// Starts the bootstrap actions of a cluster, one after the other until one fails. The future resolves when they
    /// have ended.
    pub(crate) fn bootstrap(
        self: &Arc<Self>,
        actions: BootstrapActions,
    ) -> impl Future<Output = Result<(), Failure>> + use<> {
        let name = (actions.cluster_id.clone(), BOOTSTRAP.to_owned());
        self.run(name, move |machine, processes| bootstrap::run(machine, &actions, processes))
    }

    /// Sends SIGTERM to a running step, and SIGKILL after [`GRACE`].
    pub(crate) fn interrupt(&self, cluster_id: &str, step_id: &str) {
        let Some(processes) = self.find(cluster_id, step_id) else {
            return;
        };
        processes.interrupt();
        tokio::spawn(async move {
            tokio::time::sleep(GRACE).await;
            processes.kill();
        });
    }

    /// Sends SIGKILL to a running step.
    pub(crate) fn kill(&self, cluster_id: &str, step_id: &str) {
        if let Some(processes) = self.find(cluster_id, step_id) {
            processes.kill();
        }
    }

    /// Kills all running steps and the processes that they left behind. Nothing can start afterwards.
    pub(crate) fn kill_all(&self) {
        let watcher = {
            let mut running = lock(&self.running);
            running.is_over = true;
            for processes in running.processes.values() {
                processes.kill();
            }
            running.watcher.take()
        };
        if let Some(watcher) = watcher {
            watcher.finish();
        }
    }

    /// Does `work` on its own thread. From now on `name` stops it.
    fn run<Work>(
        self: &Arc<Self>,
        name: (String, String),
        work: Work,
    ) -> impl Future<Output = Result<(), Failure>> + use<Work>
    where
        Work: FnOnce(&Machine, &Processes) -> Result<(), Failure> + Send + 'static,
    {
        let processes = self.register(&name);
        let runner = Arc::clone(self);
        async move {
            let machine = Arc::clone(&runner.machine);
            let done = spawn_blocking(move || work(&machine, &processes)).await;
            lock(&runner.running).processes.remove(&name);
            done.unwrap_or_else(|error| Err(Failure::sandbox(error.to_string())))
        }
    }

    fn register(&self, name: &(String, String)) -> Arc<Processes> {
        let processes = Arc::new(Processes::new(self.mark.clone()));
        let mut running = lock(&self.running);
        if running.is_over {
            processes.kill();
        } else if running.watcher.is_none() {
            let watcher = Watcher::start(&self.mark);
            let warn = |error| log::warn!("processes of steps may outlive the sandbox: cannot start sh: {error}");
            running.watcher = watcher.map_err(warn).ok();
        }
        running.processes.insert(name.clone(), Arc::clone(&processes));
        processes
    }

    fn find(&self, cluster_id: &str, step_id: &str) -> Option<Arc<Processes>> {
        let name = (cluster_id.to_owned(), step_id.to_owned());
        lock(&self.running).processes.get(&name).cloned()
    }
}

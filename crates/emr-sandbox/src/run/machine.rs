//! What all steps share: where clusters have their directories, the store, the environment of
//! processes, and the numbers of applications.

use std::path::{Path, PathBuf};
use std::sync::{Arc, Mutex, OnceLock};
use std::time::{SystemTime, UNIX_EPOCH};

use super::environment::Environment;
use super::spark;
use crate::lock::lock;
use crate::s3::Store;

/// This machine, as the place where steps run.
pub(crate) struct Machine {
    /// The parent of the clusters' directories.
    clusters: PathBuf,
    store: Arc<Store>,
    environment: Environment,
    /// Looked for when the first step runs.
    spark: OnceLock<Option<spark::Installation>>,
    /// When the sandbox started, which YARN puts in the ids of its applications.
    started_ms: u128,
    /// How many applications there have been.
    applications: Mutex<u32>,
}

impl Machine {
    /// A machine that works below `data` and points its processes at `endpoint`.
    pub(crate) fn new(data: &Path, store: Arc<Store>, endpoint: String, region: String) -> Self {
        let since_epoch = SystemTime::now().duration_since(UNIX_EPOCH).unwrap_or_default();
        Self {
            clusters: data.join("clusters"),
            store,
            environment: Environment::new(endpoint, region),
            spark: OnceLock::new(),
            started_ms: since_epoch.as_millis(),
            applications: Mutex::new(0),
        }
    }

    pub(crate) fn store(&self) -> &Store {
        &self.store
    }

    pub(crate) fn environment(&self) -> &Environment {
        &self.environment
    }

    /// The Spark of this machine.
    pub(super) fn spark(&self) -> Option<&spark::Installation> {
        self.spark.get_or_init(spark::Installation::find).as_ref()
    }

    /// The directory of a cluster, for its steps and its HDFS.
    pub(crate) fn cluster_dir(&self, cluster_id: &str) -> PathBuf {
        self.clusters.join(cluster_id)
    }

    /// What the ids of a new application, its job and its tasks have in common:
    /// `1763791200000_0001`.
    pub(crate) fn new_application(&self) -> String {
        let mut applications = lock(&self.applications);
        *applications += 1;
        format!("{}_{:04}", self.started_ms, *applications)
    }
}

//! What all steps share: the directories of clusters, the store, the environment of processes, and the counter of
//! applications.

use std::path::{Path, PathBuf};
use std::sync::{Arc, Mutex, OnceLock};
use std::time::{SystemTime, UNIX_EPOCH};

use super::environment::Environment;
use super::spark;
use crate::lock::lock;
use crate::s3::Store;

/// The machine that steps run on.
pub(crate) struct Machine {
    /// The parent of the clusters' directories.
    clusters: PathBuf,
    store: Arc<Store>,
    environment: Environment,
    /// Found when the first step runs.
    spark: OnceLock<Option<spark::Installation>>,
    /// When the sandbox started, which is part of YARN's application ids.
    started_ms: u128,
    /// The number of applications so far.
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

    /// The local installation of Spark.
    pub(super) fn spark(&self) -> Option<&spark::Installation> {
        self.spark.get_or_init(spark::Installation::find).as_ref()
    }

    /// The directory of a cluster, for its steps and its HDFS.
    pub(crate) fn cluster_dir(&self, cluster_id: &str) -> PathBuf {
        self.clusters.join(cluster_id)
    }

    /// The common part of the ids of a new application, its job and its tasks: `1763791200000_0001`.
    pub(crate) fn new_application(&self) -> String {
        let mut applications = lock(&self.applications);
        *applications += 1;
        format!("{}_{:04}", self.started_ms, *applications)
    }
}

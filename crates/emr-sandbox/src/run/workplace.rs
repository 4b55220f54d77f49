//! The workplace of one step: its directories, logs and processes, prepared before it runs.

use std::fs::{self, Permissions};
use std::os::unix::fs::PermissionsExt as _;
use std::path::{Path, PathBuf};

use super::failure::Failure;
use super::filesystem::{DataFile, Location};
use super::logs::{self, Logs};
use super::machine::Machine;
use super::processes::Processes;
use super::spark::SparkDefaults;
use crate::s3::Store;

/// The mode of a fetched file, which tasks may run.
const EXECUTABLE: u32 = 0o755;

/// The workplace of a step or of a bootstrap action.
pub(crate) struct Workplace<'a> {
    pub(crate) machine: &'a Machine,
    pub(crate) processes: &'a Processes,
    pub(crate) logs: Logs,
    /// The working directory of its programs, empty at first.
    pub(crate) dir: PathBuf,
    /// The directory of the cluster's HDFS.
    hdfs: PathBuf,
    /// The directory of the containers' logs on this machine.
    pub(crate) containers: PathBuf,
    /// The cluster's `spark-defaults`. Only steps set it.
    pub(crate) spark_defaults: SparkDefaults,
}

impl<'a> Workplace<'a> {
    /// Makes the directories and empty logs at `place` in the cluster's directory.
    pub(crate) fn prepare(
        machine: &'a Machine,
        processes: &'a Processes,
        cluster_id: &str,
        place: &Path,
    ) -> Result<Self, Failure> {
        let cluster = machine.cluster_dir(cluster_id);
        let root = cluster.join(place);
        let (dir, hdfs) = (root.join("work"), cluster.join("hdfs"));
        let made = fs::create_dir_all(&dir).and_then(|()| fs::create_dir_all(&hdfs));
        made.map_err(|error| Failure::io("the step's directory", &error))?;
        let logs = Logs::create(&root.join("logs"), &logs::STEP);
        let logs = logs.map_err(|error| Failure::io("the step's logs", &error))?;
        let (containers, spark_defaults) = (root.join("containers"), SparkDefaults::new());
        Ok(Self { machine, processes, logs, dir, hdfs, containers, spark_defaults })
    }

    pub(crate) fn store(&self) -> &Store {
        self.machine.store()
    }

    /// The directory of the cluster's HDFS.
    pub(crate) fn hdfs(&self) -> &Path {
        &self.hdfs
    }

    /// Parses the location in an argument.
    pub(crate) fn location(&self, text: &str) -> Result<Location, Failure> {
        Location::parse(text, &self.hdfs).map_err(|message| Failure::new("Bad location.", message))
    }

    /// The file that an argument names.
    pub(crate) fn file(&self, uri: &str) -> Result<DataFile, Failure> {
        let file = self.location(uri)?.file(self.store());
        file.ok_or_else(|| Failure::new("File does not exist.", format!("File does not exist: {uri}")))
    }

    /// Copies the file that an argument names to `path`, and makes it executable.
    pub(crate) fn fetch(&self, uri: &str, path: &Path) -> Result<(), Failure> {
        let file = self.file(uri)?;
        let copied =
            fs::copy(&file.path, path).and_then(|_| fs::set_permissions(path, Permissions::from_mode(EXECUTABLE)));
        copied.map_err(|error| Failure::io(uri, &error))
    }

    /// Writes a line to `syslog`, the log of Hadoop's own software.
    pub(crate) fn log(&self, level: &str, class: &str, message: &str) {
        self.logs.log("syslog", level, class, message);
    }
}

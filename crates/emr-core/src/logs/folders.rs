//! The places of logs of steps, tasks, job histories and bootstrap actions: on S3 below `LogUri` and the cluster's id,
//! and on the nodes.
//!
//! Sources: <https://docs.aws.amazon.com/emr/latest/ManagementGuide/emr-manage-view-web-log-files.html>, and for AMI
//! versions the paths that mrjob reads.

use super::ids::JobNumber;
use crate::model::cluster::ClusterDetail;
use crate::model::id::StepId;

/// The generations of EMR, which keep logs in different places.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Generation {
    /// AMI versions 1 and 2, with Hadoop 1.
    Hadoop1,
    /// AMI version 3, the first with YARN.
    Ami3,
    /// Releases 4.0 and later.
    Release,
}

impl Generation {
    /// The generation of `cluster`; the newest if its version is unknown.
    #[must_use]
    pub fn of(cluster: &ClusterDetail) -> Self {
        match cluster.ami_version.as_deref().and_then(|version| version.split('.').next()) {
            Some("1" | "2") if cluster.release_label.is_none() => Self::Hadoop1,
            Some("3") if cluster.release_label.is_none() => Self::Ami3,
            _ => Self::Release,
        }
    }
}

/// The places of logs of one kind, as prefixes of paths.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Folders {
    /// Relative to `LogUri` and the cluster's id.
    pub on_s3: Vec<String>,
    /// Absolute paths on a node.
    pub on_nodes: Vec<String>,
    /// Whether they are on every node, and not only on the master.
    pub on_every_node: bool,
}

/// The places of a step's own logs.
#[must_use]
pub fn step(step: &StepId) -> Folders {
    Folders {
        on_s3: vec![format!("steps/{step}/")],
        on_nodes: vec![format!("/mnt/var/log/hadoop/steps/{step}/")],
        on_every_node: false,
    }
}

/// The places of the logs of the tasks of `job`.
#[must_use]
pub fn tasks(generation: Generation, job: JobNumber) -> Folders {
    let (application, name) = (job.application(), job.job());
    let yarn = format!("/mnt/var/log/hadoop-yarn/containers/{application}/");
    let (on_s3, on_nodes) = match generation {
        Generation::Hadoop1 => (
            vec![format!("task-attempts/{name}/"), format!("task-attempts/attempt_{job}_")],
            vec![
                format!("/mnt/var/log/hadoop/userlogs/{name}/"),
                format!("/mnt/var/log/hadoop/userlogs/attempt_{job}_"),
            ],
        ),
        Generation::Ami3 => (
            vec![format!("task-attempts/{application}/"), format!("containers/{application}/")],
            vec![format!("/mnt/var/log/hadoop/userlogs/{application}/"), yarn],
        ),
        Generation::Release => (vec![format!("containers/{application}/")], vec![yarn]),
    };
    Folders { on_s3, on_nodes, on_every_node: true }
}

/// The places of the history of `job`. YARN keeps histories in a folder for each day; on AMI version 3 they are only on
/// HDFS.
#[must_use]
pub fn history(generation: Generation, job: JobNumber) -> Folders {
    let name = job.job();
    let (on_s3, on_nodes) = match generation {
        Generation::Hadoop1 => (vec![format!("jobs/{name}_")], vec![format!("/mnt/var/log/hadoop/history/{name}_")]),
        Generation::Ami3 => (vec![], vec![]),
        Generation::Release => {
            (vec!["hadoop-mapreduce/history/".to_owned()], vec!["/mnt/var/log/hadoop-mapreduce/history/".to_owned()])
        }
    };
    Folders { on_s3, on_nodes, on_every_node: false }
}

/// The places of the logs of the bootstrap action `number`, from 1, on the instance `node`.
#[must_use]
pub fn bootstrap(node: &str, number: u32) -> Folders {
    Folders {
        on_s3: vec![format!("node/{node}/bootstrap-actions/{number}/")],
        on_nodes: vec![format!("/mnt/var/log/bootstrap-actions/{number}/")],
        on_every_node: false,
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::model::cluster::ClusterState;
    use crate::model::cluster::example::{cluster, detail};

    fn generation(release_label: Option<&str>, ami_version: Option<&str>) -> Generation {
        let mut detail = detail(cluster("j-A", ClusterState::Waiting));
        detail.release_label = release_label.map(str::to_owned);
        detail.ami_version = ami_version.map(str::to_owned);
        Generation::of(&detail)
    }

    #[test]
    fn each_release_has_its_generation() {
        assert_eq!(generation(None, Some("2.4.11")), Generation::Hadoop1);
        assert_eq!(generation(None, Some("3.11.0")), Generation::Ami3);
        assert_eq!(generation(Some("emr-5.36.0"), None), Generation::Release);
        assert_eq!(generation(Some("emr-spark-8.1.0"), None), Generation::Release);
        assert_eq!(generation(None, None), Generation::Release);
    }

    #[test]
    fn the_folders_of_a_job_have_only_its_tasks() {
        let job = JobNumber::read("job_201512112247_0003").unwrap();
        let hadoop1 = tasks(Generation::Hadoop1, job).on_s3;
        assert_eq!(hadoop1, ["task-attempts/job_201512112247_0003/", "task-attempts/attempt_201512112247_0003_"]);
        assert_eq!(tasks(Generation::Release, job).on_s3, ["containers/application_201512112247_0003/"]);
    }
}

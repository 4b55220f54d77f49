//! A cluster: what exists on EMR after a job flow was started.

use std::collections::BTreeMap;
use std::fmt;
use std::str::FromStr;

use chrono::{DateTime, Utc};
use serde::{Deserialize, Serialize};

use crate::error::Error;
use crate::model::configuration::Configuration;
use crate::model::id::JobFlowId;
use crate::model::job_flow::RootVolume;
use crate::model::place::Place;

/// The state of a cluster, named as EMR's API names it.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(from = "String", into = "String")]
pub enum ClusterState {
    /// Instances are being started.
    Starting,
    /// Bootstrap actions run.
    Bootstrapping,
    /// A step runs.
    Running,
    /// Up and idle.
    Waiting,
    /// Being shut down.
    Terminating,
    /// Ended as requested.
    Terminated,
    /// Ended by a failure.
    TerminatedWithErrors,
    /// A state that is unknown to this version.
    Other(String),
}

use ClusterState::{Bootstrapping, Running, Starting, Terminated, TerminatedWithErrors, Terminating, Waiting};

impl ClusterState {
    /// The states that EMR documents, in the order of a cluster's life.
    pub const KNOWN: [Self; 7] =
        [Starting, Bootstrapping, Running, Waiting, Terminating, Terminated, TerminatedWithErrors];

    /// The names of [`Self::KNOWN`].
    pub const NAMES: [&str; 7] =
        ["STARTING", "BOOTSTRAPPING", "RUNNING", "WAITING", "TERMINATING", "TERMINATED", "TERMINATED_WITH_ERRORS"];

    /// The states in which a cluster can run steps, or will be able to.
    pub const ALIVE: [Self; 4] = [Starting, Bootstrapping, Running, Waiting];

    /// The state's name in EMR's API.
    #[must_use]
    pub fn as_str(&self) -> &str {
        match self {
            Starting => "STARTING",
            Bootstrapping => "BOOTSTRAPPING",
            Running => "RUNNING",
            Waiting => "WAITING",
            Terminating => "TERMINATING",
            Terminated => "TERMINATED",
            TerminatedWithErrors => "TERMINATED_WITH_ERRORS",
            Self::Other(name) => name,
        }
    }

    /// Whether the cluster is shutting down or has ended, so that it will never start another step.
    #[must_use]
    pub fn has_ended(&self) -> bool {
        matches!(self, Terminating | Terminated | TerminatedWithErrors)
    }
}

impl From<String> for ClusterState {
    fn from(name: String) -> Self {
        Self::KNOWN.into_iter().find(|state| state.as_str() == name).unwrap_or(Self::Other(name))
    }
}

impl From<ClusterState> for String {
    fn from(state: ClusterState) -> Self {
        state.as_str().to_owned()
    }
}

impl FromStr for ClusterState {
    type Err = Error;

    /// Parses a state in any case, with `-` or `_`.
    fn from_str(text: &str) -> Result<Self, Error> {
        let name = text.to_ascii_uppercase().replace('-', "_");
        match Self::from(name) {
            Self::Other(_) => Err(Error::usage(format!("'{text}' is not a state of a job flow"))
                .advise(format!("the states are {}", Self::NAMES.join(", ")))),
            known => Ok(known),
        }
    }
}

impl fmt::Display for ClusterState {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(self.as_str())
    }
}

/// A cluster, from `ListClusters` or `DescribeCluster`.
#[derive(Debug, Clone, PartialEq)]
pub struct Cluster {
    /// Its id.
    pub id: JobFlowId,
    /// Its Name, including the run id.
    pub name: String,
    /// Its state.
    pub state: ClusterState,
    /// EMR's code for the reason of its state (`StateChangeReason.Code`), such as `BOOTSTRAP_FAILURE`.
    pub reason_code: Option<String>,
    /// EMR's message about the reason (`StateChangeReason.Message`).
    pub reason: Option<String>,
    /// EMR's details of the errors that ended it.
    pub error_details: Vec<ErrorDetail>,
    /// When it was requested.
    pub created_at: Option<DateTime<Utc>>,
    /// When it could first run steps.
    pub ready_at: Option<DateTime<Utc>>,
    /// When it ended.
    pub ended_at: Option<DateTime<Utc>>,
    /// EMR's rough measure of its size and life so far. AWS says that it is no figure of a bill.
    pub normalized_instance_hours: Option<u64>,
    /// Where it is.
    pub place: Place,
}

/// An error that ended a cluster.
///
/// Source: <https://docs.aws.amazon.com/emr/latest/APIReference/API_ErrorDetail.html>
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize)]
pub struct ErrorDetail {
    /// Its code, such as `VALIDATION_ERROR_INVALID_SSH_KEY_NAME`.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub error_code: Option<String>,
    /// Its data, such as `ssh-key-name` or `instance-type`, in EMR's own form.
    #[serde(skip_serializing_if = "Vec::is_empty")]
    pub error_data: Vec<BTreeMap<String, String>>,
    /// Its message.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub error_message: Option<String>,
}

/// The details of a cluster, from `DescribeCluster`.
#[derive(Debug, Clone, PartialEq)]
#[expect(clippy::struct_excessive_bools, reason = "EMR's API has these flags")]
pub struct ClusterDetail {
    /// The part that `ListClusters` has, too.
    pub cluster: Cluster,
    /// Its release label, such as `emr-7.14.0`; `None` with an AMI version.
    pub release_label: Option<String>,
    /// Its AMI version; `None` with a release label.
    pub ami_version: Option<String>,
    /// Where EMR copies its logs, if it does.
    pub log_uri: Option<String>,
    /// Steps that may run at once.
    pub step_concurrency: u32,
    /// Whether it is protected against termination.
    pub termination_protected: bool,
    /// Whether it stays after its last step.
    pub keep_alive: bool,
    /// Whether it has instance fleets and not instance groups.
    pub has_fleets: bool,
    /// Whether Spark Connect sessions may be started on it.
    pub has_sessions: bool,
    /// Its other properties.
    pub traits: Traits,
    /// Its tags, by key.
    pub tags: Vec<(String, String)>,
    /// The DNS name of its master: public, or private in a private subnet.
    pub master_dns: Option<String>,
}

/// Properties that a cluster was requested with. Those that EMR does not return are empty.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Traits {
    /// Names of its applications.
    pub applications: Vec<String>,
    /// Instance profile of its EC2 instances.
    pub instance_profile: Option<String>,
    /// Service role.
    pub service_role: Option<String>,
    /// EC2 key pair.
    pub key_pair: Option<String>,
    /// Requested subnets.
    pub subnets: Vec<String>,
    /// Custom image (AMI) of its instances.
    pub custom_image: Option<String>,
    /// Security configuration, by name.
    pub security_configuration: Option<String>,
    /// Requested root volume of each instance.
    pub root_volume: RootVolume,
    /// Settings of its programs.
    pub configurations: Vec<Configuration>,
}

/// A bootstrap action, from `ListBootstrapActions`.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct BootstrapAction {
    /// Its name.
    pub name: String,
    /// The arguments of its script.
    pub args: Vec<String>,
}

/// Clusters for tests.
#[cfg(any(test, feature = "examples"))]
pub mod example {
    use super::{Cluster, ClusterDetail, ClusterState, Place, Traits};

    /// A cluster with this id and state and nothing else.
    #[must_use]
    pub fn cluster(id: &str, state: ClusterState) -> Cluster {
        let id = id.parse().expect("an id");
        Cluster {
            id,
            name: "etl".to_owned(),
            state,
            reason_code: None,
            reason: None,
            error_details: Vec::new(),
            created_at: None,
            ready_at: None,
            ended_at: None,
            normalized_instance_hours: None,
            place: Place::default(),
        }
    }

    /// The details of `cluster` with EMR's defaults.
    #[must_use]
    pub fn detail(cluster: Cluster) -> ClusterDetail {
        ClusterDetail {
            cluster,
            release_label: None,
            ami_version: None,
            log_uri: None,
            step_concurrency: 1,
            termination_protected: false,
            keep_alive: true,
            has_fleets: false,
            has_sessions: false,
            traits: Traits::default(),
            tags: Vec::new(),
            master_dns: None,
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn each_known_state_has_its_name() {
        assert_eq!(ClusterState::KNOWN.map(String::from), ClusterState::NAMES);
    }

    #[test]
    fn states_are_parsed_in_any_case() {
        assert_eq!("waiting".parse::<ClusterState>().unwrap(), Waiting);
        assert_eq!("terminated-with-errors".parse::<ClusterState>().unwrap(), TerminatedWithErrors);
        let error = "idle".parse::<ClusterState>().unwrap_err().to_string();
        assert!(error.contains("'idle'") && error.contains("WAITING"), "{error}");
    }

    #[test]
    fn an_unknown_state_keeps_its_name() {
        assert_eq!(ClusterState::from("PAUSED".to_owned()).to_string(), "PAUSED");
    }
}

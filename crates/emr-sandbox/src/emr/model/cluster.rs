//! A cluster: what EMR's API describes, and what the sandbox adds. Members that no rule reads are kept unchanged, so
//! that a replayed account answers with everything that was recorded.

use serde::{Deserialize, Serialize};
use serde_json::{Map, Value, json};

use super::instances::{Instance, InstanceFleet, InstanceGroup};
use super::normalized_hours;
use super::status::{ClusterState, Reason, Status};
use super::step::Step;
use super::steps::Steps;
use super::timestamp::Timestamp;

/// A cluster with its instances, steps and bootstrap actions.
#[derive(Clone, Debug, Deserialize)]
#[serde(rename_all = "PascalCase")]
pub(crate) struct Cluster {
    #[serde(rename = "Cluster")]
    pub(crate) description: Description,
    #[serde(default)]
    pub(crate) instance_groups: Vec<InstanceGroup>,
    #[serde(default)]
    pub(crate) instance_fleets: Vec<InstanceFleet>,
    #[serde(default)]
    pub(crate) instances: Vec<Instance>,
    /// In the shape of `ListBootstrapActions`.
    #[serde(default)]
    pub(crate) bootstrap_actions: Vec<Value>,
    /// In the shape of `ListSessions`.
    #[serde(default)]
    pub(crate) sessions: Vec<Value>,
    #[serde(default)]
    pub(crate) steps: Steps,
    #[serde(default)]
    pub(crate) auto_termination_policy: Option<AutoTerminationPolicy>,
    /// In the shape of `GetManagedScalingPolicy`.
    #[serde(default)]
    pub(crate) managed_scaling_policy: Option<Value>,
    /// How the cluster comes up; `None` for a replayed cluster.
    #[serde(skip)]
    pub(crate) start: Option<Start>,
}

/// How a cluster comes up.
#[derive(Clone, Debug, PartialEq)]
pub(crate) struct Start {
    /// When the instances run and the bootstrap actions may start.
    pub(crate) ready_at: Timestamp,
    /// How long a transient cluster waits for its first step.
    pub(crate) first_step_by: Timestamp,
    pub(crate) bootstrap: BootstrapState,
    /// How it fails while it comes up; `None` if it becomes ready.
    pub(crate) failure: Option<StartFailure>,
}

/// How a cluster fails while it comes up.
#[derive(Clone, Debug, PartialEq)]
pub(crate) struct StartFailure {
    /// Whether it fails after its instances run, as with a failing bootstrap action.
    pub(crate) while_bootstrapping: bool,
    /// The code of its state's reason.
    pub(crate) code: &'static str,
    pub(crate) message: String,
    /// In the shape of `Status.ErrorDetails`.
    pub(crate) details: Value,
}

/// The progress of the bootstrap actions.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum BootstrapState {
    /// They have ended, or are only recorded.
    Done,
    /// They start when the instances run.
    Due,
    Running,
}

/// The answer to `DescribeCluster`.
#[derive(Clone, Debug, Serialize, Deserialize)]
#[serde(rename_all = "PascalCase")]
pub(crate) struct Description {
    pub(crate) id: String,
    #[serde(default)]
    pub(crate) name: String,
    #[serde(default)]
    pub(crate) status: Status<ClusterState>,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub(crate) cluster_arn: Option<String>,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub(crate) log_uri: Option<String>,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub(crate) release_label: Option<String>,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub(crate) running_ami_version: Option<String>,
    #[serde(default)]
    pub(crate) auto_terminate: bool,
    #[serde(default)]
    pub(crate) termination_protected: bool,
    #[serde(default = "default_true")]
    pub(crate) visible_to_all_users: bool,
    #[serde(default)]
    pub(crate) tags: Vec<Tag>,
    #[serde(default = "default_concurrency")]
    pub(crate) step_concurrency_level: usize,
    /// As recorded; `None` for a cluster started here, whose hours are computed on request.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub(crate) normalized_instance_hours: Option<u64>,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub(crate) master_public_dns_name: Option<String>,
    #[serde(flatten)]
    pub(crate) rest: Map<String, Value>,
}

/// One tag.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "PascalCase")]
pub(crate) struct Tag {
    #[serde(default)]
    pub(crate) key: String,
    #[serde(default)]
    pub(crate) value: String,
}

/// The policy by which an idle cluster ends.
#[derive(Clone, Copy, Debug, Serialize, Deserialize)]
#[serde(rename_all = "PascalCase", default)]
pub(crate) struct AutoTerminationPolicy {
    /// Seconds.
    pub(crate) idle_timeout: u64,
}

impl Default for AutoTerminationPolicy {
    fn default() -> Self {
        Self { idle_timeout: 3600 }
    }
}

fn default_true() -> bool {
    true
}

fn default_concurrency() -> usize {
    1
}

impl Cluster {
    pub(crate) fn id(&self) -> &str {
        &self.description.id
    }

    /// The region in its ARN.
    pub(crate) fn region(&self) -> Option<&str> {
        self.description.cluster_arn.as_deref()?.split(':').nth(3)
    }

    pub(crate) fn state(&self) -> ClusterState {
        self.description.status.state
    }

    pub(crate) fn created_at(&self) -> Option<Timestamp> {
        self.description.status.timeline.creation_date_time
    }

    pub(crate) fn step(&self, id: &str) -> Option<Step> {
        self.steps.all().iter().find(|step| step.id == id).cloned()
    }

    pub(crate) fn step_mut(&mut self, id: &str) -> Option<&mut Step> {
        self.steps.open().iter_mut().find(|step| step.id == id)
    }

    /// The number of steps that have not ended.
    pub(crate) fn active_steps(&self) -> usize {
        self.steps.all().iter().filter(|step| step.status.state.is_active()).count()
    }

    /// Whether any part of the cluster was made here. A fully replayed cluster never changes by itself.
    pub(crate) fn is_ours(&self) -> bool {
        self.start.is_some() || self.steps.ours().next().is_some()
    }

    /// The number of steps that were added here and have not ended.
    pub(crate) fn our_active_steps(&self) -> usize {
        self.steps.ours().filter(|step| step.status.state.is_active()).count()
    }

    /// Changes the state, for `reason`.
    pub(crate) fn enter(&mut self, state: ClusterState, reason: Reason) {
        self.description.status.state = state;
        self.description.status.state_change_reason = reason;
    }

    /// The member `Cluster` of the answer to `DescribeCluster`.
    pub(crate) fn describe(&self, now: Timestamp) -> Description {
        let mut description = self.description.clone();
        description.normalized_instance_hours = Some(self.normalized_instance_hours(now));
        description
    }

    /// An entry of the answer to `ListClusters`.
    pub(crate) fn summary(&self, now: Timestamp) -> Value {
        let mut summary = json!({
            "Id": self.description.id,
            "Name": self.description.name,
            "Status": self.description.status,
            "NormalizedInstanceHours": self.normalized_instance_hours(now),
        });
        if let Some(arn) = &self.description.cluster_arn {
            summary["ClusterArn"] = json!(arn);
        }
        summary
    }

    fn normalized_instance_hours(&self, now: Timestamp) -> u64 {
        let recorded = self.description.normalized_instance_hours;
        recorded.unwrap_or_else(|| normalized_hours::of(&self.instances, now))
    }
}

//! The status that clusters, steps, groups, fleets and instances share.

use serde::{Deserialize, Serialize};
use serde_json::{Map, Value};

use super::timestamp::Timestamp;

/// A state, with its reason and its times. A recording without a state gets the default one.
#[derive(Clone, Debug, Default, Serialize, Deserialize)]
#[serde(rename_all = "PascalCase")]
#[serde(bound(deserialize = "State: Deserialize<'de> + Default"))]
pub(crate) struct Status<State> {
    #[serde(default)]
    pub(crate) state: State,
    #[serde(default)]
    pub(crate) state_change_reason: Reason,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub(crate) failure_details: Option<FailureDetails>,
    #[serde(default)]
    pub(crate) timeline: Timeline,
    #[serde(flatten)]
    pub(crate) rest: Map<String, Value>,
}

impl<State> Status<State> {
    /// The status of something created at `now`.
    pub(crate) fn new(state: State, now: Timestamp) -> Self {
        Self {
            state,
            state_change_reason: Reason::default(),
            failure_details: None,
            timeline: Timeline { creation_date_time: Some(now), ..Timeline::default() },
            rest: Map::new(),
        }
    }
}

/// EMR's words for the end of a transient cluster with a failed step whose action was `CONTINUE`.
pub(crate) const STEPS_COMPLETED_WITH_ERRORS: &str = "Steps completed with errors";

/// Why a state was entered.
#[derive(Clone, Debug, Default, Serialize, Deserialize)]
#[serde(rename_all = "PascalCase")]
pub(crate) struct Reason {
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub(crate) code: Option<String>,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub(crate) message: Option<String>,
}

impl Reason {
    pub(crate) fn new(code: &str, message: impl Into<String>) -> Self {
        Self { code: Some(code.to_owned()), message: Some(message.into()) }
    }

    /// Whether a cluster that ends for this reason ends with errors. Failed steps with `CONTINUE` give the code of a
    /// failure, but the cluster ends without errors.
    pub(crate) fn is_failure(&self) -> bool {
        match self.code.as_deref() {
            Some("STEP_FAILURE") => self.message.as_deref() != Some(STEPS_COMPLETED_WITH_ERRORS),
            Some("USER_REQUEST" | "ALL_STEPS_COMPLETED") | None => false,
            Some(_) => true,
        }
    }

    /// A reason without a code, as a running cluster has.
    pub(crate) fn of_message(message: &str) -> Self {
        Self { code: None, message: Some(message.to_owned()) }
    }
}

/// The times of a status. Only steps have a start; all others have a ready time.
#[derive(Clone, Copy, Debug, Default, Serialize, Deserialize)]
#[serde(rename_all = "PascalCase")]
#[expect(clippy::struct_field_names, reason = "the API's own names")]
pub(crate) struct Timeline {
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub(crate) creation_date_time: Option<Timestamp>,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub(crate) ready_date_time: Option<Timestamp>,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub(crate) start_date_time: Option<Timestamp>,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub(crate) end_date_time: Option<Timestamp>,
}

/// Why a step failed, and which log to read.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "PascalCase")]
pub(crate) struct FailureDetails {
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub(crate) reason: Option<String>,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub(crate) message: Option<String>,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub(crate) log_file: Option<String>,
}

/// The states of a cluster, in the order in which it goes through them.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "SCREAMING_SNAKE_CASE")]
pub(crate) enum ClusterState {
    Starting,
    Bootstrapping,
    Running,
    #[default]
    Waiting,
    Terminating,
    Terminated,
    TerminatedWithErrors,
}

impl ClusterState {
    /// Whether steps may be added and settings changed.
    pub(crate) fn is_active(self) -> bool {
        matches!(self, Self::Starting | Self::Bootstrapping | Self::Running | Self::Waiting)
    }

    /// Whether the cluster has ended for good.
    pub(crate) fn is_over(self) -> bool {
        matches!(self, Self::Terminated | Self::TerminatedWithErrors)
    }
}

/// The states of a step.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "SCREAMING_SNAKE_CASE")]
pub(crate) enum StepState {
    Pending,
    CancelPending,
    Running,
    #[default]
    Completed,
    Cancelled,
    Failed,
    Interrupted,
}

impl StepState {
    /// Whether the step has not ended.
    pub(crate) fn is_active(self) -> bool {
        matches!(self, Self::Pending | Self::CancelPending | Self::Running)
    }
}

/// The states of an instance group or fleet. Groups have more of them than fleets.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "SCREAMING_SNAKE_CASE")]
pub(crate) enum GroupState {
    Provisioning,
    Bootstrapping,
    #[default]
    Running,
    Reconfiguring,
    Resizing,
    Suspended,
    Terminating,
    Terminated,
    Arrested,
    ShuttingDown,
    Ended,
}

/// The states of an instance.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "SCREAMING_SNAKE_CASE")]
pub(crate) enum InstanceState {
    AwaitingFulfillment,
    Provisioning,
    Bootstrapping,
    #[default]
    Running,
    Terminated,
}

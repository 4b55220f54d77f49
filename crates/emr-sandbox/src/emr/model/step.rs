//! A step as `DescribeStep` answers it.

use std::collections::BTreeMap;

use serde::{Deserialize, Serialize};
use serde_json::{Map, Value};

use super::status::{Status, StepState};

/// A step of a cluster.
#[derive(Clone, Debug, Serialize, Deserialize)]
#[serde(rename_all = "PascalCase")]
pub(crate) struct Step {
    pub(crate) id: String,
    #[serde(default)]
    pub(crate) name: String,
    #[serde(default)]
    pub(crate) config: HadoopStepConfig,
    #[serde(default)]
    pub(crate) action_on_failure: ActionOnFailure,
    #[serde(default)]
    pub(crate) status: Status<StepState>,
    #[serde(flatten)]
    pub(crate) rest: Map<String, Value>,
    /// Whether the step was added here. Steps of a recording are history and never run.
    #[serde(skip)]
    pub(crate) is_ours: bool,
}

/// What a step runs.
#[derive(Clone, Debug, Default, Serialize, Deserialize)]
#[serde(rename_all = "PascalCase")]
pub(crate) struct HadoopStepConfig {
    #[serde(default)]
    pub(crate) jar: String,
    #[serde(default)]
    pub(crate) properties: BTreeMap<String, String>,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub(crate) main_class: Option<String>,
    #[serde(default)]
    pub(crate) args: Vec<String>,
}

/// What happens to the cluster when a step fails.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "SCREAMING_SNAKE_CASE")]
pub(crate) enum ActionOnFailure {
    TerminateJobFlow,
    #[default]
    TerminateCluster,
    CancelAndWait,
    Continue,
}

//! A step as EMR tells it, and as it is asked for.

use std::collections::BTreeMap;

use serde::{Deserialize, Serialize};
use serde_json::{Map, Value};

use super::ids;
use super::status::{Status, StepState};
use super::timestamp::Timestamp;

/// A step of a cluster.
#[derive(Clone, Debug, Serialize, Deserialize)]
#[serde(rename_all = "PascalCase")]
pub(crate) struct Step {
    pub(crate) id: String,
    #[serde(default)]
    pub(crate) name: String,
    #[serde(default)]
    pub(crate) config: StepConfig,
    #[serde(default)]
    pub(crate) action_on_failure: ActionOnFailure,
    #[serde(default)]
    pub(crate) status: Status<StepState>,
    #[serde(flatten)]
    pub(crate) rest: Map<String, Value>,
    /// Whether the step was given to this sandbox and not read from a recording, which is history
    /// and never run.
    #[serde(skip)]
    pub(crate) is_ours: bool,
}

/// What a step runs.
#[derive(Clone, Debug, Default, Serialize, Deserialize)]
#[serde(rename_all = "PascalCase")]
pub(crate) struct StepConfig {
    #[serde(default)]
    pub(crate) jar: String,
    #[serde(default)]
    pub(crate) properties: BTreeMap<String, String>,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub(crate) main_class: Option<String>,
    #[serde(default)]
    pub(crate) args: Vec<String>,
}

/// What becomes of the cluster when a step fails.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "SCREAMING_SNAKE_CASE")]
pub(crate) enum ActionOnFailure {
    TerminateJobFlow,
    #[default]
    TerminateCluster,
    CancelAndWait,
    Continue,
}

/// A step as `RunJobFlow` and `AddJobFlowSteps` ask for it.
#[derive(Debug, Deserialize)]
#[serde(rename_all = "PascalCase")]
pub(crate) struct StepRequest {
    pub(crate) name: String,
    #[serde(default)]
    pub(crate) action_on_failure: ActionOnFailure,
    pub(crate) hadoop_jar_step: HadoopJarStep,
}

/// The jar of a step and its arguments.
#[derive(Debug, Deserialize)]
#[serde(rename_all = "PascalCase")]
pub(crate) struct HadoopJarStep {
    pub(crate) jar: String,
    #[serde(default)]
    pub(crate) main_class: Option<String>,
    #[serde(default)]
    pub(crate) args: Vec<String>,
    #[serde(default)]
    pub(crate) properties: Vec<Property>,
}

/// A Java property of a step.
#[derive(Debug, Deserialize)]
#[serde(rename_all = "PascalCase")]
pub(crate) struct Property {
    #[serde(default)]
    key: String,
    #[serde(default)]
    value: String,
}

impl StepRequest {
    /// The pending step that this asks for.
    pub(crate) fn into_step(self, now: Timestamp) -> Step {
        let jar_step = self.hadoop_jar_step;
        let properties = jar_step.properties.into_iter().map(|pair| (pair.key, pair.value));
        Step {
            id: ids::new("s"),
            name: self.name,
            config: StepConfig {
                jar: jar_step.jar,
                properties: properties.collect(),
                main_class: jar_step.main_class,
                args: jar_step.args,
            },
            action_on_failure: self.action_on_failure,
            status: Status::new(StepState::Pending, now),
            rest: Map::new(),
            is_ours: true,
        }
    }
}

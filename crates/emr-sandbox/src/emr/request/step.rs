//! A step of a `RunJobFlow` or `AddJobFlowSteps` request, and the step that it becomes.

use serde::Deserialize;
use serde_json::Map;

use crate::emr::model::ids;
use crate::emr::model::status::{Status, StepState};
use crate::emr::model::step::{ActionOnFailure, HadoopStepConfig, Step};
use crate::emr::model::timestamp::Timestamp;

/// One step.
#[derive(Debug, Deserialize)]
#[serde(rename_all = "PascalCase")]
pub(crate) struct StepConfig {
    pub(crate) name: String,
    #[serde(default)]
    pub(crate) action_on_failure: ActionOnFailure,
    pub(crate) hadoop_jar_step: HadoopJarStepConfig,
}

/// The jar of a step and its arguments.
#[derive(Debug, Deserialize)]
#[serde(rename_all = "PascalCase")]
pub(crate) struct HadoopJarStepConfig {
    pub(crate) jar: String,
    #[serde(default)]
    pub(crate) main_class: Option<String>,
    #[serde(default)]
    pub(crate) args: Vec<String>,
    #[serde(default)]
    pub(crate) properties: Vec<KeyValue>,
}

/// A Java property of a step.
#[derive(Debug, Deserialize)]
#[serde(rename_all = "PascalCase")]
pub(crate) struct KeyValue {
    #[serde(default)]
    key: String,
    #[serde(default)]
    value: String,
}

impl StepConfig {
    /// The pending step that this request adds.
    pub(crate) fn into_step(self, now: Timestamp) -> Step {
        let jar_step = self.hadoop_jar_step;
        let properties = jar_step.properties.into_iter().map(|pair| (pair.key, pair.value));
        Step {
            id: ids::new("s"),
            name: self.name,
            config: HadoopStepConfig {
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

//! A step: one to add, or one that EMR lists.

use std::fmt;
use std::str::FromStr;

use chrono::{DateTime, Utc};
use serde::{Deserialize, Serialize};

use crate::error::Error;
use crate::model::id::StepId;

/// What EMR does with the cluster when a step fails.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum ActionOnFailure {
    /// Runs the next step.
    Continue,
    /// Cancels pending steps and waits.
    CancelAndWait,
    /// Terminates the cluster.
    TerminateCluster,
}

impl ActionOnFailure {
    /// The action's name in EMR's API.
    #[must_use]
    pub fn as_str(self) -> &'static str {
        match self {
            Self::Continue => "CONTINUE",
            Self::CancelAndWait => "CANCEL_AND_WAIT",
            Self::TerminateCluster => "TERMINATE_CLUSTER",
        }
    }
}

/// In any case, with `-` or `_`.
impl FromStr for ActionOnFailure {
    type Err = Error;

    fn from_str(text: &str) -> Result<Self, Error> {
        match text.to_ascii_uppercase().replace('-', "_").as_str() {
            "CONTINUE" => Ok(Self::Continue),
            "CANCEL_AND_WAIT" => Ok(Self::CancelAndWait),
            "TERMINATE_CLUSTER" | "TERMINATE_JOB_FLOW" => Ok(Self::TerminateCluster),
            _ => Err(Error::usage(format!("'{text}' is not an action on failure"))
                .advise("the actions are CONTINUE, CANCEL_AND_WAIT and TERMINATE_CLUSTER")),
        }
    }
}

/// How a running step is stopped.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum StopBy {
    /// Its process gets SIGTERM, and may clean up.
    Interrupt,
    /// Its process gets SIGKILL.
    Kill,
}

/// A step to add by `AddJobFlowSteps`.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct NewStep {
    /// Its Name.
    pub name: String,
    /// The jar to run.
    pub jar: String,
    /// The main class, if the jar's manifest names none.
    pub main_class: Option<String>,
    /// The arguments of the jar.
    pub args: Vec<String>,
    /// Java properties, in the order given.
    pub properties: Vec<(String, String)>,
    /// What happens when it fails.
    pub action_on_failure: ActionOnFailure,
}

/// The state of a step, named as EMR's API names it.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(from = "String", into = "String")]
pub enum StepState {
    /// Not started.
    Pending,
    /// Not started, and being cancelled.
    CancelPending,
    /// Running.
    Running,
    /// Succeeded.
    Completed,
    /// Cancelled before or while it ran.
    Cancelled,
    /// Failed.
    Failed,
    /// Stopped from outside while it ran.
    Interrupted,
    /// A state that is unknown to this version.
    Other(String),
}

impl StepState {
    const KNOWN: [Self; 7] = [
        Self::Pending,
        Self::CancelPending,
        Self::Running,
        Self::Completed,
        Self::Cancelled,
        Self::Failed,
        Self::Interrupted,
    ];

    /// The names of the states that EMR documents.
    pub const NAMES: [&str; 7] =
        ["PENDING", "CANCEL_PENDING", "RUNNING", "COMPLETED", "CANCELLED", "FAILED", "INTERRUPTED"];

    /// The states of failure. CANCELLED is not one: somebody wanted it, or another step failed.
    pub const FAILED: [Self; 2] = [Self::Failed, Self::Interrupted];

    /// The states before the end.
    pub const UNFINISHED: [Self; 3] = [Self::Pending, Self::CancelPending, Self::Running];

    /// The state's name in EMR's API.
    #[must_use]
    pub fn as_str(&self) -> &str {
        match self {
            Self::Pending => "PENDING",
            Self::CancelPending => "CANCEL_PENDING",
            Self::Running => "RUNNING",
            Self::Completed => "COMPLETED",
            Self::Cancelled => "CANCELLED",
            Self::Failed => "FAILED",
            Self::Interrupted => "INTERRUPTED",
            Self::Other(name) => name,
        }
    }

    /// Whether the step has ended.
    #[must_use]
    pub fn has_ended(&self) -> bool {
        matches!(self, Self::Completed | Self::Cancelled | Self::Failed | Self::Interrupted)
    }
}

impl From<String> for StepState {
    fn from(name: String) -> Self {
        Self::KNOWN.into_iter().find(|state| state.as_str() == name).unwrap_or(Self::Other(name))
    }
}

impl From<StepState> for String {
    fn from(state: StepState) -> Self {
        state.as_str().to_owned()
    }
}

impl FromStr for StepState {
    type Err = Error;

    /// Parses a state in any case, with `-` or `_`.
    fn from_str(text: &str) -> Result<Self, Error> {
        let name = text.to_ascii_uppercase().replace('-', "_");
        match Self::from(name) {
            Self::Other(_) => Err(Error::usage(format!("'{text}' is not a state of a step"))
                .advise(format!("the states are {}", Self::NAMES.join(", ")))),
            known => Ok(known),
        }
    }
}

impl fmt::Display for StepState {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(self.as_str())
    }
}

/// Steps for tests.
#[cfg(any(test, feature = "examples"))]
pub mod example {
    use super::{ActionOnFailure, NewStep, Step, StepState};

    /// A step that runs `jar` with `args`.
    #[must_use]
    pub fn new_step(jar: &str, args: &[&str]) -> NewStep {
        NewStep {
            name: "s".to_owned(),
            jar: jar.to_owned(),
            main_class: None,
            args: args.iter().map(|arg| (*arg).to_owned()).collect(),
            properties: Vec::new(),
            action_on_failure: ActionOnFailure::Continue,
        }
    }

    /// A step with this state and nothing else.
    #[must_use]
    pub fn step(state: StepState) -> Step {
        Step::new("s-A".parse().expect("an id"), "count".to_owned(), state)
    }
}

/// A step, from `ListSteps`.
#[derive(Debug, Clone, PartialEq)]
pub struct Step {
    /// Its id.
    pub id: StepId,
    /// Its Name, including the run id.
    pub name: String,
    /// Its state.
    pub state: StepState,
    /// EMR's reason for its state, if any.
    pub reason: Option<String>,
    /// The log that shows why it failed, if EMR names one.
    pub log_file: Option<String>,
    /// Where EMR copies its logs, if that differs from its cluster's.
    pub log_uri: Option<String>,
    /// Its output on S3, if its arguments have one.
    pub output: Option<String>,
    /// When it was added.
    pub created_at: Option<DateTime<Utc>>,
    /// When it started.
    pub started_at: Option<DateTime<Utc>>,
    /// When it ended.
    pub ended_at: Option<DateTime<Utc>>,
}

impl Step {
    /// A step of which no more is known than this.
    #[must_use]
    pub fn new(id: StepId, name: String, state: StepState) -> Self {
        Self {
            id,
            name,
            state,
            reason: None,
            log_file: None,
            log_uri: None,
            output: None,
            created_at: None,
            started_at: None,
            ended_at: None,
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn each_known_state_has_its_name_and_is_parsed_in_any_case() {
        assert_eq!(StepState::KNOWN.map(String::from), StepState::NAMES);
        assert_eq!("cancel-pending".parse::<StepState>().unwrap(), StepState::CancelPending);
        let error = "done".parse::<StepState>().unwrap_err().to_string();
        assert!(error.contains("'done'") && error.contains("COMPLETED"), "{error}");
    }
}

//! A step: what is asked of EMR, and what became of it.

use std::fmt;
use std::str::FromStr;

use chrono::{DateTime, Utc};
use serde::{Deserialize, Serialize};

use crate::error::Error;
use crate::model::id::StepId;

/// What EMR does with the job flow when a step fails.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum ActionOnFailure {
    /// Goes on with the next step.
    Continue,
    /// Cancels the pending steps and waits.
    CancelAndWait,
    /// Terminates the job flow.
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

/// As the API spells it, or as a person types it.
impl FromStr for ActionOnFailure {
    type Err = Error;

    fn from_str(text: &str) -> Result<Self, Error> {
        match text.to_ascii_uppercase().replace('-', "_").as_str() {
            "CONTINUE" => Ok(Self::Continue),
            "CANCEL_AND_WAIT" => Ok(Self::CancelAndWait),
            "TERMINATE_CLUSTER" | "TERMINATE_JOB_FLOW" => Ok(Self::TerminateCluster),
            _ => Err(Error::usage(format!("'{text}' is no action on failure"))
                .advise("the actions are CONTINUE, CANCEL_AND_WAIT and TERMINATE_CLUSTER")),
        }
    }
}

/// How a step that runs is stopped.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum StopBy {
    /// Its process gets SIGTERM, and may take its time.
    Interrupt,
    /// Its process gets SIGKILL.
    Kill,
}

/// A step to add, as `AddJobFlowSteps` wants it.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct NewStep {
    /// Its Name.
    pub name: String,
    /// The jar that EMR runs.
    pub jar: String,
    /// The jar's main class, where its manifest names none.
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
    /// Not begun.
    Pending,
    /// Not begun, and being cancelled.
    CancelPending,
    /// Under way.
    Running,
    /// Ended well.
    Completed,
    /// Cancelled before or while it ran.
    Cancelled,
    /// Ended badly.
    Failed,
    /// Stopped from outside while it ran.
    Interrupted,
    /// A state that EMR has added since this was written.
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

    /// The states of a step that ended badly and that nobody wanted to end: one that was cancelled was somebody's wish, or
    /// comes of another's failure.
    pub const FAILED: [Self; 2] = [Self::Failed, Self::Interrupted];

    /// The states in which something will become of a step.
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

    /// Whether nothing more will become of the step.
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

    /// Reads a state as a person types it: any case, `-` for `_`.
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

    /// A step of which only its state is known.
    #[must_use]
    pub fn step(state: StepState) -> Step {
        Step::new("s-A".parse().expect("an id"), "count".to_owned(), state)
    }
}

/// A step as `ListSteps` tells of it.
#[derive(Debug, Clone, PartialEq)]
pub struct Step {
    /// Its id.
    pub id: StepId,
    /// Its Name, run id and all.
    pub name: String,
    /// Its state.
    pub state: StepState,
    /// Why it is in that state, in EMR's words, where EMR says.
    pub reason: Option<String>,
    /// Where the log stands that shows why it failed, where EMR says.
    pub log_file: Option<String>,
    /// Where EMR copies its logs to, where that is another place than its job flow's.
    pub log_uri: Option<String>,
    /// Where on S3 it writes, where its arguments say that.
    pub output: Option<String>,
    /// When it was added.
    pub created_at: Option<DateTime<Utc>>,
    /// When it began.
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
    fn each_known_state_has_its_name_and_is_read_as_people_type_it() {
        assert_eq!(StepState::KNOWN.map(String::from), StepState::NAMES);
        assert_eq!("cancel-pending".parse::<StepState>().unwrap(), StepState::CancelPending);
        let error = "done".parse::<StepState>().unwrap_err().to_string();
        assert!(error.contains("'done'") && error.contains("COMPLETED"), "{error}");
    }
}

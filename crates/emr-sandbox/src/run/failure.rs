//! Why a step or a bootstrap action failed.

use std::io;

/// A failure, as EMR's `FailureDetails` has it.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct Failure {
    /// One sentence, the same for all failures with the same cause.
    pub(crate) reason: String,
    /// Details of this failure.
    pub(crate) message: String,
    /// The URI or path of the log to read.
    pub(crate) log_file: Option<String>,
}

impl Failure {
    pub(crate) fn new(reason: impl Into<String>, message: impl Into<String>) -> Self {
        Self { reason: reason.into(), message: message.into(), log_file: None }
    }

    /// A failure of the sandbox itself, not of the job.
    pub(crate) fn sandbox(message: impl Into<String>) -> Self {
        Self::new("The sandbox failed.", message)
    }

    /// An I/O error of the sandbox; `doing` names the file or action.
    pub(crate) fn io(doing: &str, error: &io::Error) -> Self {
        Self::sandbox(format!("{doing}: {error}"))
    }
}

//! What is said of a run itself, so that a monitor notices when runs fail, or none comes any more.

use chrono::{DateTime, Utc};

use super::{Gauge, Metrics, amount};
use crate::error::Outcome;

const LAST_RUN: Gauge =
    Gauge { name: "emr_tools_last_run_timestamp_seconds", help: "When the last run ended, by AWS's clock." };

const SUCCESS: Gauge = Gauge {
    name: "emr_tools_last_run_success",
    help: "Whether the last run did and saw all that it was to: 1, or 0. At 0 what it did not see may be missing.",
};

const EXIT_CODE: Gauge = Gauge { name: "emr_tools_last_run_exit_code", help: "The exit code of the last run." };

const LAST_SUCCESS: Gauge = Gauge {
    name: "emr_tools_last_success_timestamp_seconds",
    help: "When the last run that succeeded ended, by AWS's clock; 0 if none is known.",
};

/// A run that has ended.
#[derive(Debug, Clone, Copy)]
pub struct Run<'a> {
    /// Its tool.
    pub tool: &'a str,
    /// How it ended.
    pub outcome: Outcome,
    /// When it ended.
    pub at: DateTime<Utc>,
    /// When one before it succeeded, in seconds since the epoch.
    pub last_success: Option<u64>,
}

impl Run<'_> {
    /// Adds the samples of this run.
    pub fn measure(&self, metrics: &mut Metrics) {
        let at = u64::try_from(self.at.timestamp()).unwrap_or(0);
        let is_success = self.outcome == Outcome::Done;
        let last_success = if is_success { Some(at) } else { self.last_success };
        for (gauge, value) in [
            (LAST_RUN, at),
            (SUCCESS, u64::from(is_success)),
            (EXIT_CODE, u64::from(self.outcome.exit_code())),
            (LAST_SUCCESS, last_success.unwrap_or(0)),
        ] {
            *metrics.at(gauge, &[("tool", self.tool)]) = amount(value);
        }
    }
}

/// When a run of `tool` last succeeded, from the `text` that its last run wrote.
#[must_use]
pub fn last_success(text: &str, tool: &str) -> Option<u64> {
    // With what stands before it: a user's label may end in `tool`.
    let labels = ['{', ','].map(|before| format!("{before}tool=\"{tool}\""));
    let is_of_tool = |line: &&str| labels.iter().any(|label| line.contains(label));
    let lines = text.lines().filter(|line| line.starts_with(LAST_SUCCESS.name)).filter(is_of_tool);
    lines.filter_map(|line| line.rsplit(' ').next()?.parse().ok()).max()
}

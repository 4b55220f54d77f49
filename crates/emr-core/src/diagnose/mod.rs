//! From the text of a log to the probable cause of a failure.
//!
//! A log is read line by line, once, and little of it is kept. What is found has a weight: a traceback says more than
//! the stack of the Java that ran the program, and that more than its exit code. Of what weighs the same within a log
//! the last is taken, because what is fatal is said last.

mod block;
mod bootstrap;
mod exit;
mod history;
mod log4j;
mod phrases;
mod scan;
#[cfg(test)]
mod tests;
mod words;

pub use bootstrap::{FailedBootstrap, failed_bootstrap};
pub use scan::Scan;

use std::collections::BTreeSet;

use crate::logs::JobNumber;
use crate::model::cause::Cause;

/// How much a finding says.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub enum Weight {
    /// A consequence of some failure: an exit code.
    Hint,
    /// The last that a program said, which may be of no matter.
    Said,
    /// An error that ends most programs: a Java stack, a signal.
    Likely,
    /// What failed and why: a traceback, a missing input. Nothing more need be read.
    Convincing,
}

/// What may be the cause.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Finding {
    /// How much it says.
    pub weight: Weight,
    /// The cause that it is.
    pub cause: Cause,
}

/// What a log tells.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Told {
    /// What says the most of why something failed.
    pub finding: Option<Finding>,
    /// The jobs that were started.
    pub jobs: BTreeSet<JobNumber>,
    /// Ids of attempts that failed, and of their containers where they are known, as they came.
    pub failed: Vec<String>,
    /// What a mapper was reading.
    pub input: Option<String>,
}

impl Told {
    /// Adds what another log tells; where both findings weigh the same, the one of this log stays.
    pub fn add(&mut self, other: Self) {
        self.jobs.extend(other.jobs);
        for id in other.failed {
            if !self.failed.contains(&id) {
                self.failed.push(id);
            }
        }
        self.input = self.input.take().or(other.input);
        self.weigh(other.finding);
        if let Some(Finding { cause, .. }) = &mut self.finding {
            cause.input = cause.input.take().or_else(|| self.input.clone());
        }
    }

    /// Takes `finding` if it says more than what was found.
    pub fn weigh(&mut self, finding: Option<Finding>) {
        let weight = |finding: &Option<Finding>| finding.as_ref().map(|finding| finding.weight);
        if weight(&finding) > weight(&self.finding) {
            self.finding = finding;
        }
    }

    /// Whether nothing more need be read.
    #[must_use]
    pub fn is_convincing(&self) -> bool {
        self.finding.as_ref().is_some_and(|finding| finding.weight == Weight::Convincing)
    }
}

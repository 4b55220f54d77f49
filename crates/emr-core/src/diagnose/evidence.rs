//! What a log says about a failure, and how much that is worth.

use std::collections::BTreeSet;

use crate::logs::JobNumber;
use crate::model::cause::Cause;

/// How much a finding says about why something failed.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub enum Weight {
    /// A consequence of some failure: an exit code.
    Hint,
    /// The last line that a program printed, which may not matter.
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
    /// The cause.
    pub cause: Cause,
}

/// What logs say about a failure.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Evidence {
    /// The finding that says the most.
    pub finding: Option<Finding>,
    /// The jobs that were started.
    pub jobs: BTreeSet<JobNumber>,
    /// Ids of attempts that failed, and of their containers where those are known, in the order of the log.
    pub failed: Vec<String>,
    /// What a mapper was reading.
    pub input: Option<String>,
}

impl Evidence {
    /// Adds the evidence of another log. Of two findings that weigh the same, this one stays.
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

    /// Takes `finding` if it weighs more than the present one.
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

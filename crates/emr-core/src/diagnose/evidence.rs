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
    /// What failed and why: a traceback, a missing input. Nothing more need be read of what failed.
    Convincing,
    /// What ended the program that runs a job: an exception that nobody caught. Errors of its tasks only led there.
    Fatal,
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
    /// The exit code of the step or bootstrap action, as EMR's controller has it.
    pub exit_code: Option<i32>,
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
        self.exit_code = self.exit_code.or(other.exit_code);
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

    /// Puts the evidence of its tasks before what the program that ran them says: a task knows best why it failed.
    pub fn prefer(&mut self, tasks: Self) {
        let own = self.finding.take();
        self.add(tasks);
        self.weigh(own.map(|own| Finding { weight: own.weight.min(Weight::Convincing), ..own }));
    }

    /// Whether nothing more need be read of what failed.
    #[must_use]
    pub fn is_convincing(&self) -> bool {
        self.weighs(Weight::Convincing)
    }

    /// Whether no task can know better: the program that runs the job says what ended it, and of no attempt that failed.
    #[must_use]
    pub fn is_final(&self) -> bool {
        self.weighs(Weight::Fatal) && self.failed.is_empty()
    }

    fn weighs(&self, weight: Weight) -> bool {
        self.finding.as_ref().is_some_and(|finding| finding.weight >= weight)
    }
}

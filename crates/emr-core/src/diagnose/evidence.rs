//! Evidence in a log about a failure, and its weight.

use std::collections::BTreeSet;

use crate::logs::JobNumber;
use crate::model::cause::Cause;

/// How much a finding says about the cause.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub enum Weight {
    /// A consequence of an unknown failure: an exit code.
    Hint,
    /// The last line that a program printed, which may be unrelated.
    Said,
    /// An error that usually ends a program: a Java stack trace, a signal.
    Likely,
    /// A cause: a traceback, a missing input. No more logs of the failed part need to be read.
    Convincing,
    /// The end of the program that runs a job: an uncaught exception. Errors of its tasks only led to it.
    Fatal,
}

/// A possible cause.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Finding {
    /// Its weight.
    pub weight: Weight,
    /// The cause.
    pub cause: Cause,
}

/// The evidence in logs about a failure.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Evidence {
    /// The finding with the highest weight.
    pub finding: Option<Finding>,
    /// The started jobs.
    pub jobs: BTreeSet<JobNumber>,
    /// Ids of failed attempts and of their known containers, in the order of the log.
    pub failed: Vec<String>,
    /// The input of a mapper.
    pub input: Option<String>,
    /// The exit code of the step or bootstrap action, from EMR's controller log.
    pub exit_code: Option<i32>,
}

impl Evidence {
    /// Adds the evidence of another log. Of two findings with equal weight, this one stays.
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

    /// Takes `finding` if its weight is higher.
    pub fn weigh(&mut self, finding: Option<Finding>) {
        let weight = |finding: &Option<Finding>| finding.as_ref().map(|finding| finding.weight);
        if weight(&finding) > weight(&self.finding) {
            self.finding = finding;
        }
    }

    /// Prefers the evidence of `tasks` to that of the program that ran them: a task's own log has the best reason.
    pub fn prefer(&mut self, tasks: Self) {
        let own = self.finding.take();
        self.add(tasks);
        self.weigh(own.map(|own| Finding { weight: own.weight.min(Weight::Convincing), ..own }));
    }

    /// Whether no more logs of the failed part need to be read.
    #[must_use]
    pub fn is_convincing(&self) -> bool {
        self.weighs(Weight::Convincing)
    }

    /// Whether logs of tasks cannot add anything: the program that runs the job names its end and no failed attempt.
    #[must_use]
    pub fn is_final(&self) -> bool {
        self.weighs(Weight::Fatal) && self.failed.is_empty()
    }

    fn weighs(&self, weight: Weight) -> bool {
        self.finding.as_ref().is_some_and(|finding| finding.weight >= weight)
    }
}

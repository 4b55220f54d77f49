//! EMR: job flows and their steps. It knows no locks.

/// A step.
#[derive(Debug, Clone)]
pub(crate) struct Step {
    /// The agent that added it.
    pub(crate) agent: usize,
    /// The number of the claim under which it was added.
    pub(crate) job: u64,
    /// Whether the process was stopped between its decision and its request.
    pub(crate) is_late: bool,
    /// Whether its agent has reported it as added and checked.
    pub(crate) is_reported: bool,
}

/// A job flow.
#[derive(Debug, Clone, Default)]
pub(crate) struct JobFlow {
    /// The number of its lock.
    pub(crate) lock: usize,
    /// The unfinished steps, in order.
    pub(crate) steps: Vec<Step>,
    pub(crate) is_terminated: bool,
}

impl JobFlow {
    /// Whether it can be joined or terminated.
    pub(crate) fn is_free(&self) -> bool {
        self.steps.is_empty() && !self.is_terminated
    }

    /// Whether the step of this `job` runs next or is done.
    pub(crate) fn is_first(&self, job: u64) -> bool {
        self.steps.first().is_some_and(|step| step.job == job) || self.steps.iter().all(|step| step.job != job)
    }
}

/// All job flows.
#[derive(Debug, Default)]
pub(crate) struct Emr {
    pub(crate) job_flows: Vec<JobFlow>,
    /// How many were ever started.
    pub(crate) started: u64,
}

impl Emr {
    /// The number of job flows that live.
    pub(crate) fn alive(&self) -> usize {
        self.job_flows.iter().filter(|job_flow| !job_flow.is_terminated).count()
    }
}

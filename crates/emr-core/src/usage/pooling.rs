//! What a pool saves: jobs that find a job flow ready need none of their own.

use std::collections::HashSet;

use super::{Job, JobFlow, Reckoning, Window};

/// The jobs and the starts of a group of job flows.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Pooling {
    /// Runs of jobs. The steps of one run count once.
    pub jobs: u64,
    /// Job flows that were asked for.
    pub starts: u64,
    /// How long each took to be ready, in seconds.
    took: Vec<u32>,
}

impl Pooling {
    /// The jobs and the start of one job flow, as far as they began within `window`.
    pub(super) fn of(job_flow: &JobFlow, reckoning: &Reckoning<'_>, window: Window) -> Self {
        let life = reckoning.life;
        let took = job_flow.ready_at.is_some() && window.has(life.created);
        let took = took.then(|| u32::try_from(life.ready - life.created).unwrap_or(u32::MAX));
        Self {
            jobs: jobs(job_flow, window),
            starts: u64::from(window.has(life.created)),
            took: took.into_iter().collect(),
        }
    }

    pub(super) fn add(&mut self, other: &Self) {
        self.jobs += other.jobs;
        self.starts += other.starts;
        self.took.extend(&other.took);
    }

    /// The starts that were saved: jobs less job flows. Negative if there are more job flows than jobs.
    #[must_use]
    pub fn bootstraps_saved(&self) -> i64 {
        let number = |count: u64| i64::try_from(count).unwrap_or(i64::MAX);
        number(self.jobs) - number(self.starts)
    }

    /// The seconds that these would have taken, by the median of the starts; `None` if none was ready.
    #[must_use]
    pub fn saved_s(&self) -> Option<i64> {
        Some(self.bootstraps_saved().saturating_mul(i64::from(self.median()?)))
    }

    fn median(&self) -> Option<u32> {
        let mut took = self.took.clone();
        let middle = took.len().checked_sub(1)? / 2;
        Some(*took.select_nth_unstable(middle).1)
    }
}

/// How many runs of jobs have a step that began within `window` and none that began before it.
fn jobs(job_flow: &JobFlow, window: Window) -> u64 {
    let mut runs = HashSet::new();
    let mut before = HashSet::new();
    let mut jobs = 0;
    for step in job_flow.steps.iter().flatten() {
        let Some(started_at) = step.started_at.map(|at| at.timestamp()) else { continue };
        let is_before = window.since.is_some_and(|since| started_at < since.timestamp());
        match Job::of(&step.name).run {
            Some(run) if is_before => drop(before.insert(run)),
            Some(run) if window.has(started_at) => drop(runs.insert(run)),
            None if window.has(started_at) => jobs += 1,
            _ => {}
        }
    }
    jobs + u64::try_from(runs.difference(&before).count()).unwrap_or(u64::MAX)
}

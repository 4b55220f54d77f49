//! The life of a job flow, cut into spans of one part and one step each.

use std::collections::BTreeSet;

use chrono::{DateTime, Utc};

use super::{JobFlow, Part, StepRun};
use crate::model::cluster::ClusterState;
use crate::model::step::StepState;

/// How far a time may be ahead of AWS's clock. What is further ahead is no time.
const AHEAD_S: i64 = 86_400;

/// When a job flow was created, was ready and ended, in seconds since the epoch, in this order.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Life {
    /// The second in which it was asked for.
    pub created: i64,
    /// The second in which it was ready; its end if it never was.
    pub ready: i64,
    /// The second in which it ended, or now.
    pub end: i64,
}

/// A stretch of a life, in seconds since the epoch: of one part, and of one job.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Span<'a> {
    /// Its first second.
    pub from: i64,
    /// The second after its last.
    pub to: i64,
    /// The part of the life that it belongs to.
    pub part: Part,
    /// The step to whose job it belongs; `None` if no step ran.
    pub step: Option<&'a StepRun>,
}

impl Life {
    /// The life of `job_flow` at `now`; `None` if nobody knows when it began.
    #[must_use]
    pub fn of(job_flow: &JobFlow, now: DateTime<Utc>) -> Option<Self> {
        let now = now.timestamp();
        let created = job_flow.created_at.or(job_flow.ready_at)?.timestamp();
        let is_gone = matches!(job_flow.state, ClusterState::Terminated | ClusterState::TerminatedWithErrors);
        let end = match job_flow.ended_at {
            Some(ended_at) => ended_at.timestamp().min(now.saturating_add(AHEAD_S)),
            None if is_gone => latest(job_flow).unwrap_or(created),
            None => now,
        };
        let end = end.max(created);
        let ready = job_flow.ready_at.map_or(end, |ready| ready.timestamp().clamp(created, end));
        Some(Self { created, ready, end })
    }

    /// The spans of this life of `job_flow`, in their order and without gaps.
    #[must_use]
    pub fn spans(self, job_flow: &JobFlow) -> Vec<Span<'_>> {
        let Self { created, ready, end } = self;
        let Some(steps) = &job_flow.steps else {
            let spans = [(created, ready, Part::Starting), (ready, end, Part::Unknown)];
            let spans = spans.map(|(from, to, part)| Span { from, to, part, step: None });
            return spans.into_iter().filter(|span| span.from < span.to).collect();
        };
        let mut runs: Vec<_> = steps.iter().filter_map(|step| Run::of(step, self)).collect();
        runs.sort_by_key(|run| (run.from, run.to, run.failed, run.step.name.as_str()));
        let mut sweep = Sweep::over(&runs, ready);
        let first = runs.first().map(|run| run.step);
        sweep.spans.extend((created < ready).then_some(Span {
            from: created,
            to: ready,
            part: Part::Starting,
            step: first,
        }));
        sweep.run(end)
    }
}

/// The latest of the times that are known of one that is gone, if its end is not.
fn latest(job_flow: &JobFlow) -> Option<i64> {
    let steps = job_flow.steps.iter().flatten();
    let ends = steps.filter_map(|step| step.ended_at).chain(job_flow.ready_at);
    ends.map(|end| end.timestamp()).max()
}

/// The time in which a step ran, as far as the job flow was ready.
#[derive(Debug)]
struct Run<'a> {
    from: i64,
    to: i64,
    failed: bool,
    step: &'a StepRun,
}

impl<'a> Run<'a> {
    /// The run of `step`; `None` if it does not count.
    fn of(step: &'a StepRun, life: Life) -> Option<Self> {
        let from = step.started_at?.timestamp();
        let (failed, to) = match (&step.state, step.ended_at) {
            (StepState::Completed | StepState::Running, Some(end)) => (false, end.timestamp()),
            (StepState::Running, None) => (false, life.end),
            (StepState::Failed | StepState::Cancelled | StepState::Interrupted, Some(end)) => (true, end.timestamp()),
            _ => return None,
        };
        let is_moment = from == to && (life.ready..life.end).contains(&from);
        let (from, to) = (from.max(life.ready), to.min(life.end));
        (from < to || is_moment).then_some(Self { from, to, failed, step })
    }
}

/// A sweep over runs that are sorted by their beginnings, from one of their ends to the next.
struct Sweep<'a, 'b> {
    runs: &'b [Run<'a>],
    /// Beginnings (`true`) and ends, by time, and of one time the ends first.
    turns: Vec<(i64, bool, usize)>,
    at: i64,
    /// Those that run now, the first one first: the used ones and the failed ones.
    running: [BTreeSet<usize>; 2],
    begun: usize,
    /// The one that ended last, and when.
    last: Option<(i64, usize)>,
    spans: Vec<Span<'a>>,
}

impl<'a, 'b> Sweep<'a, 'b> {
    fn over(runs: &'b [Run<'a>], ready: i64) -> Self {
        // A run of a moment begins and ends at once: it must begin first, so it never runs and still ended.
        let turns = runs.iter().enumerate().flat_map(|(place, run)| [(run.from, true, place), (run.to, false, place)]);
        let mut turns: Vec<_> = turns.collect();
        turns.sort_unstable();
        Self { runs, turns, at: ready, running: Default::default(), begun: 0, last: None, spans: Vec::new() }
    }

    fn run(mut self, end: i64) -> Vec<Span<'a>> {
        for (at, begins, place) in std::mem::take(&mut self.turns) {
            self.go_to(at);
            let running = &mut self.running[usize::from(self.runs[place].failed)];
            if begins && self.runs[place].to > at {
                running.insert(place);
            } else {
                running.remove(&place);
                self.last = self.last.max(Some((at, place)));
            }
            self.begun += usize::from(begins);
        }
        self.go_to(end);
        self.spans
    }

    fn go_to(&mut self, at: i64) {
        if at <= self.at {
            return;
        }
        let (part, place) = self.now();
        let step = place.map(|place| self.runs[place].step);
        match self.spans.last_mut() {
            Some(span) if span.part == part && span.step == step && span.to == self.at => span.to = at,
            _ => self.spans.push(Span { from: self.at, to: at, part, step }),
        }
        self.at = at;
    }

    /// What happens now, and the run to which the time belongs.
    fn now(&self) -> (Part, Option<usize>) {
        let [used, failed] = &self.running;
        let before = self.last.map(|(_, place)| place).or((!self.runs.is_empty()).then_some(0));
        match (used.first(), failed.first()) {
            (Some(place), _) => (Part::Used, Some(*place)),
            (None, Some(place)) => (Part::Failed, Some(*place)),
            (None, None) if self.begun < self.runs.len() => (Part::IdleBetween, before),
            (None, None) => (Part::IdleAtEnd, before),
        }
    }
}

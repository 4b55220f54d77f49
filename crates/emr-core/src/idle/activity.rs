//! A summary of a cluster's steps: when it last worked, and whether it works now.

use chrono::{DateTime, Utc};

use crate::model::step::{Step, StepState};

/// A summary of steps in constant memory, to which pages of steps are added.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Activity {
    latest: Option<DateTime<Utc>>,
    runs: bool,
    pends: bool,
    began: bool,
}

impl Activity {
    /// The summary of `steps`.
    #[must_use]
    pub fn of(steps: &[Step]) -> Self {
        let mut activity = Self::default();
        activity.note(steps);
        activity
    }

    /// Adds more steps, in any order.
    pub fn note(&mut self, steps: &[Step]) {
        for step in steps {
            let times = [step.created_at, step.started_at, step.ended_at];
            self.latest = times.into_iter().flatten().max().max(self.latest);
            self.runs |= runs(step);
            self.pends |= matches!(step.state, StepState::Pending | StepState::CancelPending);
            self.began |= step.started_at.is_some();
        }
    }

    /// The latest time at which a step was created, started or ended.
    #[must_use]
    pub fn latest(&self) -> Option<DateTime<Utc>> {
        self.latest
    }

    /// Whether a step runs.
    #[must_use]
    pub fn runs(&self) -> bool {
        self.runs
    }

    /// Whether a step is pending.
    #[must_use]
    pub fn pends(&self) -> bool {
        self.pends
    }

    /// Whether older steps need not be read, given that the newest were added. That saves a call a page.
    ///
    /// Steps start in the order in which they were added. If they run one at a time, all steps before the last started
    /// one ended before it, so the newest page is enough, unless none on it has started. If they run concurrently, one
    /// that started long ago may be the last to end. If some are pending, an older one may still run: it started when
    /// the step concurrency was higher.
    #[must_use]
    pub fn tells_all(&self, step_concurrency: u32) -> bool {
        self.runs || (self.began && !self.pends && step_concurrency <= 1)
    }
}

/// Whether `step` runs: it has started and has no end time, whatever its state says, because lists lag.
fn runs(step: &Step) -> bool {
    let was_stopped = matches!(step.state, StepState::Cancelled | StepState::Interrupted);
    let has_begun = step.started_at.is_some() || matches!(step.state, StepState::Running | StepState::Other(_));
    has_begun && step.ended_at.is_none() && !was_stopped
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;
    use crate::model::step::example::step;

    fn at(minutes: i64) -> DateTime<Utc> {
        DateTime::UNIX_EPOCH + chrono::TimeDelta::minutes(minutes)
    }

    /// Steps that run one at a time, newest first; `minutes` has how long each runs and waits.
    fn one_by_one(minutes: &[(i64, i64)], pending: usize) -> Vec<Step> {
        let mut now = 0;
        let mut steps: Vec<_> = minutes
            .iter()
            .map(|(takes, waits)| {
                let began = now + waits;
                now = began + takes;
                let (created_at, started_at, ended_at) = (Some(at(0)), Some(at(began)), Some(at(now)));
                Step { created_at, started_at, ended_at, ..step(StepState::Completed) }
            })
            .collect();
        steps.extend(vec![Step { created_at: Some(at(1)), ..step(StepState::Pending) }; pending]);
        steps.reverse();
        steps
    }

    proptest! {
        #[test]
        fn the_newest_page_says_as_much_as_all_if_steps_run_one_by_one(
            minutes in prop::collection::vec((0_i64..90, 0_i64..90), 0..40),
            pending in 0_usize..8,
            page in 1_usize..20,
        ) {
            let steps = one_by_one(&minutes, pending);
            let newest = Activity::of(&steps[..page.min(steps.len())]);
            if newest.tells_all(1) {
                let all = Activity::of(&steps);
                prop_assert_eq!((newest.latest(), newest.runs()), (all.latest(), all.runs()));
            }
        }

        #[test]
        fn the_order_of_pages_does_not_matter(minutes in prop::collection::vec((0_i64..90, 0_i64..90), 1..20), cut: prop::sample::Index) {
            let steps = one_by_one(&minutes, 2);
            let (newer, older) = steps.split_at(cut.index(steps.len()));
            let mut activity = Activity::of(older);
            activity.note(newer);
            prop_assert_eq!(activity, Activity::of(&steps));
        }
    }

    #[test]
    fn the_newest_page_is_not_enough_if_steps_run_concurrently() {
        let ended = Step { started_at: Some(at(1)), ended_at: Some(at(2)), ..step(StepState::Completed) };
        assert!(Activity::of(std::slice::from_ref(&ended)).tells_all(1));
        assert!(!Activity::of(std::slice::from_ref(&ended)).tells_all(2));
        assert!(!Activity::of(&[step(StepState::Pending)]).tells_all(1), "an older one may run");
        let both = [step(StepState::Pending), ended];
        assert!(!Activity::of(&both).tells_all(1), "an older one may run since the step concurrency was higher");
        let running = Step { started_at: Some(at(1)), ..step(StepState::Running) };
        assert!(Activity::of(&[running]).tells_all(8));
    }

    #[test]
    fn a_started_step_without_an_end_time_runs() {
        let began = |state| Step { started_at: Some(at(1)), ..step(state) };
        for (state, runs) in [
            (StepState::Running, true),
            (StepState::Completed, true),
            (StepState::Cancelled, false),
            (StepState::Interrupted, false),
        ] {
            assert_eq!(Activity::of(&[began(state.clone())]).runs(), runs, "{state}");
        }
        assert!(
            Activity::of(&[step(StepState::Other("PAUSED".to_owned()))]).runs(),
            "an unknown state may mean that it runs"
        );
        assert!(!Activity::of(&[step(StepState::Cancelled)]).runs(), "it never began");
    }
}

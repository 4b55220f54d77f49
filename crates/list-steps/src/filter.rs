//! Which steps are wanted, and when a list of them has no more.

use chrono::{DateTime, Utc};
use emr_core::model::step::{Step, StepState};

/// What is wanted of steps.
#[derive(Debug, Clone, Default)]
pub(crate) struct Filter {
    /// In one of these states; empty for any.
    pub(crate) states: Vec<StepState>,
    /// Not over by this time.
    pub(crate) since: Option<DateTime<Utc>>,
    /// With this in the Name.
    pub(crate) name: Option<String>,
}

impl Filter {
    /// Whether `step` is wanted.
    pub(crate) fn wants(&self, step: &Step) -> bool {
        let is_in_state = self.states.is_empty() || self.states.contains(&step.state);
        let is_named = self.name.as_ref().is_none_or(|text| step.name.contains(text));
        is_in_state && is_named && !self.was_over(step)
    }

    /// Whether `step` had ended before the time since which steps are wanted. One that was cancelled may have no end:
    /// then the last that is known of it counts.
    fn was_over(&self, step: &Step) -> bool {
        let last = step.ended_at.or(step.started_at).or(step.created_at);
        step.state.has_ended() && self.since.zip(last).is_some_and(|(since, last)| last < since)
    }

    /// Whether EMR should be asked for the states alone, in whatever order it then answers.
    ///
    /// Most steps complete. Of the others there are few, so that all of them are soon read. Where completed ones are
    /// wanted, the newest first tell sooner that the rest is too old.
    pub(crate) fn asks_for_states(&self) -> bool {
        !self.states.is_empty() && (self.since.is_none() || !self.states.contains(&StepState::Completed))
    }

    /// Whether no step is wanted that is older than `page`, where steps run one after another: what is older had ended
    /// when a step of the page began, and that was before the time since which steps are wanted.
    pub(crate) fn is_past(&self, page: &[Step]) -> bool {
        let Some(since) = self.since else { return false };
        page.iter().any(|step| step.started_at.is_some_and(|started| started < since))
    }
}

#[cfg(test)]
mod tests {
    use emr_core::model::step::example;
    use proptest::prelude::*;

    use super::*;

    fn at(seconds: i64) -> Option<DateTime<Utc>> {
        DateTime::from_timestamp(seconds, 0)
    }

    fn step(state: StepState, started: i64, ended: i64) -> Step {
        let known = |seconds: i64| at(seconds).filter(|_| seconds > 0);
        Step { created_at: at(1), started_at: known(started), ended_at: known(ended), ..example::step(state) }
    }

    #[test]
    fn a_step_that_failed_since_then_is_wanted_however_long_ago_it_was_added() {
        let filter = Filter { since: at(100), ..Default::default() };
        assert!(filter.wants(&step(StepState::Failed, 5, 100)));
        assert!(!filter.wants(&step(StepState::Failed, 5, 99)));
        for state in StepState::UNFINISHED {
            assert!(filter.wants(&step(state, 0, 0)), "it is not over");
        }
        assert!(!filter.wants(&step(StepState::Cancelled, 0, 0)), "it has no end, and is as old as its addition");
        assert!(filter.wants(&Step { created_at: None, ..step(StepState::Cancelled, 0, 0) }), "nothing is known");
    }

    #[test]
    fn states_and_names_are_told_apart() {
        let filter = Filter { states: StepState::FAILED.to_vec(), name: Some("oun".to_owned()), since: None };
        assert!(filter.wants(&step(StepState::Interrupted, 1, 2)));
        assert!(!filter.wants(&step(StepState::Completed, 1, 2)));
        assert!(!filter.wants(&Step { name: "COUNT".to_owned(), ..step(StepState::Failed, 1, 2) }));
    }

    #[test]
    fn emr_is_asked_for_states_where_that_saves_pages() {
        let asks =
            |states: &[StepState], since| Filter { states: states.to_vec(), since, name: None }.asks_for_states();
        assert!(asks(&StepState::FAILED, at(1)) && asks(&[StepState::Completed], None));
        assert!(!asks(&[], None) && !asks(&[StepState::Completed, StepState::Failed], at(1)));
    }

    proptest! {
        /// Steps that run one after another, the newest first: none behind a page that is past is wanted.
        #[test]
        fn nothing_that_is_wanted_is_behind_the_last_page(times in prop::collection::vec(1_i64..50, 2..60), since in 0_i64..2000) {
            let mut now = 0;
            let mut steps: Vec<Step> = times.chunks(2).map(|times| {
                let started = now + times[0];
                now = started + times.get(1).unwrap_or(&1);
                step(StepState::Completed, started, now)
            }).collect();
            steps.reverse();
            let filter = Filter { since: at(since), ..Default::default() };
            for (number, page) in steps.chunks(5).enumerate() {
                if filter.is_past(page) {
                    prop_assert!(!steps.iter().skip((number + 1) * 5).any(|step| filter.wants(step)));
                }
            }
        }
    }
}

//! The position of new steps in a cluster's queue: whether they run next or wait for another job's.

use crate::model::step::{Step, StepState};

/// Whether `ours` among the steps `listed`, newest first, run without waiting for another job's, given the step
/// concurrency. `None` if ours are not listed yet.
#[must_use]
pub fn is_next_in_queue(listed: &[Step], ours: &dyn Fn(&Step) -> bool, step_concurrency: u32) -> Option<bool> {
    let newest = listed.iter().position(ours)?;
    let oldest = newest + listed[newest..].iter().take_while(|step| ours(step)).count() - 1;
    let first = &listed[oldest];
    // EMR starts steps in the order in which they were added, so nothing is before one that runs.
    if first.state != StepState::Pending {
        return Some(true);
    }
    let others = listed[oldest + 1..].iter().filter(|step| !step.state.has_ended()).count();
    Some(u32::try_from(others).is_ok_and(|others| others < step_concurrency.max(1)))
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::model::step::example::step;

    /// Whether ours run next among steps in these states, newest first; `true` marks ours.
    fn first(listed: &[(bool, StepState)], step_concurrency: u32) -> Option<bool> {
        let named = |(ours, state): &(bool, StepState)| Step {
            name: if *ours { "ours" } else { "theirs" }.to_owned(),
            ..step(state.clone())
        };
        let listed: Vec<_> = listed.iter().map(named).collect();
        is_next_in_queue(&listed, &|step| step.name == "ours", step_concurrency)
    }

    #[test]
    fn steps_run_next_if_no_other_job_s_step_is_before_them() {
        use StepState::{Completed, Pending, Running};
        assert_eq!(first(&[(true, Pending), (false, Completed)], 1), Some(true));
        assert_eq!(first(&[(false, Pending), (true, Pending)], 1), Some(true), "later steps wait for ours");
        assert_eq!(first(&[(true, Pending), (true, Pending), (false, Completed)], 1), Some(true), "ours wait for ours");
        assert_eq!(first(&[(true, Pending), (false, Pending)], 1), Some(false));
        assert_eq!(first(&[(true, Pending), (true, Pending), (false, Running)], 1), Some(false));
        assert_eq!(first(&[(true, Running), (false, Running)], 1), Some(true), "it runs already");
    }

    #[test]
    fn with_step_concurrency_some_other_steps_may_be_before_ours() {
        use StepState::{Pending, Running};
        assert_eq!(first(&[(true, Pending), (false, Running)], 2), Some(true));
        assert_eq!(first(&[(true, Pending), (false, Running), (false, Pending)], 2), Some(false));
    }

    #[test]
    fn the_position_of_unlisted_steps_is_unknown() {
        assert_eq!(first(&[(false, StepState::Running)], 1), None);
        assert_eq!(first(&[], 1), None);
    }
}

//! How far a wait is, in a line for logs: they have no progress bars.

use chrono::{DateTime, Utc};
use emr_core::model::step::{Step, StepState};
use emr_core::model::time;

/// How far a wait is: `done` of `all` steps have ended, and of the others these are `open`, as far as they were seen.
///
/// `2 of 5 steps are done; s-3 has run for 0:12:31`
pub(crate) fn line(done: usize, all: usize, open: &[&Step], now: DateTime<Utc>) -> String {
    let noun = if all == 1 { "step is" } else { "steps are" };
    let running: Vec<_> = open.iter().filter(|step| step.state == StepState::Running).collect();
    let oldest = running.iter().min_by_key(|step| step.started_at);
    let runs = match (oldest, running.len()) {
        (None, _) => "none runs yet".to_owned(),
        (Some(step), 1) => format!("{} has run for {}", step.id, since(step, now)),
        (Some(step), count) => format!("{count} run, {} for {}", step.id, since(step, now)),
    };
    format!("{done} of {all} {noun} done; {runs}")
}

fn since(step: &Step, now: DateTime<Utc>) -> String {
    let since = step.started_at.map_or(0, |started| (now - started).num_seconds());
    time::clock(since.try_into().unwrap_or_default())
}

#[cfg(test)]
mod tests {
    use emr_core::model::step::example;

    use super::*;

    fn at(seconds: i64) -> DateTime<Utc> {
        DateTime::from_timestamp(seconds, 0).unwrap()
    }

    fn running(id: &str, since: i64) -> Step {
        Step { id: id.parse().unwrap(), started_at: Some(at(since)), ..example::step(StepState::Running) }
    }

    #[test]
    fn the_time_is_the_step_s_own() {
        let (one, other) = (running("s-1", 100), running("s-2", 40));
        assert_eq!(line(2, 5, &[&one], at(851)), "2 of 5 steps are done; s-1 has run for 0:12:31");
        assert_eq!(line(2, 5, &[&one, &other], at(100)), "2 of 5 steps are done; 2 run, s-2 for 0:01:00");
        let pending = example::step(StepState::Pending);
        assert_eq!(line(0, 1, &[&pending], at(100)), "0 of 1 step is done; none runs yet");
        assert_eq!(line(0, 1, &[&one], at(99)), "0 of 1 step is done; s-1 has run for 0:00:00", "a clock that lags");
    }
}

//! Which job a step belongs to, by its Name.

use crate::model::run_id::RunId;

/// The job of a step.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Job<'a> {
    /// What its runs have in common: a label.
    pub label: &'a str,
    /// What the steps of one run have in common; `None` if their Names do not tell, and each is a run of its own.
    pub run: Option<&'a str>,
}

impl<'a> Job<'a> {
    /// The job of the step with this Name: of these tools (`LABEL: Step 1 of 2 run:RUN_ID`), of mrjob
    /// (`LABEL.OWNER.YYYYMMDD.HHMMSS.MICROSECONDS: Step 1 of 2`), or of anybody else.
    #[must_use]
    pub fn of(step_name: &'a str) -> Self {
        let (name, run_id) = RunId::split(step_name);
        let name = without_number(name);
        let ours = run_id.and_then(|_| step_name.get(name.len()..));
        match without_key(name) {
            Some(label) => Self { label, run: ours.or(Some(name)) },
            None => Self { label: name, run: ours.map(|_| run_of(step_name)) },
        }
    }
}

/// The run id that `step_name` ends with.
fn run_of(step_name: &str) -> &str {
    step_name.rsplit_once(' ').map_or(step_name, |(_, run)| run)
}

/// `name` without the `: Step 1 of 2` behind it.
fn without_number(name: &str) -> &str {
    let Some((label, number)) = name.rsplit_once(": Step ") else { return name };
    let is_number = |text: &str| !text.is_empty() && text.bytes().all(|byte| byte.is_ascii_digit());
    match number.split_once(" of ") {
        Some((this, all)) if is_number(this) && is_number(all) => label,
        _ => name,
    }
}

/// The label in `LABEL.OWNER.YYYYMMDD.HHMMSS.MICROSECONDS`; `None` for any other name.
fn without_key(name: &str) -> Option<&str> {
    let mut parts = name.rsplitn(5, '.');
    for digits in [6, 6, 8] {
        parts.next().filter(|part| part.len() == digits && part.bytes().all(|byte| byte.is_ascii_digit()))?;
    }
    parts.next().filter(|owner| !owner.is_empty())?;
    parts.next().filter(|label| !label.is_empty())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn runs_of_one_job_share_a_label_and_steps_of_one_run_a_run() {
        for (name, label, run) in [
            ("mr_wc: Step 1 of 2 run:0123456789ab", "mr_wc", Some("run:0123456789ab")),
            ("nightly run:0123456789ab", "nightly", Some("run:0123456789ab")),
            ("mr_wc.ann.20261122.060000.123456: Step 2 of 2", "mr_wc", Some("mr_wc.ann.20261122.060000.123456")),
            ("a.b.ann.20261122.060000.123456", "a.b", Some("a.b.ann.20261122.060000.123456")),
            ("count", "count", None),
            ("count: Step one of 2", "count: Step one of 2", None),
            ("ann.20261122.060000.123456", "ann.20261122.060000.123456", None),
            ("", "", None),
        ] {
            assert_eq!(Job::of(name), Job { label, run }, "{name}");
        }
    }
}

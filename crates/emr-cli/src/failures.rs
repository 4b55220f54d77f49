//! The failures of a run over many things, of which one does not keep the others.

use emr_core::error::{Error, Outcome};

use super::messages::report;

/// What a run over many things comes to: each failure is said at once, and the first decides the exit code.
#[derive(Debug, Default)]
pub struct Failures {
    first: Option<Outcome>,
}

impl Failures {
    /// Says `error`, and goes on.
    pub fn add(&mut self, error: &Error) {
        report(error);
        self.first.get_or_insert(error.outcome);
    }

    /// What the run comes to: the outcome of the first failure, or [`Outcome::Done`].
    #[must_use]
    pub fn outcome(&self) -> Outcome {
        self.first.unwrap_or(Outcome::Done)
    }

    /// Whether nothing has failed.
    #[must_use]
    pub fn is_empty(&self) -> bool {
        self.first.is_none()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_first_failure_decides_the_exit_code() {
        let mut failures = Failures::default();
        assert_eq!((failures.outcome(), failures.is_empty()), (Outcome::Done, true));
        failures.add(&Error::new(Outcome::Denied, "the first"));
        failures.add(&Error::new(Outcome::Unavailable, "the second"));
        assert_eq!((failures.outcome(), failures.is_empty()), (Outcome::Denied, false));
    }
}

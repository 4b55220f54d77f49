//! The failures of a run over many things. One does not stop the others.

use emr_core::error::{Error, Outcome};

use super::messages::report;

/// Collects the failures of a run over many things: each is reported at once, and the first decides the exit code.
#[derive(Debug, Default)]
pub struct Failures {
    first: Option<Outcome>,
}

impl Failures {
    /// Reports `error`.
    pub fn add(&mut self, error: &Error) {
        report(error);
        self.first.get_or_insert(error.outcome);
    }

    /// The outcome of the first failure, or [`Outcome::Done`].
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

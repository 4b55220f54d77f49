//! The failures of a run over many things. One does not stop the others.

use emr_core::error::{Error, Outcome};

use super::messages::{complain, report, tells_details};

/// How many failures are told of a run over all that there is: where access is denied, each look fails.
const FEW: u64 = 10;

/// Collects the failures of a run over many things: each is reported at once, and the first decides the exit code.
#[derive(Debug)]
pub struct Failures {
    first: Option<Outcome>,
    count: u64,
    /// How many are reported; the others are only counted.
    most: u64,
}

impl Default for Failures {
    fn default() -> Self {
        Self { first: None, count: 0, most: u64::MAX }
    }
}

impl Failures {
    /// Failures of which the first few are reported, and [`Failures::rest`] tells how many others there are; with `-v` all
    /// are reported. For tools whose output shows in another way what failed.
    #[must_use]
    pub fn first_few() -> Self {
        Self { most: if tells_details() { u64::MAX } else { FEW }, ..Self::default() }
    }

    /// Reports `error`.
    pub fn add(&mut self, error: &Error) {
        self.count += 1;
        if self.count <= self.most {
            report(error);
        }
        self.first.get_or_insert(error.outcome);
    }

    /// Says how many failures were not reported, in the words of `said`.
    pub fn rest(&self, said: impl Fn(&str) -> String) {
        let rest = self.count.saturating_sub(self.most);
        match rest {
            0 => {}
            1 => complain(&said("1 more failure; -v tells it")),
            rest => complain(&said(&format!("{rest} more failures; -v tells each"))),
        }
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

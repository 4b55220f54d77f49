//! Explains why the state of a lock stayed unclear: S3 throttled, or answered too slowly for the lock's time to live.

use std::time::Duration;

use emr_core::claim::lease::{Answer, LockError, margin};
use emr_core::error::{CallErrorKind, Error, Outcome, Result};
use emr_core::model::lock::LONGEST_TTL;
use emr_core::model::s3_uri::S3Uri;

use super::call_time;
use super::s3::unclear;

/// What went wrong while one attempt at a lock was made.
#[derive(Debug, Default)]
pub(super) struct Trouble {
    /// The latest error that left the result open.
    last: Option<Error>,
    /// How long the slowest of the slow answers took.
    slowest: Option<Duration>,
}

impl Trouble {
    /// The store's answer. Notes an error that leaves the result open and turns it into [`Answer::Unclear`].
    pub(super) fn settle(&mut self, answer: Result<Answer>) -> Result<Answer> {
        answer.or_else(|error| {
            let unclear = unclear(error.clone());
            self.last = Some(error);
            unclear
        })
    }

    /// Whether an `answer` that `took` so long is too slow for this time to live. Notes it if so.
    pub(super) fn is_slow(&mut self, answer: &Result<Answer>, took: Duration, ttl: Duration) -> bool {
        let is_slow = took > margin(ttl) && answer.as_ref().map_or_else(is_answered, |_| true);
        if is_slow {
            self.slowest = self.slowest.max(Some(took));
        }
        is_slow
    }

    /// The text about a slow store, for a lock with this time to live.
    pub(super) fn slowness(&self, ttl: Duration) -> String {
        let took = self.slowest.unwrap_or_default().as_secs_f64();
        format!("S3 takes {took:.1} s to answer, too long for a lock that is held for {} s at a time", ttl.as_secs())
    }

    /// The `error` of the lock at `uri`, with the reason for unclear answers.
    pub(super) fn explain(self, error: LockError, uri: &S3Uri, ttl: Duration) -> Error {
        if error != LockError::Unsure {
            return error.at(uri);
        }
        if self.slowest.is_some() {
            let slow = Error::new(Outcome::Unavailable, self.slowness(ttl)).on(uri).caused_by(error);
            return slow.advise(format!("give it a longer time to live; {EXPIRES}"));
        }
        match self.last {
            Some(last) if is_throttled(&last) => last.on(uri),
            Some(last) if !is_answered(&last) && call_time::of(ttl) < call_time::of(LONGEST_TTL) => {
                let limit = call_time::of(ttl).as_secs_f64();
                let advice = format!("a longer time to live would give S3 more than {limit:.1} s for each answer");
                error.at(uri).advise(format!("{advice}; {EXPIRES}"))
            }
            _ => error.at(uri),
        }
    }
}

const EXPIRES: &str = "if the lock was taken anyway, it expires by itself";

fn is_throttled(error: &Error) -> bool {
    error.call().is_some_and(|call| call.kind == CallErrorKind::Throttled)
}

fn is_answered(error: &Error) -> bool {
    error.call().is_none_or(|call| call.answered)
}

#[cfg(test)]
mod tests {
    use emr_core::error::CallError;

    use super::*;

    const TTL: Duration = Duration::from_secs(6);

    fn uri() -> S3Uri {
        "s3://b/lock".parse().unwrap()
    }

    fn answered(code: &str, status: u16) -> Result<Answer> {
        Err(CallError::answer("PutObject", Some(code), status, Some("no")).into())
    }

    #[test]
    fn endless_throttling_is_worth_another_try_later() {
        let mut trouble = Trouble::default();
        assert_eq!(trouble.settle(answered("SlowDown", 503)).unwrap(), Answer::Unclear);
        let error = trouble.explain(LockError::Unsure, &uri(), TTL);
        assert_eq!(error.outcome, Outcome::TryAgain);
        assert_eq!(
            error.to_string(),
            "s3://b/lock: AWS throttles PutObject again and again: no (SlowDown); try again later"
        );
    }

    #[test]
    fn a_clear_refusal_is_an_error_and_an_unclear_answer_leaves_the_lock_unsure() {
        let mut trouble = Trouble::default();
        assert!(trouble.settle(answered("AccessDenied", 403)).is_err());
        assert_eq!(trouble.settle(answered("InternalError", 500)).unwrap(), Answer::Unclear);
        assert_eq!(
            trouble.explain(LockError::Unsure, &uri(), TTL).to_string(),
            LockError::Unsure.at(&uri()).to_string()
        );
        assert_eq!(Trouble::default().explain(LockError::Unsafe, &uri(), TTL).outcome, Outcome::Config);
    }

    #[test]
    fn answers_that_take_longer_than_the_margin_are_too_slow_for_the_time_to_live() {
        let mut trouble = Trouble::default();
        let mut is_slow = |millis| trouble.is_slow(&Ok(Answer::Refused), Duration::from_millis(millis), TTL);
        assert!(!is_slow(1000) && is_slow(1500) && is_slow(1100));
        let error = trouble.explain(LockError::Unsure, &uri(), TTL);
        let text = "S3 takes 1.5 s to answer, too long for a lock that is held for 6 s at a time";
        assert!(error.to_string().contains(text), "{error}");
        assert_eq!((error.cause(), error.outcome), (Some(&LockError::Unsure), Outcome::Unavailable));
    }

    #[test]
    fn a_missing_answer_is_not_slow_but_a_longer_time_to_live_waits_longer_for_it() {
        let told = |ttl| {
            let mut trouble = Trouble::default();
            let lost = || Err(CallError::unanswered(CallErrorKind::Unclear, "GetObject", "timed out").into());
            assert!(!trouble.is_slow(&lost(), Duration::from_secs(10), ttl));
            assert_eq!(trouble.settle(lost()).unwrap(), Answer::Unclear);
            trouble.explain(LockError::Unsure, &uri(), ttl).to_string()
        };
        assert!(told(TTL).contains("a longer time to live would give S3 more than 1.2 s for each answer"));
        assert_eq!(told(Duration::from_mins(1)), LockError::Unsure.at(&uri()).to_string());
    }
}

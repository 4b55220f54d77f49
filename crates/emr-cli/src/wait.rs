//! Waiting for what EMR does in its own time: how often to look, for how long, and how to tell how far it is.
//!
//! A tool that waits implements [`Watch`], and [`Pace::wait`] runs the wait, the same for all: a time-out of 0 is one look,
//! a look that fails for a moment is repeated, and a wait that ends early says why, and how to go on.

use std::time::Duration;

use emr_core::claim::pause::pauses;
use emr_core::config::options::CHECK_EMR_STATUS_EVERY;
use emr_core::config::setting::value;
use emr_core::config::{Config, Offer};
use emr_core::error::{CallErrorKind, Error, Outcome, Result};
use tokio::time::Instant;

use super::{Group, Options, detail, progress, signal, warn};

/// How many looks in a row may fail: about an hour of them. A job flow costs money meanwhile, and a script that is told
/// that the wait failed may start another.
const PATIENCE: u32 = 120;

/// The longest pause between two looks, unless an option says another.
const LONGEST_PAUSE: Duration = Duration::from_secs(30);

/// How often a log is told how far a wait is.
const TOLD_EVERY: Duration = Duration::from_mins(1);

/// The option that says how often to look.
pub type Looks = Options<LookGroup>;

/// The options of [`Looks`].
#[derive(Debug, Clone)]
pub struct LookGroup;

impl Group for LookGroup {
    const OFFERS: &'static [Offer] = &[CHECK_EMR_STATUS_EVERY.offer()];
}

/// Why a wait ends before all is known that it is for.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Stop {
    /// The time is over.
    TimedOut,
    /// A signal ends it; its number.
    Signal(u8),
    /// Too many looks have failed, or one that will never succeed.
    Lost,
}

impl Stop {
    /// The reason, in words that more may follow.
    #[must_use]
    pub fn why(self) -> &'static str {
        match self {
            Self::TimedOut => "the time is over",
            Self::Signal(_) => "interrupted",
            Self::Lost => "the looks were given up",
        }
    }
}

/// What a wait is for.
#[expect(async_fn_in_trait, reason = "a tool waits in one thread")]
pub trait Watch {
    /// Whether all is known that the wait is for.
    fn is_done(&self) -> bool;

    /// What the wait came to, once all is known.
    fn outcome(&self) -> Outcome;

    /// Ends the wait before all is known: says why, and how to go on.
    async fn give_up(&self, stop: Stop);

    /// Prints the records that are still due.
    fn finish(self) -> Result<()>;
}

/// For how long a wait goes on, and how often it looks.
#[derive(Debug, Clone, Copy)]
pub struct Pace {
    timeout: Option<Duration>,
    longest: Duration,
}

impl Pace {
    /// A wait for at most `timeout`, with pauses as `config` has them.
    pub fn new(timeout: Option<Duration>, config: &Config) -> Result<Self> {
        let longest = value(config.get(&CHECK_EMR_STATUS_EVERY)?).unwrap_or(LONGEST_PAUSE);
        Ok(Self { timeout, longest })
    }

    /// Calls `look` with its number, from 0, until it returns that all is done. Looks are close together at first, and
    /// later as far apart as the configuration says. One that fails is repeated if that may help.
    pub async fn look_until_done(self, mut look: impl AsyncFnMut(usize) -> Result<bool>) -> Result<()> {
        if self.timeout == Some(Duration::ZERO) {
            return look(0).await.map(drop);
        }
        let mut patience = Patience::default();
        let mut has_seen = false;
        for (number, pause) in pauses(self.longest).enumerate() {
            match look(number).await {
                Ok(true) => break,
                Ok(false) => {
                    patience.renew();
                    has_seen = true;
                }
                Err(error) => {
                    let is_first = patience.is_fresh();
                    if !patience.bears(may_pass(&error, has_seen)) {
                        return Err(given_up(error));
                    }
                    say_again(&error, is_first);
                }
            }
            tokio::time::sleep(pause).await;
        }
        Ok(())
    }

    /// The wait itself: `work` has `watch` look until it is done, the time is over, or a signal arrives. Then what is known is
    /// printed, and what is not is said.
    pub async fn wait<W: Watch>(
        self,
        mut watch: W,
        work: impl AsyncFnOnce(&mut W, Self) -> Result<()>,
    ) -> Result<Outcome> {
        let ended = tokio::select! {
            // Work that ends before all is known has looked once, for a time-out of 0.
            done = work(&mut watch, self) => done.map(|()| Stop::TimedOut),
            () = self.over() => Ok(Stop::TimedOut),
            number = signal::ending() => Ok(Stop::Signal(number)),
        };
        let outcome = match ended {
            Ok(Stop::TimedOut) if watch.is_done() => Ok(watch.outcome()),
            Ok(stop) => {
                watch.give_up(stop).await;
                Ok(match stop {
                    Stop::Signal(number) => Outcome::Signal(number),
                    _ => Outcome::TimedOut,
                })
            }
            Err(error) => {
                if is_lost(&error) {
                    watch.give_up(Stop::Lost).await;
                }
                Err(error)
            }
        };
        watch.finish()?;
        outcome
    }

    /// Waits until the time is over. A time of nothing is over after a look, and not before.
    async fn over(self) {
        match self.timeout {
            Some(timeout) if !timeout.is_zero() => tokio::time::sleep(timeout).await,
            _ => std::future::pending().await,
        }
    }
}

/// Whether `error` says nothing about what is waited for: that goes on, and only the looks at it failed.
#[must_use]
pub fn is_lost(error: &Error) -> bool {
    error.call().is_some() && !error.is_refused()
}

/// How many looks in a row have failed.
#[derive(Debug, Default)]
pub struct Patience {
    missed: u32,
}

impl Patience {
    /// Takes in that a look succeeded.
    pub fn renew(&mut self) {
        self.missed = 0;
    }

    /// Whether the last look succeeded, or none was made.
    #[must_use]
    pub fn is_fresh(&self) -> bool {
        self.missed == 0
    }

    /// Takes in that a look failed, for a reason that `may_pass` or not, and returns whether another is to follow.
    pub fn bears(&mut self, may_pass: bool) -> bool {
        self.missed += 1;
        may_pass && self.missed < PATIENCE
    }
}

/// Whether a look that failed with `error` may succeed later. `has_seen` is whether any has succeeded: before that, a
/// service that cannot be reached is taken for a wrong endpoint.
#[must_use]
pub fn may_pass(error: &Error, has_seen: bool) -> bool {
    is_of_the_moment(error) || has_seen && error.may_pass()
}

/// Says that a look failed with `error`, and that another follows. Of several in a row all but the first are details.
pub fn say_again(error: &Error, is_first: bool) {
    let line = format!("{error}; looking again");
    if is_first { warn(&line) } else { detail(&line) }
}

/// The `error` with which the looks are given up. That AWS throttles to the end is never 75 then: to a script 75 says that
/// what it waits for did not begin, or failed so that another may do better.
#[must_use]
pub fn given_up(error: Error) -> Error {
    match error.outcome {
        Outcome::TryAgain if is_lost(&error) => error.with_outcome(Outcome::Unavailable),
        _ => error,
    }
}

/// Whether AWS is there, and has no time or trouble of its own: a call that was throttled, that AWS failed on, or whose
/// answer was lost.
fn is_of_the_moment(error: &Error) -> bool {
    error.call().is_some_and(|call| match call.kind {
        CallErrorKind::Throttled => true,
        CallErrorKind::Unclear => call.status.map_or(!call.answered, |status| status >= 500),
        _ => false,
    })
}

/// Tells a log how far a wait is, in a line a minute (`-v`). A terminal has bars instead.
#[derive(Debug, Default)]
pub struct Minutes {
    told: Option<Instant>,
}

impl Minutes {
    /// Says `line` if the last one was said a minute ago, and nobody sees bars.
    pub fn tell(&mut self, line: impl FnOnce() -> String) {
        let is_due = self.told.is_none_or(|told| told.elapsed() >= TOLD_EVERY);
        if is_due && !progress::is_shown() {
            self.told = Some(Instant::now());
            detail(&line());
        }
    }
}

#[cfg(test)]
mod tests {
    use emr_core::error::CallError;

    use super::*;

    fn failed(kind: CallErrorKind) -> Error {
        CallError::unanswered(kind, "ListSteps", "x").into()
    }

    #[test]
    fn what_may_pass_is_borne_for_about_an_hour() {
        let mut patience = Patience::default();
        let borne = (0..1000).take_while(|_| patience.bears(true)).count();
        assert_eq!((borne, patience.is_fresh()), (119, false));
        patience.renew();
        assert!(patience.is_fresh() && patience.bears(true) && !patience.bears(false));
    }

    #[test]
    fn that_nobody_is_there_may_pass_only_where_somebody_was() {
        let passes = |kind, has_seen| may_pass(&failed(kind), has_seen);
        assert!(passes(CallErrorKind::Throttled, false) && passes(CallErrorKind::Unclear, false));
        assert!(!passes(CallErrorKind::NotSent, false) && passes(CallErrorKind::NotSent, true));
        assert!(!passes(CallErrorKind::Denied, true) && !passes(CallErrorKind::Refused, true));
    }

    #[test]
    fn looks_that_are_given_up_say_nothing_of_what_is_waited_for() {
        let throttled = given_up(failed(CallErrorKind::Throttled));
        assert_eq!((throttled.outcome, is_lost(&throttled)), (Outcome::Unavailable, true));
        let refused = given_up(failed(CallErrorKind::Refused));
        assert_eq!((refused.outcome, is_lost(&refused)), (Outcome::Usage, false));
        assert!(!is_lost(&Error::usage("no such step")));
    }
}

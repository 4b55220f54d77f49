//! The minimum below the scratch URI: writes it, renews it, and takes it back.

use chrono::{DateTime, Utc};
use emr_aws::{S3, StoredMinimum};
use emr_cli::owner;
use emr_core::error::{Error, Outcome, Result};
use emr_core::model::pool::PoolName;
use emr_core::model::s3_uri::S3Uri;
use emr_core::pool::minimum::times::Schedule;
use emr_core::pool::minimum::{Minimum, Wanted};

/// Attempts at a write while others write, too.
const ATTEMPTS: u32 = 5;

/// What came of keeping the minimum.
pub(crate) struct Kept {
    /// The time, by S3's clock.
    pub(crate) now: DateTime<Utc>,
    /// Set if another run had replaced this minimum, which now replaces another.
    pub(crate) contradiction: Option<Error>,
}

/// Where the minimum of a pool is.
#[derive(Clone, Copy)]
pub(crate) struct MinimumAt<'a> {
    pub(crate) s3: &'a S3,
    pub(crate) uri: &'a S3Uri,
    pub(crate) pool: &'a PoolName,
    /// Only says what would be written.
    pub(crate) dry_run: bool,
}

impl MinimumAt<'_> {
    /// Writes what is `wanted` by `schedule`, unless that stands there and need not be renewed yet.
    pub(crate) async fn keep(self, wanted: &Wanted, schedule: &Schedule) -> Result<Kept> {
        for _ in 0..ATTEMPTS {
            let stored = self.s3.minimum(self.uri).await?;
            let (before, now) = (stored.content.clone().transpose()?, stored.now);
            if before.as_ref().is_some_and(|before| before.wanted.as_ref() == Some(wanted) && !before.is_due(now)) {
                return Ok(Kept { now, contradiction: None });
            }
            self.tell(wanted, before.as_ref(), now);
            let contradiction = before.as_ref().and_then(|before| self.contradiction(wanted, before, now));
            let mut minimum = Minimum::new(wanted.clone(), schedule, owner::owner(), now);
            if let Some(before) = &before {
                minimum = minimum.replacing(before);
            }
            if self.dry_run || self.s3.put_minimum(self.uri, &stored, &minimum).await? {
                return Ok(Kept { now, contradiction });
            }
        }
        Err(self.contended())
    }

    /// The error of a minimum that stands where it stood before, and in the place of another run's. Two lines of cron may
    /// undo each other's minimum at each run, so it is an error although the last one counts: with `-q` nobody would see.
    fn contradiction(self, wanted: &Wanted, before: &Minimum, now: DateTime<Utc>) -> Option<Error> {
        let other = before.wanted.as_ref().filter(|_| before.is_in_place_of(wanted, now))?;
        let verb = if self.dry_run { "would now replace" } else { "now replaces" };
        let text = format!(
            "this run's minimum of the pool '{}', {}, was replaced by another run's, and {verb} that of {}, {}",
            self.pool,
            wanted.beside(other),
            before.written_by,
            other.beside(wanted)
        );
        let advice = "if two lines of cron do this, keep one; --at may stand there several times";
        Some(Error::config(text).on(self.uri).advise(advice))
    }

    /// Takes the minimum back. The answer is no if there is none.
    pub(crate) async fn forget(self) -> Result<Outcome> {
        for _ in 0..ATTEMPTS {
            let mut stored = self.s3.minimum(self.uri).await?;
            if stored.is_newer
                && let Some(Err(newer)) = stored.content.take()
            {
                return Err(newer);
            }
            let Some(was) = was(&stored) else {
                let why = "its options decide which minimum: give those of the run that wrote it";
                emr_cli::say(&format!("the pool '{}' has no minimum for such job flows; {why}", self.pool));
                return Ok(Outcome::No);
            };
            if self.dry_run {
                emr_cli::say(&format!("would take back the minimum of the pool '{}': {was}", self.pool));
                return Ok(Outcome::Done);
            }
            if self.s3.put_minimum(self.uri, &stored, &Minimum::none(owner::owner(), stored.now)).await? {
                emr_cli::say(&format!("took back the minimum of the pool '{}': {was}", self.pool));
                return Ok(Outcome::Done);
            }
        }
        Err(self.contended())
    }

    /// Says what changes. That a minimum is renewed is a detail.
    fn tell(self, wanted: &Wanted, before: Option<&Minimum>, now: DateTime<Utc>) {
        let verb = if self.dry_run { "would write" } else { "writing" };
        let of = format!("{verb} the minimum of the pool '{}'", self.pool);
        match before.and_then(|before| before.wanted.as_ref().map(|was| (before, was))) {
            Some((before, was)) if was != wanted && !before.has_lapsed(now) => {
                let (new, old) = (wanted.beside(was), was.beside(wanted));
                emr_cli::say(&format!("{of}: {new}; it was {old}, by {}", before.written_by));
            }
            Some(_) => emr_cli::detail(&format!("{of}: {wanted}")),
            None => emr_cli::say(&format!("{of}: {wanted}")),
        }
    }

    fn contended(self) -> Error {
        let text = "other runs write the minimum of this pool all the time";
        Error::new(Outcome::TryAgain, text).on(self.uri).advise("let one line of cron keep it")
    }
}

/// What is taken back; `None` if there is nothing.
fn was(stored: &StoredMinimum) -> Option<String> {
    match stored.content.as_ref()? {
        Ok(minimum) => {
            let wanted = minimum.wanted.as_ref()?;
            let lapsed = if minimum.has_lapsed(stored.now) { ", and had lapsed" } else { "" };
            Some(format!("it was {wanted}, by {}{lapsed}", minimum.written_by))
        }
        Err(damaged) => Some(damaged.finding()),
    }
}

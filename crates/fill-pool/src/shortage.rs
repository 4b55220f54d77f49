//! What a pool lacks to its minimum, how much of that to start, and why no more.

use chrono::SecondsFormat;
use emr_aws::Emr;
use emr_cli::Commands;
use emr_core::error::{Error, Outcome};
use emr_core::model::pool::PoolName;
use emr_core::pool::minimum::failed_starts::FailedStarts;
use emr_core::pool::minimum::stock::Count;

/// What there is, and what to do about it.
pub(crate) struct Shortage<'a> {
    pub(crate) emr: &'a Emr,
    pub(crate) commands: &'a Commands,
    pub(crate) pool: &'a PoolName,
    pub(crate) min_idle: u32,
    pub(crate) count: Count,
    /// How many of its job flows are not up yet.
    pub(crate) starting: usize,
    /// How many job flows the pool has.
    pub(crate) in_pool: usize,
    pub(crate) missing: u32,
    /// How many of the missing ones the pool has room for.
    pub(crate) room: u32,
    /// How many of these to start now.
    pub(crate) starts: u32,
    /// Those that failed to come up lately, which are why fewer are started than there is room for.
    pub(crate) failed: Option<FailedStarts>,
}

impl Shortage<'_> {
    /// The pool in words.
    pub(crate) fn said(&self) -> String {
        let Self { pool, min_idle, count: Count { free, coming }, .. } = self;
        format!("the pool '{pool}' has {free} free and {coming} starting of a minimum of {min_idle}")
    }

    /// An error unless all that is missing is started: why not.
    pub(crate) fn check(&self) -> Result<(), Error> {
        match &self.failed {
            _ if self.starts == self.missing => Ok(()),
            Some(failed) if self.starts < self.room => Err(self.held_back(failed)),
            _ => Err(self.full()),
        }
    }

    fn full(&self) -> Error {
        let (pool, missing) = (self.pool, self.missing - self.starts);
        let in_pool = self.in_pool + self.starts as usize;
        let lacks = format!("{missing} of a minimum of {} cannot be started", self.min_idle);
        let text = format!("the pool '{pool}' is full with {in_pool} job flows: {lacks}");
        Error::new(Outcome::TryAgain, text).advise("raise --max-job-flows-in-pool, or lower --min-idle")
    }

    fn held_back(&self, failed: &FailedStarts) -> Error {
        let last = &failed.last;
        let reason = [&last.reason_code, &last.reason].into_iter().flatten().map(String::as_str).collect::<Vec<_>>();
        let why = if reason.is_empty() { "for no known reason".to_owned() } else { format!("({})", reason.join(": ")) };
        let noun = if failed.number == 1 { "job flow" } else { "job flows" };
        let since = failed.since.to_rfc3339_opts(SecondsFormat::Secs, true);
        let next = if self.starts > 0 {
            "one is started alone, and the others wait for it to come up".to_owned()
        } else if self.starting > 0 {
            "one is starting, and the others wait for it to come up".to_owned()
        } else {
            let until = failed.until().to_rfc3339_opts(SecondsFormat::Secs, true);
            format!("the first run after {until} starts one")
        };
        let text = format!(
            "{} {noun} of the pool '{}' failed to come up since {since}, the last of them {} {why}: {next}",
            failed.number, self.pool, last.id
        );
        let wait = self.commands.at(&["wait-job-flow", last.id.as_str()], self.emr.place(&last.id));
        Error::new(Outcome::TryAgain, text).advise(format!("'{wait}' says why it failed"))
    }
}

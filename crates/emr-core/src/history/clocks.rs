//! The clocks by which the lines about one lock tell their times. Each bound has a time by each of them, so their number
//! has a limit.

use super::clock::{Bounds, Moment};
use super::report::Report;

/// How many clocks a lock has. At one more, half of them are left out: those that were silent longest. Most are of machines
/// that are gone.
const MOST: usize = 256;

/// The clocks by which times of one lock are compared.
#[derive(Debug, Default)]
pub(super) struct Clocks {
    /// The number of the last line by each clock.
    heard: Bounds,
    /// The line at which clocks were left out last; 0 if none was.
    left_out: u64,
}

impl Clocks {
    /// Those of a lock that was quiet, whose newest object is `known` by them.
    pub(super) fn resume(known: &Bounds, left_out: u64) -> Self {
        let mut heard = Bounds::default();
        for moment in known.moments() {
            heard.raise(Some(Moment { at: 0, ..*moment }));
        }
        Self { heard, left_out }
    }

    /// The line at which clocks were left out last; 0 if none was.
    pub(super) fn left_out(&self) -> u64 {
        self.left_out
    }

    pub(super) fn has(&self, clock: u64) -> bool {
        self.heard.get(clock).is_some()
    }

    /// Notes that the last line tells its time by `clock`. Returns whether what that clock told before may be left out.
    pub(super) fn hear(&mut self, clock: u64, report: &Report) -> bool {
        let is_back = !self.has(clock) && report.clocks.get(&clock).is_some_and(|first| *first <= self.left_out);
        let line = i64::try_from(report.counts.lines).unwrap_or(i64::MAX);
        self.heard.raise(Some(Moment { clock, at: line }));
        is_back
    }

    /// Leaves out half of the clocks if there are too many. Returns whether there were.
    pub(super) fn limit(&mut self, report: &mut Report) -> bool {
        if self.heard.moments().len() <= MOST {
            return false;
        }
        let mut lines: Vec<_> = self.heard.moments().iter().map(|heard| heard.at).collect();
        lines.sort_unstable();
        let silent_since = lines[MOST / 2];
        self.heard.retain(|heard| heard.at > silent_since);
        self.left_out = report.counts.lines;
        report.has_left_out = true;
        true
    }
}

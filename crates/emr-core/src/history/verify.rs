//! Checks histories in one pass, with memory that does not grow with their length.

use super::entry::Reply;
use super::event::{Event, Line};
use super::finding::{Finding, VerdictRecord};
use super::lock::Readiness;
use super::locks::Locks;
use super::report::Report;

/// A check of histories. It takes the lines of one history in their order.
#[derive(Debug, Default)]
pub struct Verifier {
    locks: Locks,
    /// The clock of the last line.
    clock: Option<u64>,
    report: Report,
}

impl Verifier {
    /// A check of so many histories.
    #[must_use]
    pub fn of(histories: usize) -> Self {
        Self { report: Report::of(histories > 1), ..Self::default() }
    }

    /// Takes in a line, and adds what it shows to `found`.
    pub fn take(&mut self, Line { event, uri, .. }: &Line<'_>, found: &mut Vec<Finding>) {
        self.count(event);
        let lock = self.locks.of(event, uri, &mut self.report);
        lock.step(event, &mut self.report);
        if !self.report.is_empty() {
            self.report.tell(uri, found);
        }
    }

    /// What becomes of a line if it is taken in now.
    pub(super) fn readiness(&self, event: &Event) -> Readiness {
        self.locks.readiness(event, &self.report)
    }

    /// Takes in a line that breaks off.
    pub fn take_torn(&mut self) {
        self.report.counts.lines += 1;
        self.report.counts.torn_lines += 1;
    }

    /// Takes in that there are no more lines. Adds what that shows to `found`, and returns what all came to.
    #[must_use]
    pub fn finish(mut self, found: &mut Vec<Finding>) -> VerdictRecord {
        self.report.counts.locks = self.locks.count() as u64;
        self.report.counts.clocks = self.report.clocks.len() as u64;
        self.locks.finish(&mut self.report, found);
        let mut counts = self.report.counts;
        counts.assume(self.report.has_left_out);
        counts
    }

    fn count(&mut self, event: &Event) {
        let counts = &mut self.report.counts;
        counts.lines += 1;
        match event.answer {
            Some(Reply::Found | Reply::Absent) => counts.reads += 1,
            Some(Reply::Written) => counts.written += 1,
            Some(Reply::Refused | Reply::Conflict | Reply::Failed) => counts.refused += 1,
            Some(Reply::Unclear | Reply::Done) | None => {}
        }
        // A line without the number of its call stands for the request, too.
        counts.writes += u64::from(event.is_write() && (event.answer.is_none() || !event.is_numbered));
        let line = counts.lines;
        let clock = event.at.map(|at| at.clock);
        if let Some(new) = clock.filter(|_| clock != self.clock) {
            self.report.clocks.entry(new).or_insert(line);
        }
        self.clock = clock;
    }
}

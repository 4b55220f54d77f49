//! All locks. Of one that is free and quiet only what its next line is checked against remains: the newest object, and
//! since when it was there.

use super::chain::Rest;
use super::digest::ById;
use super::event::Event;
use super::finding::Finding;
use super::lock::{LockHistory, Readiness};
use super::report::Report;

/// How many locks are kept in full although they are free and quiet.
const KEPT: usize = 2048;

/// All locks.
#[derive(Debug)]
pub(super) struct Locks {
    live: ById<LockHistory>,
    quiet: ById<Rest>,
    /// At how many live locks those that are quiet are dropped.
    limit: usize,
    /// Which line was taken in when that was done last.
    swept: u64,
}

impl Default for Locks {
    fn default() -> Self {
        Self { live: ById::default(), quiet: ById::default(), limit: KEPT, swept: 0 }
    }
}

impl Locks {
    pub(super) fn count(&self) -> usize {
        self.live.len() + self.quiet.len()
    }

    /// What becomes of `event` if it is taken in now.
    pub(super) fn readiness(&self, event: &Event, report: &Report) -> Readiness {
        if let Some(lock) = self.live.get(&event.lock) {
            return lock.readiness(event, report);
        }
        let rest = self.quiet.get(&event.lock);
        let is_known = |etag| rest.is_some_and(|rest| rest.is(etag) || report.seen.has(event.lock, etag));
        Readiness::of(event, is_known, is_known)
    }

    /// The lock that `event` is about, at `uri`.
    pub(super) fn of(&mut self, event: &Event, uri: &str, report: &mut Report) -> &mut LockHistory {
        if self.live.len() >= self.limit && !self.live.contains_key(&event.lock) {
            self.sweep(report);
        }
        let quiet = &mut self.quiet;
        let begun = || LockHistory::of(uri, event, quiet.remove(&event.lock).as_ref());
        let lock = self.live.entry(event.lock).or_insert_with(begun);
        lock.used = report.counts.lines;
        lock
    }

    /// Drops the locks that are free and quiet, and that no line was about since this was done last.
    fn sweep(&mut self, report: &mut Report) {
        let Self { live, quiet, swept, .. } = self;
        live.retain(|id, lock| {
            let rest = if lock.used < *swept { lock.rest() } else { None };
            let Some(rest) = rest else { return true };
            lock.forget(report);
            quiet.insert(*id, rest);
            false
        });
        self.swept = report.counts.lines;
        self.limit = KEPT.max(2 * live.len());
    }

    /// Takes in that there are no more lines.
    pub(super) fn finish(&mut self, report: &mut Report, found: &mut Vec<Finding>) {
        let mut live: Vec<_> = self.live.drain().map(|(_, lock)| lock).collect();
        live.sort_by(|one, other| one.uri.cmp(&other.uri));
        for mut lock in live {
            lock.finish(report);
            report.tell(&lock.uri, found);
        }
    }
}

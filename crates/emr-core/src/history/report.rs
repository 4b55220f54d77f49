//! What the check has found so far, and what all locks have in common.

use super::digest::ById;
use super::finding::{Finding, FindingKind, Place, VerdictRecord};
use super::seen::Seen;

/// What is found while a line is taken in.
#[derive(Debug, Default)]
pub(super) struct Report {
    pub(super) counts: VerdictRecord,
    /// Objects that were in a chain and are forgotten.
    pub(super) seen: Seen,
    /// Whether the lines come from several histories: then those of two machines are in no certain order.
    pub(super) is_merged: bool,
    /// The number of the first line by each clock.
    pub(super) clocks: ById<u64>,
    /// Whether clocks of a lock were left out, because it has too many.
    pub(super) has_left_out: bool,
    faults: Vec<(FindingKind, Vec<Place>)>,
}

impl Report {
    pub(super) fn of(is_merged: bool) -> Self {
        Self { is_merged, ..Self::default() }
    }

    /// Notes a finding, with the lines that show it.
    pub(super) fn fault(&mut self, kind: FindingKind, places: impl IntoIterator<Item = Place>) {
        self.counts.violations += u64::from(kind.is_violation());
        self.counts.unproved_takeovers += u64::from(kind == FindingKind::UnprovedTakeover);
        self.counts.late_acts += u64::from(kind == FindingKind::LateAct);
        self.counts.undecided += u64::from(kind == FindingKind::Undecided);
        self.faults.push((kind, places.into_iter().collect()));
    }

    /// Moves what was found about the lock at `uri` to `found`.
    pub(super) fn tell(&mut self, uri: &str, found: &mut Vec<Finding>) {
        let of_lock = |(kind, places)| Finding { kind, lock_uri: uri.into(), places };
        found.extend(self.faults.drain(..).map(of_lock));
    }

    pub(super) fn is_empty(&self) -> bool {
        self.faults.is_empty()
    }
}

//! Leases of two tokens that seem to overlap. A release on another machine may come between them, and its line later:
//! what is not known yet is settled when the chain has joined the two, or in the end.

use super::chains::Chains;
use super::digest::Id;
use super::finding::{FindingKind, Place};
use super::leases::Lease;
use super::link::Write;
use super::report::Report;

/// How many are kept.
const KEPT: usize = 64;

/// A lease, and one of another token that began before the first has ended by its clock.
#[derive(Debug)]
struct Rival {
    lease: Lease,
    /// The object that grants the other one.
    etag: Id,
    place: Place,
}

/// Those of one lock that are not settled.
#[derive(Debug, Default)]
pub(super) struct Rivals(Vec<Rival>);

impl Rivals {
    pub(super) fn is_empty(&self) -> bool {
        self.0.is_empty()
    }

    /// Takes in that the object of `etag`, which `place` shows, grants a lease before `lease` seems to have ended.
    pub(super) fn add(&mut self, lease: Lease, (etag, place): (Id, Place), report: &mut Report) {
        if self.0.len() == KEPT {
            self.0.remove(0).doubt(report);
        }
        self.0.push(Rival { lease, etag, place });
    }

    /// Tells of those of which `chains` know what came in between.
    pub(super) fn settle(&mut self, chains: &Chains, report: &mut Report) {
        self.0.retain(|Rival { lease, etag, place }| {
            let is_kept = chains.fate(lease.etag, lease.token, lease.from.clock).is_kept();
            let is_known = chains.has_joined(lease.etag, *etag);
            if is_kept && is_known {
                report.fault(FindingKind::TwoHolders, [lease.place, *place]);
            }
            is_kept && !is_known
        });
    }

    /// Takes in that there are no more lines. `writes` have no answer.
    pub(super) fn finish(&mut self, chains: &Chains, writes: &[&Write], report: &mut Report) {
        self.settle(chains, report);
        for rival in self.0.drain(..) {
            if chains.is_complete(rival.lease.etag, writes) {
                report.fault(FindingKind::TwoHolders, [rival.lease.place, rival.place]);
            } else {
                rival.doubt(report);
            }
        }
    }
}

impl Rival {
    fn doubt(self, report: &mut Report) {
        report.fault(FindingKind::Undecided, [self.lease.place, self.place]);
    }
}

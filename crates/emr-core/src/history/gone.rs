//! Reads that found nothing where there was an object. Somebody has deleted it, unless a line shows that it was still
//! there: then the read is stale. That line may come later, from another file.

use super::chain::Chain;
use super::clock::Bounds;
use super::finding::{FindingKind, Place};
use super::link::Span;
use super::report::Report;

/// Those of one chain: the first by each clock.
#[derive(Debug, Default)]
pub(super) struct Gone(Vec<Span>);

impl Gone {
    pub(super) fn is_empty(&self) -> bool {
        self.0.is_empty()
    }

    /// Whether one of them, which come after the chain began, does not come after `next` did.
    pub(super) fn is_before(&self, next: &Chain) -> bool {
        self.0.iter().any(|gone| !next.is_known_before(gone.sent))
    }

    /// Notes a read that found nothing.
    pub(super) fn note(&mut self, span: Span) {
        let clock = |span: &Span| span.sent.map(|at| at.clock);
        if self.0.iter().all(|gone| clock(gone) != clock(&span)) {
            self.0.push(span);
        }
    }

    /// Takes in those of `later`, a chain that goes on with the same object. A read may be one of both.
    pub(super) fn note_all(&mut self, mut later: Self) {
        later.0.retain(|read| self.0.iter().all(|known| known.place != read.place));
        self.0.append(&mut later.0);
    }

    /// `place` shows that the object was still there at `floor`: reads that were answered before are stale.
    pub(super) fn refute(&mut self, floor: &Bounds, place: Place, report: &mut Report) {
        for gone in self.0.extract_if(.., |gone| floor.is_after(gone.answered)) {
            report.fault(FindingKind::StaleRead, [place, gone.place]);
        }
    }
}

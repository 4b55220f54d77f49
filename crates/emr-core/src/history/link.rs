//! A state of a lock's object: who wrote it, what it is, and between which times it was there.
//!
//! Each link has bounds by each clock, from which it follows in one pass whether all operations fit into one order that
//! agrees with the times when they were sent and answered:
//!
//! | bound | is |
//! |---|---|
//! | `floor` | the latest of what must come before the link: when it and earlier ones were sent, and when earlier ones were read |
//! | `known` | the earliest answer that shows the link |
//! | `read` | the latest request that was answered with it |
//! | `refused` | the earliest refusal of a write that would replace it: by then it had been replaced |

use super::clock::{Bounds, Moment};
use super::clocks::Clocks;
use super::digest::Id;
use super::finding::{FindingKind, Place};
use super::report::Report;

/// A write, as far as it is known.
#[derive(Debug, Clone, Copy)]
pub(super) struct Write {
    /// Its process and the number of its call there.
    pub(super) by: (Id, u64),
    /// The `ETag` of what it is to replace.
    pub(super) replaces: Id,
    pub(super) nonce: Id,
    pub(super) generation: Option<u64>,
    /// The holder that it writes, if any.
    pub(super) token: Option<Id>,
    pub(super) ttl_s: Option<u64>,
    /// Of a release: who releases, if that is recorded.
    pub(super) releaser: Option<Id>,
    pub(super) sent: Option<Moment>,
    pub(super) place: Place,
}

/// A state of the lock's object.
#[derive(Debug, Clone, Default)]
pub(super) struct Link {
    /// Who wrote it, if that is recorded.
    pub(super) by: Option<(Id, u64)>,
    /// Its nonce, if it is known.
    pub(super) nonce: Option<Id>,
    pub(super) generation: Option<u64>,
    pub(super) token: Option<Id>,
    pub(super) ttl_s: Option<u64>,
    pub(super) place: Option<Place>,
    pub(super) floor: Bounds,
    pub(super) known: Bounds,
    pub(super) read: Bounds,
    pub(super) refused: Bounds,
    pub(super) refusal: Option<Place>,
    /// Of a release: who released, if that is recorded.
    pub(super) releaser: Option<Id>,
    /// The clock of its writer.
    pub(super) clock: Option<u64>,
    /// The clock by which its writer knows when its lease began, if its answer is recorded.
    pub(super) granted: Option<u64>,
    /// Whether somebody saw that its time to live had passed by the store's clock; `None` if nobody looked.
    pub(super) has_expired: Option<bool>,
}

/// A request and its answer.
#[derive(Debug, Clone, Copy)]
pub(super) struct Span {
    pub(super) sent: Option<Moment>,
    pub(super) answered: Option<Moment>,
    pub(super) place: Place,
}

/// An object as it was read.
#[derive(Debug, Clone, Copy)]
pub(super) struct Sighting {
    pub(super) etag: Id,
    pub(super) nonce: Id,
    pub(super) generation: Option<u64>,
    pub(super) token: Option<Id>,
    pub(super) ttl_s: Option<u64>,
    /// Whether its time to live had passed by the store's clock, if its age is recorded.
    pub(super) has_expired: Option<bool>,
}

impl Link {
    /// Checks that no write that would have replaced this link was refused before `next`, which `place` shows, could.
    pub(super) fn check_refusal(&self, next: &Self, place: Place, report: &mut Report) {
        if let Some(refusal) = self.refusal.filter(|_| self.refused.is_before_any(&next.floor)) {
            report.fault(FindingKind::SpuriousRefusal, [place, refusal]);
        }
    }

    /// Checks what `next`, which `place` shows, makes of this link.
    pub(super) fn check_next(&self, next: &Self, place: Place, report: &mut Report) {
        let between = || self.place.into_iter().chain([place]);
        if self.token.is_some() && next.token.is_some() && self.token != next.token {
            report.counts.takeovers += 1;
            let is_timed = next.clock.is_some() && self.granted == next.clock;
            match self.has_expired {
                Some(false) => report.fault(FindingKind::EarlyTakeover, between()),
                None if !is_timed => report.fault(FindingKind::UnprovedTakeover, between()),
                _ => {}
            }
        }
        let is_known = self.nonce.is_some();
        if is_known && next.token.is_none() && next.releaser.is_some() && next.releaser != self.token {
            report.fault(FindingKind::ForeignRelease, between());
        }
        if !self.has_grown(next) {
            report.fault(FindingKind::Generation, between());
        }
    }

    /// Whether the generation of `next` may follow: never lower, and higher with another holder.
    fn has_grown(&self, next: &Self) -> bool {
        let (Some(before), Some(now)) = (self.generation, next.generation) else { return true };
        match next.token {
            Some(token) if self.token != Some(token) => now > before,
            _ => now >= before,
        }
    }

    /// Notes that `write` made it.
    pub(super) fn sign(&mut self, write: &Write, at: Span) {
        let Write { by, nonce, generation, token, ttl_s, releaser, .. } = *write;
        (self.by, self.nonce, self.generation, self.token) = (Some(by), Some(nonce), generation, token);
        (self.ttl_s, self.releaser, self.place) = (ttl_s, releaser, Some(at.place));
        self.clock = at.answered.or(write.sent).map(|at| at.clock);
        self.granted = at.answered.map(|at| at.clock);
        self.floor.raise(write.sent);
        self.known.lower(at.answered);
    }

    /// Takes in that it was read as `seen`.
    pub(super) fn attribute(&mut self, seen: &Sighting, place: Place, report: &mut Report) {
        if self.nonce.is_none() {
            (self.nonce, self.generation) = (Some(seen.nonce), seen.generation);
            (self.token, self.ttl_s) = (seen.token, seen.ttl_s);
        } else {
            self.check_content(seen.nonce, (seen.generation, seen.token, seen.ttl_s), place, report);
        }
        self.note_expiry(seen.has_expired);
    }

    /// Checks that what `place` tells of it is the same.
    pub(super) fn check_content(
        &self,
        nonce: Id,
        (generation, token, ttl_s): (Option<u64>, Option<Id>, Option<u64>),
        place: Place,
        report: &mut Report,
    ) {
        let places = self.place.into_iter().chain([place]);
        if self.nonce.is_some_and(|known| known != nonce) {
            report.fault(FindingKind::EtagRepeated, places);
        } else if self.nonce.is_some() && (self.generation, self.token, self.ttl_s) != (generation, token, ttl_s) {
            report.fault(FindingKind::Misattributed, places);
        }
    }

    /// Whether it is what a holder of this token leaves when it releases the lock.
    pub(super) fn is_release_by(&self, token: Id) -> bool {
        self.nonce.is_some() && self.token.is_none() && self.releaser.is_none_or(|releaser| releaser == token)
    }

    /// Drops times by other clocks than these.
    pub(super) fn limit(&mut self, clocks: &Clocks) {
        for bounds in [&mut self.floor, &mut self.known, &mut self.read, &mut self.refused] {
            bounds.retain(|moment| clocks.has(moment.clock));
        }
    }

    fn note_expiry(&mut self, has_expired: Option<bool>) {
        if let Some(expired) = has_expired {
            self.has_expired = Some(expired || self.has_expired == Some(true));
        }
    }

    /// Takes in what is known of the same object elsewhere, as `place` shows it.
    pub(super) fn unite(&mut self, same: &Self, place: Place, report: &mut Report) {
        if let Some(nonce) = same.nonce {
            self.check_content(nonce, (same.generation, same.token, same.ttl_s), place, report);
        }
        self.note_expiry(same.has_expired);
        self.floor.raise_all(&same.floor);
        self.read.raise_all(&same.read);
        self.known.lower_all(&same.known);
        self.refused.lower_all(&same.refused);
        self.refusal = self.refusal.or(same.refusal);
        self.check_times(place, report);
    }

    /// Checks that it was not seen before it can have been there, as far as `place` tells.
    pub(super) fn check_times(&self, place: Place, report: &mut Report) {
        if self.known.is_before_any(&self.floor) {
            let other = self.place.filter(|own| *own != place);
            report.fault(FindingKind::OutOfOrder, other.into_iter().chain([place]));
        }
    }
}

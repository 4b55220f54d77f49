//! Who believes to hold a lock, and until when, by each holder's own clock.

use super::clock::Moment;
use super::digest::Id;
use super::finding::{FindingKind, Place};
use super::report::Report;

/// How many leases are kept although they have ended: lines of one machine may come late from another file.
const KEPT: usize = 8;

/// How many leases are kept at most.
const MOST: usize = 256;

/// A time in which a token's holder may act.
#[derive(Debug, Clone, Copy)]
pub(super) struct Lease {
    pub(super) token: Id,
    /// The object that grants it.
    pub(super) etag: Id,
    /// When the write was acknowledged.
    pub(super) from: Moment,
    /// When the lease ends, by the same clock.
    pub(super) until: i64,
    pub(super) place: Place,
    /// Whether it was given up on another machine, so that no clock tells when.
    pub(super) is_given_up: bool,
}

/// The leases of a lock: those that have not ended, and some that have.
#[derive(Debug, Default)]
pub(super) struct Leases {
    leases: Vec<Lease>,
}

impl Leases {
    /// Notes that a lock is held.
    pub(super) fn grant(&mut self, lease: Lease, report: &mut Report) {
        let Lease { token, from, until, etag, place, .. } = lease;
        if until <= from.at {
            return;
        }
        if self.leases.len() >= KEPT {
            self.leases.retain(|known| known.from.clock != from.clock || known.until > from.at);
        }
        if self.leases.len() == MOST {
            self.leases.remove(0);
        }
        let is_live = |known: &Lease| known.from.clock == from.clock && known.until > from.at && !known.is_given_up;
        let mut others = self.leases.iter().filter(|known| known.token != token && is_live(known));
        if let Some(other) = others.find(|other| other.from.at < until) {
            report.fault(FindingKind::TwoHolders, [other.place, place]);
        }
        match self.leases.iter_mut().find(|known| known.token == token && is_live(known)) {
            Some(own) => (own.until, own.etag) = (own.until.max(until), etag),
            None => self.leases.push(lease),
        }
    }

    /// The token of the lease that the object of `etag` grants.
    pub(super) fn holder(&self, etag: Id) -> Option<Id> {
        self.leases.iter().rev().find(|known| known.etag == etag).map(|known| known.token)
    }

    /// Notes that the lease of `token` is given up at `at`.
    pub(super) fn end(&mut self, token: Id, at: Option<Moment>) {
        for own in self.leases.iter_mut().filter(|known| known.token == token) {
            match at.filter(|at| at.clock == own.from.clock) {
                Some(at) => own.until = own.until.min(at.at),
                None => own.is_given_up = true,
            }
        }
    }

    /// The lease of `token` by the clock of `at` that ends last, if there is one.
    pub(super) fn of(&self, token: Id, at: Moment) -> Option<&Lease> {
        let own = self.leases.iter().filter(|known| known.token == token && known.from.clock == at.clock);
        own.max_by_key(|known| known.until)
    }
}

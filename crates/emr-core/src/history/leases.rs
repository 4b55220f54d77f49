//! Who believes to hold a lock, and until when, by each holder's own clock.

use super::chain::{Fault, Id};
use super::clock::Moment;
use super::finding::{FindingKind, Place};

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
}

/// The leases of a lock that have not ended.
#[derive(Debug, Default)]
pub(super) struct Leases {
    leases: Vec<Lease>,
}

impl Leases {
    /// Notes that a lock is held.
    pub(super) fn grant(&mut self, lease: Lease, faults: &mut Vec<Fault>) {
        let Lease { token, from, until, etag, place } = lease;
        if until <= from.at {
            return;
        }
        self.leases.retain(|known| known.from.clock != from.clock || known.until > from.at);
        let mut others = self.leases.iter().filter(|known| known.token != token && known.from.clock == from.clock);
        if let Some(other) = others.find(|other| other.from.at < until) {
            faults.push((FindingKind::TwoHolders, vec![other.place, place]));
        }
        let own = self.leases.iter_mut().find(|known| known.token == token && known.from.clock == from.clock);
        match own {
            Some(own) => (own.until, own.etag) = (own.until.max(until), etag),
            None => self.leases.push(lease),
        }
    }

    /// The token of the lease that the object of `etag` grants.
    pub(super) fn holder(&self, etag: Id) -> Option<Id> {
        self.leases.iter().find(|known| known.etag == etag).map(|known| known.token)
    }

    /// Notes that the lease of `token` is given up at `at`.
    pub(super) fn end(&mut self, token: Id, at: Option<Moment>) {
        self.leases.retain_mut(|known| {
            if known.token != token {
                return true;
            }
            let Some(at) = at.filter(|at| at.clock == known.from.clock) else { return false };
            known.until = known.until.min(at.at);
            true
        });
    }

    /// When the lease of `token` ends by the clock of `at`, if it has one.
    pub(super) fn until(&self, token: Id, at: Moment) -> Option<i64> {
        let own = self.leases.iter().filter(|known| known.token == token && known.from.clock == at.clock);
        own.map(|known| known.until).max()
    }
}

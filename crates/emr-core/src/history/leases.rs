//! Who believes to hold a lock, and until when, by each holder's own clock.

use super::chain::{Fault, Id};
use super::clock::Moment;
use super::finding::{FindingKind, Place};

/// A time in which a token's holder may act.
#[derive(Debug, Clone, Copy)]
struct Belief {
    token: Id,
    /// When the write was acknowledged.
    from: Moment,
    /// When the lease ends, by the same clock.
    until: i64,
    place: Place,
}

/// The leases of a lock that have not ended.
#[derive(Debug, Default)]
pub(super) struct Leases {
    beliefs: Vec<Belief>,
}

impl Leases {
    /// Notes that `token` holds the lock from `from` until `until`.
    pub(super) fn grant(&mut self, token: Id, from: Moment, until: Moment, place: Place, faults: &mut Vec<Fault>) {
        if from.clock != until.clock || until.at <= from.at {
            return;
        }
        self.beliefs.retain(|belief| belief.from.clock != from.clock || belief.until > from.at);
        let others = self.beliefs.iter().filter(|belief| belief.token != token && belief.from.clock == from.clock);
        if let Some(other) = others.into_iter().find(|other| other.from.at < until.at) {
            faults.push((FindingKind::TwoHolders, vec![other.place, place]));
        }
        let own = self.beliefs.iter_mut().find(|belief| belief.token == token && belief.from.clock == from.clock);
        match own {
            Some(own) => own.until = own.until.max(until.at),
            None => self.beliefs.push(Belief { token, from, until: until.at, place }),
        }
    }

    /// Notes that the lease of `token` is given up at `at`.
    pub(super) fn end(&mut self, token: Id, at: Option<Moment>) {
        self.beliefs.retain_mut(|belief| {
            if belief.token != token {
                return true;
            }
            let Some(at) = at.filter(|at| at.clock == belief.from.clock) else { return false };
            belief.until = belief.until.min(at.at);
            true
        });
    }

    /// When the lease of `token` ends by the clock of `at`, if it has one.
    pub(super) fn until(&self, token: Id, at: Moment) -> Option<i64> {
        let own = self.beliefs.iter().filter(|belief| belief.token == token && belief.from.clock == at.clock);
        own.map(|belief| belief.until).max()
    }
}

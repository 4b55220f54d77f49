//! Who believes to hold a lock, and until when, by each holder's own clock.

use super::clock::Moment;
use super::digest::Id;
use super::finding::Place;

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
    /// When the lease ends by the same clock, unless it is given up before.
    pub(super) until: i64,
    pub(super) place: Place,
    /// The release that ends it, if one was sent.
    pub(super) release: Option<Release>,
}

/// What became of what an object granted.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Fate {
    /// Its holder has not written since.
    Held,
    /// Its holder renewed it, last by the same clock.
    Renewed,
    /// Its holder renewed it, last on another machine.
    Moved,
    /// Its holder released it: the write that did.
    Released(Option<(Id, u64)>),
}

impl Fate {
    /// Whether its holder still has it, as far as its clock tells.
    pub(super) fn is_kept(self) -> bool {
        matches!(self, Self::Held | Self::Renewed)
    }
}

/// A release.
#[derive(Debug, Clone, Copy)]
pub(super) struct Release {
    /// The write, if it is recorded.
    pub(super) by: Option<(Id, u64)>,
    /// When it was sent, by the clock of the lease. `None` if another machine sent it, so that no clock tells when.
    pub(super) at: Option<i64>,
}

impl Lease {
    /// When it ends, as far as its clock tells.
    pub(super) fn end(&self) -> i64 {
        let released = self.release.and_then(|release| release.at);
        released.map_or(self.until, |at| at.min(self.until))
    }

    /// Whether it was given up on another machine.
    pub(super) fn is_given_up(&self) -> bool {
        self.release.is_some_and(|release| release.at.is_none())
    }

    /// Whether it has not ended at the time of `at`, by whose clock it counts.
    fn is_live(&self, at: Moment) -> bool {
        self.from.clock == at.clock && self.end() > at.at && !self.is_given_up()
    }
}

/// The leases of a lock: those that have not ended, and some that have.
#[derive(Debug, Default)]
pub(super) struct Leases {
    leases: Vec<Lease>,
}

impl Leases {
    /// Notes that a lock is held. `fate` tells what became of each lease. Returns one of another token that has not
    /// ended.
    pub(super) fn grant(&mut self, lease: Lease, fate: impl Fn(&Lease) -> Fate) -> Option<Lease> {
        let Lease { token, from, until, etag, .. } = lease;
        if until <= from.at {
            return None;
        }
        if self.leases.len() >= KEPT {
            self.leases.retain(|known| known.from.clock != from.clock || known.end() > from.at);
        }
        if self.leases.len() == MOST {
            self.leases.remove(0);
        }
        let is_other = |known: &&Lease| known.token != token && known.is_live(from) && known.from.at < until;
        let mut others = self.leases.iter().filter(is_other).filter(|_| !lease.is_given_up());
        let other = others.find(|known| fate(known).is_kept()).copied();
        match self.leases.iter_mut().find(|known| known.token == token && known.is_live(from)) {
            // Another process has renewed it already.
            Some(_) if fate(&lease) == Fate::Renewed => {}
            Some(own) => (own.until, own.etag, own.release) = (until, etag, lease.release),
            None => self.leases.push(lease),
        }
        other
    }

    /// The token of the lease that the object of `etag` grants.
    pub(super) fn holder(&self, etag: Id) -> Option<Id> {
        self.leases.iter().rev().find(|known| known.etag == etag).map(|known| known.token)
    }

    /// Notes that `by` gives up the lease of `token` at `at`.
    pub(super) fn release(&mut self, token: Id, by: (Id, u64), at: Option<Moment>) {
        for own in self.leases.iter_mut().filter(|known| known.token == token && known.release.is_none()) {
            let at = at.filter(|at| at.clock == own.from.clock).map(|at| at.at);
            own.release = Some(Release { by: Some(by), at });
        }
    }

    /// Notes that the release `by` had no effect. Its holder goes on, unless it was refused to replace what grants the
    /// lease: then that is lost, and who wanted to release it has no use for it.
    pub(super) fn restore(&mut self, by: (Id, u64), refused: Option<Id>) {
        let is_restored =
            |own: &Lease| own.release.is_some_and(|known| known.by == Some(by)) && refused != Some(own.etag);
        for own in self.leases.iter_mut().filter(|own| is_restored(own)) {
            own.release = None;
        }
    }

    /// The lease of `token` by the clock of `at` that ends last, if there is one, rather one that is not given up.
    pub(super) fn of(&self, token: Id, at: Moment) -> Option<&Lease> {
        let own = self.leases.iter().filter(|known| known.token == token && known.from.clock == at.clock);
        own.max_by_key(|known| (known.is_live(at), known.end()))
    }
}

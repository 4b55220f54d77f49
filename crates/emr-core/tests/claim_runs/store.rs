//! The store with the locks: S3's answers to conditional writes, its clock of whole seconds, and front ends whose clocks
//! differ.

use std::collections::HashSet;
use std::time::Duration;

use emr_core::claim::lease::{Answer, LockRequest, Sighting};
use emr_core::model::lock::{Lock, Token};

use crate::flaw::Flaw;
use crate::property::Property;

/// When the store's clock was zero in the time of a run.
pub(crate) const EPOCH: u64 = 1_800_000_000;

/// Which conditions a store ignores.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub(crate) struct Ignores {
    pub(crate) if_match: bool,
    pub(crate) if_none_match: bool,
}

/// The times of one request by the clocks of the store's front ends.
#[derive(Debug, Clone, Copy)]
pub(crate) struct Stamp {
    /// The true time of the answer that it follows.
    pub(crate) read: Duration,
    /// The true time at which the store carries it out.
    pub(crate) now: Duration,
    /// The true time at which it began to be received.
    pub(crate) began: Duration,
    /// The same by the front end's clock.
    pub(crate) received: Duration,
    /// When it is answered, by the front end's clock.
    pub(crate) dated: Duration,
}

/// The object of a lock.
#[derive(Debug, Clone)]
pub(crate) struct Object {
    pub(crate) lock: Lock,
    etag: String,
    /// Its `Last-Modified`.
    modified: u64,
    /// The true time at which the write began to be received.
    began: Duration,
}

/// The objects of all locks.
#[derive(Debug, Default)]
pub(crate) struct Store {
    pub(crate) objects: Vec<Option<Object>>,
    pub(crate) ignores: Ignores,
    /// By how much the clocks of its front ends differ.
    pub(crate) skew: Duration,
    pub(crate) flaw: Option<Flaw>,
    /// When each lock was last deleted.
    pub(crate) deleted: Vec<Option<Duration>>,
    highest: Vec<u64>,
    nonces: HashSet<String>,
    /// What the last write did wrong.
    pub(crate) wrong: Option<(Property, String)>,
    /// How often locks were taken over, and how often they were created anew.
    pub(crate) takeovers: u64,
    pub(crate) recreated: u64,
}

impl Store {
    /// A store without objects.
    pub(crate) fn new(ignores: Ignores, skew: Duration, flaw: Option<Flaw>) -> Self {
        Self { ignores, skew, flaw, ..Self::default() }
    }

    /// Adds a lock with this object, written at the beginning. Returns its number.
    pub(crate) fn add(&mut self, lock: Option<Lock>) -> usize {
        self.deleted.push(None);
        self.highest.push(lock.as_ref().map_or(0, |lock| lock.generation));
        let object = |lock: Lock| Object { etag: etag(&lock, None), lock, modified: EPOCH, began: Duration::ZERO };
        self.objects.push(lock.map(object));
        self.objects.len() - 1
    }

    /// The token of the stored holder.
    pub(crate) fn token(&self, lock: usize) -> Option<&Token> {
        Some(&self.objects[lock].as_ref()?.lock.holder.as_ref()?.token)
    }

    /// Carries out a `request` for the holder of `token`.
    pub(crate) fn answer(&mut self, lock: usize, request: &LockRequest, token: &Token, stamp: Stamp) -> Answer {
        let etag = self.objects[lock].as_ref().map(|object| &object.etag);
        match request {
            LockRequest::Read => self.read(lock, stamp),
            LockRequest::Create(_) if etag.is_some() && !self.ignores.if_none_match => Answer::Refused,
            LockRequest::Replace(seen, _) if etag != Some(seen) && !self.ignores.if_match => Answer::Refused,
            LockRequest::Create(new) | LockRequest::Replace(_, new) => self.write(lock, new, token, stamp),
            LockRequest::Prove(new) => {
                let create = self.answer(lock, &LockRequest::Create(new.clone()), token, stamp);
                let replace = self.answer(lock, &LockRequest::Replace("none".to_owned(), new.clone()), token, stamp);
                match (create, replace) {
                    (Answer::Refused, Answer::Refused) => Answer::Refused,
                    (written @ Answer::Written(_), _) | (_, written) => written,
                }
            }
        }
    }

    fn read(&self, lock: usize, stamp: Stamp) -> Answer {
        match &self.objects[lock] {
            None => Answer::Absent(EPOCH + stamp.dated.as_secs()),
            Some(object) => {
                let age = (EPOCH + stamp.dated.as_secs()).saturating_sub(object.modified);
                let (lock, etag) = (object.lock.clone(), object.etag.clone());
                Answer::Found(Sighting { lock, etag, age: Duration::from_secs(age) })
            }
        }
    }

    fn write(&mut self, lock: usize, new: &Lock, token: &Token, stamp: Stamp) -> Answer {
        self.wrong = self.judge(lock, new, token, stamp);
        let before = if self.objects[lock].is_some() { self.highest[lock] } else { 0 };
        self.highest[lock] = before.max(new.generation);
        let etag = etag(new, self.flaw);
        let (modified, began) = (EPOCH + stamp.received.as_secs(), stamp.began);
        // What is stored is bytes.
        let stored = if self.nonces.len().is_multiple_of(16) { Lock::read(&new.write()).unwrap() } else { new.clone() };
        self.objects[lock] = Some(Object { lock: stored, etag: etag.clone(), modified, began });
        Answer::Written(etag)
    }

    /// What is wrong with a write by the holder of `token`.
    fn judge(&mut self, lock: usize, new: &Lock, token: &Token, stamp: Stamp) -> Option<(Property, String)> {
        let Some(before) = &self.objects[lock] else { return self.judge_creation(lock, new, token, stamp) };
        let holder = before.lock.holder.as_ref();
        let (old_token, new_token) = (holder.map(|old| &old.token), new.holder.as_ref().map(|new| &new.token));
        let is_taken = new_token.is_some() && new_token != old_token;
        let (was, is, highest) = (before.lock.generation, new.generation, self.highest[lock]);
        if (is_taken && is <= highest) || (!is_taken && is != was) {
            return Some((
                Property::GenerationsGrow,
                format!("generation {is} follows {was}, the highest is {highest}"),
            ));
        }
        if !self.nonces.insert(new.nonce.clone()) {
            return Some((Property::NoncesAreFresh, format!("the nonce {} is written again", new.nonce)));
        }
        let old = holder?;
        if new_token.is_none() && old.token != *token {
            return Some((Property::OthersLocksStay, format!("{} frees the lock of {}", token.0, old.token.0)));
        }
        let age = stamp.now.saturating_sub(before.began);
        self.takeovers += u64::from(is_taken);
        let is_early = is_taken && age + self.skew < old.ttl;
        is_early.then(|| {
            (
                Property::NoEarlyTakeover,
                format!("{} takes {}'s lock after {age:?} of {:?}", token.0, old.token.0, old.ttl),
            )
        })
    }

    /// A lock that was deleted begins at the store's time, which is beyond all generations unless they grew by more than
    /// one a second. Two creations are exempt. The sender of one has read nothing since the deletion: it was under way, or
    /// its sender was stopped. The other is a test of the store, which is nobody's and ends its sender's attempt.
    fn judge_creation(&mut self, lock: usize, new: &Lock, token: &Token, stamp: Stamp) -> Option<(Property, String)> {
        let (is, highest) = (new.generation, self.highest[lock]);
        self.recreated += u64::from(highest > 0);
        if !self.nonces.insert(new.nonce.clone()) {
            return Some((Property::NoncesAreFresh, format!("the nonce {} is written again", new.nonce)));
        }
        let is_outpaced = highest + 30 > EPOCH + stamp.now.as_secs();
        let is_under_way = self.deleted[lock].is_some_and(|deleted| deleted + Duration::from_secs(15) > stamp.read);
        let is_test = self.deleted[lock].is_some() && new.holder.as_ref().is_some_and(|nobody| nobody.token != *token);
        (is == 0 || (is <= highest && !is_outpaced && !is_under_way && !is_test))
            .then(|| (Property::GenerationsGrow, format!("generation {is} of a new object follows {highest}")))
    }
}

/// Two objects have one `ETag` exactly if they are equal.
fn etag(lock: &Lock, flaw: Option<Flaw>) -> String {
    let token = lock.holder.as_ref().map_or("free", |holder| &holder.token.0);
    let nonce = if flaw == Some(Flaw::EtagWithoutNonce) { "" } else { &lock.nonce };
    format!("{nonce} {} {token}", lock.generation)
}

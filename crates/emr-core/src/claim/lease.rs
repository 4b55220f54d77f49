//! The lock's protocol: how to hold, keep and give back a lock that is one object on S3, written by conditional requests
//! alone.
//!
//! An [`LockAttempt`] says what to ask of the store next and is told the answer, until it comes to a [`Verdict`] or a
//! [`LockError`]. It knows no clock and no network, so the very code that runs is also what `tests/claim_model`
//! explores.
//!
//! Two rules make it exclusive. Only a fresh conditional write that was answered with success counts as held: after any
//! other answer (a lost one, a refusal that may be the echo of one's own earlier write) the object is read, and written
//! once more if it is one's own. And a holder counts from before its write was sent, whoever waits from after it was
//! stored, so that the lease ends for its holder before anybody may take it over.
//!
//! Both rest on the store, which therefore proves that it refuses what it must, whenever a lock is taken that nobody gave
//! back: one that is new, or whose holder died, perhaps before the proof. One that was given back was held after one.

use std::time::Duration;

use crate::model::lock::{Holder, Lock, Token};

/// What a run wants of a lock.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub enum Goal {
    /// To have it, if nobody else does.
    Hold,
    /// To have it for longer; it must be this holder's already.
    Keep,
    /// To let it go.
    GiveBack,
}

/// What the store is to be asked.
#[derive(Debug, Clone, PartialEq, Eq, Hash)]
pub enum LockRequest {
    /// What the object is.
    Read,
    /// To make the object, if there is none (`If-None-Match: *`).
    Create(Lock),
    /// To replace the object that has this `ETag` (`If-Match`).
    Replace(String, Lock),
    /// To do what it must refuse: create what is there, and replace what has another `ETag`.
    Prove(Lock),
}

/// What the store answered.
#[derive(Debug, Clone, PartialEq, Eq, Hash)]
pub enum Answer {
    /// There is no object; the store's time in seconds since 1970.
    Absent(u64),
    /// This is the object.
    Found(Sighting),
    /// It was written, and has this `ETag` now.
    Written(String),
    /// The condition does not hold: the object is there, or it is another or none.
    Refused,
    /// Another write was under way: nothing happened.
    Conflict,
    /// Anything may have happened, now or later.
    Unclear,
}

/// A lock's object as it was read.
#[derive(Debug, Clone, PartialEq, Eq, Hash)]
pub struct Sighting {
    /// Its content.
    pub lock: Lock,
    /// Its `ETag`.
    pub etag: String,
    /// The store's `Date` minus the object's `Last-Modified`, both whole seconds of the store's own clock.
    pub age: Duration,
}

/// A lock that is held.
#[derive(Debug, Clone, PartialEq, Eq, Hash)]
pub struct Lease {
    /// By whom.
    pub holder: Holder,
    /// Its generation, which has grown since anybody else held it.
    pub generation: u64,
    /// The object's `ETag`.
    pub etag: String,
    /// Until when it counts as held, on the clock that told when the write was sent.
    pub until: Duration,
}

/// What an attempt came to.
#[derive(Debug, Clone, PartialEq, Eq, Hash)]
pub enum Verdict {
    /// It is held.
    Held(Lease),
    /// It was given back.
    GivenBack,
    /// Somebody else holds it.
    Busy(Sighting),
}

/// Why there is no lock to rely on. [`LockError::at`] words it for people.
#[derive(Debug, Clone, PartialEq, Eq, Hash)]
pub enum LockError {
    /// It is not, or no longer, this holder's; what was seen of it instead, where anything was.
    Lost(Option<Sighting>),
    /// The store ignores conditions: on it nothing can be locked.
    Unsafe,
    /// The store gave no clear answer, however often it was asked.
    Unsure,
}

/// What is next in an attempt.
#[derive(Debug, Clone, PartialEq, Eq, Hash)]
pub enum Next {
    /// To ask this.
    Request(LockRequest),
    /// Nothing: this is what came of it.
    Done(Result<Verdict, LockError>),
}

/// The circumstances of an answer.
#[derive(Debug, Clone, PartialEq, Eq, Hash)]
pub struct Circumstances {
    /// When the request was sent, by a clock that goes on whatever happens to the machine.
    pub sent_at: Duration,
    /// When the answer was there, by the same clock.
    pub now: Duration,
    /// What no other write has said or will say.
    pub nonce: String,
}

/// Answers that settle nothing, after which an attempt gives up.
const PATIENCE: u32 = 12;

/// One run's try at a [`Goal`].
#[derive(Debug, Clone, PartialEq, Eq, Hash)]
pub struct LockAttempt {
    goal: Goal,
    holder: Holder,
    sent: LockRequest,
    /// Whether it is known that the store heeds conditions. Where a lock is free, whoever had it has seen the proof.
    proved: bool,
    /// What a write came to, until the store has proved itself.
    unproved: Option<Lease>,
    wrote: bool,
    unsettled: u32,
}

impl LockAttempt {
    /// An attempt at `goal` by `holder`, and what to ask first.
    #[must_use]
    pub fn new(goal: Goal, holder: Holder) -> (Self, LockRequest) {
        Self::begin(goal, holder, LockRequest::Read)
    }

    /// An attempt to keep `lease`, and what to ask first.
    #[must_use]
    pub fn keep(lease: &Lease, nonce: String) -> (Self, LockRequest) {
        let same = Lock { generation: lease.generation, nonce, holder: Some(lease.holder.clone()) };
        Self::begin(Goal::Keep, lease.holder.clone(), LockRequest::Replace(lease.etag.clone(), same))
    }

    /// An attempt to give `lease` back, and what to ask first.
    #[must_use]
    pub fn give_back(lease: &Lease, nonce: String) -> (Self, LockRequest) {
        let free = Lock { generation: lease.generation, nonce, holder: None };
        Self::begin(Goal::GiveBack, lease.holder.clone(), LockRequest::Replace(lease.etag.clone(), free))
    }

    fn begin(goal: Goal, holder: Holder, first: LockRequest) -> (Self, LockRequest) {
        let (wrote, proved) = (first != LockRequest::Read, goal != Goal::Hold);
        (Self { goal, holder, sent: first.clone(), proved, unproved: None, wrote, unsettled: 0 }, first)
    }

    /// How long the lock is to be held after each write.
    #[must_use]
    pub fn ttl(&self) -> Duration {
        self.holder.ttl
    }

    /// How many answers have settled nothing; whoever asks again should wait the longer.
    #[must_use]
    pub fn unsettled(&self) -> u32 {
        self.unsettled
    }

    /// What is next after `answer`.
    #[must_use]
    pub fn next(&mut self, answer: Answer, at: &Circumstances) -> Next {
        match answer {
            Answer::Absent(epoch) => self.absent(epoch, at),
            Answer::Found(sighting) => self.found(sighting, at),
            Answer::Written(etag) => self.written(etag, at),
            Answer::Refused => self.refused(at),
            Answer::Conflict | Answer::Unclear => self.settle_nothing(),
        }
    }

    fn absent(&mut self, epoch: u64, at: &Circumstances) -> Next {
        match self.goal {
            // Generations must grow although the object was deleted, so they begin at the store's time.
            Goal::Hold => self.request(LockRequest::Create(self.lock(epoch.max(1), at))),
            Goal::Keep | Goal::GiveBack => Next::Done(Err(LockError::Lost(None))),
        }
    }

    fn found(&mut self, sighting: Sighting, at: &Circumstances) -> Next {
        let token = sighting.lock.holder.as_ref().map(|holder| &holder.token);
        let (is_mine, is_free) = (token == Some(&self.holder.token), token.is_none());
        let generation = sighting.lock.generation;
        match self.goal {
            _ if is_mine => self.request(LockRequest::Replace(sighting.etag, self.lock(generation, at))),
            Goal::Hold if is_held(&sighting) => Next::Done(Ok(Verdict::Busy(sighting))),
            Goal::Hold => {
                self.proved |= is_free;
                self.request(LockRequest::Replace(sighting.etag, self.lock(generation.saturating_add(1), at)))
            }
            Goal::GiveBack if self.wrote && is_free => Next::Done(Ok(Verdict::GivenBack)),
            Goal::Keep | Goal::GiveBack => Next::Done(Err(LockError::Lost(Some(sighting)))),
        }
    }

    fn written(&mut self, etag: String, at: &Circumstances) -> Next {
        match &self.sent {
            LockRequest::Prove(_) => Next::Done(Err(LockError::Unsafe)),
            LockRequest::Create(lock) | LockRequest::Replace(_, lock) if self.goal != Goal::GiveBack => {
                let (holder, generation) = (self.holder.clone(), lock.generation);
                let until = at.sent_at + valid(holder.ttl);
                self.has_written(Lease { holder, generation, etag, until }, at)
            }
            _ => Next::Done(Ok(Verdict::GivenBack)),
        }
    }

    fn has_written(&mut self, lease: Lease, at: &Circumstances) -> Next {
        if lease.until <= at.now {
            return self.settle_nothing();
        }
        if self.proved {
            return Next::Done(Ok(Verdict::Held(lease)));
        }
        // Where it is written after all it must not be one's own: then it could be given back, as if it had been held.
        let nobody = Holder { token: Token(at.nonce.clone()), ..self.holder.clone() };
        let proof = Lock { generation: lease.generation, nonce: at.nonce.clone(), holder: Some(nobody) };
        self.unproved = Some(lease);
        self.request(LockRequest::Prove(proof))
    }

    fn refused(&mut self, at: &Circumstances) -> Next {
        match (&self.sent, self.unproved.take()) {
            (LockRequest::Prove(_), Some(lease)) => {
                self.proved = true;
                if at.now < lease.until { Next::Done(Ok(Verdict::Held(lease))) } else { self.settle_nothing() }
            }
            // It may be the echo of one's own write, of which the answer was lost: the object tells.
            _ => self.settle_nothing(),
        }
    }

    /// Asks what the object is now; for a proof that was not settled, asks for it again.
    fn settle_nothing(&mut self) -> Next {
        self.unsettled += 1;
        if self.unsettled > PATIENCE {
            return Next::Done(Err(LockError::Unsure));
        }
        match (&self.sent, &self.unproved) {
            (LockRequest::Prove(_), Some(_)) => Next::Request(self.sent.clone()),
            _ => self.request(LockRequest::Read),
        }
    }

    fn request(&mut self, request: LockRequest) -> Next {
        self.wrote |= request != LockRequest::Read;
        self.sent = request.clone();
        Next::Request(request)
    }

    /// The lock as this attempt wants it to be.
    fn lock(&self, generation: u64, at: &Circumstances) -> Lock {
        let holder = (self.goal != Goal::GiveBack).then(|| self.holder.clone());
        Lock { generation, nonce: at.nonce.clone(), holder }
    }
}

impl Lease {
    /// How long it will still be held.
    #[must_use]
    pub fn left(&self, now: Duration) -> Duration {
        self.until.saturating_sub(now)
    }
}

/// How long a lease of `ttl` counts for its holder, from before the write was sent: a little less, because the store's
/// machines may not agree on the time to the second.
#[must_use]
pub fn valid(ttl: Duration) -> Duration {
    ttl.saturating_sub((ttl / 12).min(Duration::from_secs(5)))
}

/// How much of a lease of `ttl` must be left for whoever has to end work under it first.
#[must_use]
pub fn margin(ttl: Duration) -> Duration {
    (ttl / 6).min(Duration::from_secs(5))
}

/// Whether somebody holds the lock that was seen. A lease has run out when it is older than its time to live; both
/// times were cut to whole seconds, hence one more.
#[must_use]
pub fn is_held(sighting: &Sighting) -> bool {
    sighting.lock.holder.as_ref().is_some_and(|holder| sighting.age < holder.ttl + Duration::from_secs(1))
}

#[cfg(test)]
mod tests;

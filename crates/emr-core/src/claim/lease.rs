//! The lock's protocol: acquires, renews and releases a lock that is one object on S3, by conditional writes alone.
//!
//! A [`LockAttempt`] returns the next request to the store and takes the store's answer, until it reaches a [`Verdict`]
//! or a [`LockError`]. It knows no clock and no network, so `tests/claim_model` explores the very code that runs.
//!
//! Two rules make the lock exclusive:
//!
//! - Only a conditional write with a successful answer counts. Any other answer may follow an own write that succeeded:
//!   the attempt then reads the object, and if it is its own, writes it again.
//! - A holder counts its lease from before it sends the write; others count from when the object was stored. So the
//!   lease ends for its holder before anybody can take it over.
//!
//! Both need a store that honours conditional writes, so the store has to prove that it refuses writes whose condition
//! fails. A free lock needs no proof: its last holder had one. A new lock needs one, and so does a lock whose holder
//! died, perhaps before its own proof.

use std::time::Duration;

use crate::model::lock::{Holder, Lock, Token};

/// What an attempt is for.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub enum Goal {
    /// Acquire the lock, if nobody else holds it.
    Hold,
    /// Renew the lock, which must be this holder's already.
    Keep,
    /// Release the lock.
    GiveBack,
}

/// A request to the store.
#[derive(Debug, Clone, PartialEq, Eq, Hash)]
pub enum LockRequest {
    /// Read the object.
    Read,
    /// Create the object unless it exists (`If-None-Match: *`).
    Create(Lock),
    /// Replace the object if it has this `ETag` (`If-Match`).
    Replace(String, Lock),
    /// Send two writes that the store must refuse: create what exists, and replace what has another `ETag`.
    Prove(Lock),
}

/// The store's answer to a request.
#[derive(Debug, Clone, PartialEq, Eq, Hash)]
pub enum Answer {
    /// The object does not exist. Carries the store's time, in seconds since 1970.
    Absent(u64),
    /// The object that was read.
    Found(Sighting),
    /// The object was written. Carries its new `ETag`.
    Written(String),
    /// The condition does not hold: the object exists, or is missing, or has another `ETag`.
    Refused,
    /// Another write was under way, and this one did nothing.
    Conflict,
    /// No usable answer: the request may take effect, now or later.
    Unclear,
}

/// A lock's object as read from the store.
#[derive(Debug, Clone, PartialEq, Eq, Hash)]
pub struct Sighting {
    /// Its content.
    pub lock: Lock,
    /// Its `ETag`.
    pub etag: String,
    /// Its age: the answer's `Date` minus its `Last-Modified`, both in whole seconds by the store's clock.
    pub age: Duration,
}

/// A lock that is held, until an expiry.
#[derive(Debug, Clone, PartialEq, Eq, Hash)]
pub struct Lease {
    /// Its holder.
    pub holder: Holder,
    /// Its generation, higher than that of any earlier holder's lease since the object was last created.
    pub generation: u64,
    /// The object's `ETag`.
    pub etag: String,
    /// When it expires for its holder, by the clock of [`Circumstances::sent_at`].
    pub until: Duration,
}

/// The result of an attempt.
#[derive(Debug, Clone, PartialEq, Eq, Hash)]
pub enum Verdict {
    /// The lock is acquired or renewed.
    Held(Lease),
    /// The lock is released.
    GivenBack,
    /// Another holder has the lock.
    Busy(Sighting),
}

/// Why there is no lock to rely on. [`LockError::at`] makes the error for the user.
#[derive(Debug, Clone, PartialEq, Eq, Hash)]
pub enum LockError {
    /// This holder does not have the lock, or no longer. Carries the object, if it exists.
    Lost(Option<Sighting>),
    /// The store accepted a write whose condition fails: it ignores conditions, or the object was deleted just then.
    Unsafe,
    /// The store gave no clear answer, even after retries.
    Unsure,
}

/// The next step of an attempt.
#[derive(Debug, Clone, PartialEq, Eq, Hash)]
pub enum Next {
    /// Send this request.
    Request(LockRequest),
    /// Stop: the attempt has a result.
    Done(Result<Verdict, LockError>),
}

/// The times of a request and its answer, and a nonce for the next write.
#[derive(Debug, Clone, PartialEq, Eq, Hash)]
pub struct Circumstances {
    /// When the request was sent, by a monotonic clock that includes time in suspend.
    pub sent_at: Duration,
    /// When its answer arrived, by the same clock.
    pub now: Duration,
    /// A text that no other write contains.
    pub nonce: String,
}

/// Inconclusive answers before an attempt gives up. With backoff that takes about eight seconds: longer than S3 needs
/// to recover from a failed request, and shorter than most leases.
const PATIENCE: u32 = 12;

/// One attempt at a [`Goal`], as a state machine.
#[derive(Debug, Clone, PartialEq, Eq, Hash)]
pub struct LockAttempt {
    goal: Goal,
    holder: Holder,
    sent: LockRequest,
    /// Whether the store is known to honour conditional writes.
    proved: bool,
    /// The lease of a successful write, while the proof is pending.
    unproved: Option<Lease>,
    wrote: bool,
    /// Inconclusive answers so far.
    unsettled: u32,
}

impl LockAttempt {
    /// Begins an attempt at `goal` by `holder`. Returns it with its first request.
    #[must_use]
    pub fn new(goal: Goal, holder: Holder) -> (Self, LockRequest) {
        Self::begin(goal, holder, LockRequest::Read)
    }

    /// Begins to renew `lease`. Returns the attempt with its first request.
    #[must_use]
    pub fn keep(lease: &Lease, nonce: String) -> (Self, LockRequest) {
        let same = Lock { generation: lease.generation, nonce, holder: Some(lease.holder.clone()) };
        Self::begin(Goal::Keep, lease.holder.clone(), LockRequest::Replace(lease.etag.clone(), same))
    }

    /// Begins to release `lease`. Returns the attempt with its first request.
    #[must_use]
    pub fn give_back(lease: &Lease, nonce: String) -> (Self, LockRequest) {
        let free = Lock { generation: lease.generation, nonce, holder: None };
        Self::begin(Goal::GiveBack, lease.holder.clone(), LockRequest::Replace(lease.etag.clone(), free))
    }

    fn begin(goal: Goal, holder: Holder, first: LockRequest) -> (Self, LockRequest) {
        let (wrote, proved) = (first != LockRequest::Read, goal != Goal::Hold);
        (Self { goal, holder, sent: first.clone(), proved, unproved: None, wrote, unsettled: 0 }, first)
    }

    /// Who holds the lock, or wants it.
    #[must_use]
    pub fn holder(&self) -> &Holder {
        &self.holder
    }

    /// The time to live that each write gives the lock.
    #[must_use]
    pub fn ttl(&self) -> Duration {
        self.holder.ttl
    }

    /// Inconclusive answers so far; back off accordingly.
    #[must_use]
    pub fn unsettled(&self) -> u32 {
        self.unsettled
    }

    /// Takes the answer to the last request, and returns the next step.
    #[must_use]
    pub fn next(&mut self, answer: Answer, at: &Circumstances) -> Next {
        match answer {
            Answer::Absent(epoch) => self.absent(epoch, at),
            Answer::Found(sighting) => self.found(sighting, at),
            Answer::Written(etag) => self.written(etag, at),
            Answer::Refused => self.refused(at),
            Answer::Conflict | Answer::Unclear => self.inconclusive(at),
        }
    }

    fn absent(&mut self, epoch: u64, at: &Circumstances) -> Next {
        match self.goal {
            // Generations are to grow even if the object was deleted, so they begin at the store's time. That is lower only
            // if the lock changed hands more than once a second.
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
            return self.inconclusive(at);
        }
        if self.proved {
            return Next::Done(Ok(Verdict::Held(lease)));
        }
        let generation = lease.generation;
        self.unproved = Some(lease);
        self.prove(generation, at)
    }

    /// If the store wrongly accepts the proof, the object must not carry our token, or we could release it as if held.
    fn prove(&mut self, generation: u64, at: &Circumstances) -> Next {
        let nobody = Holder { token: Token(at.nonce.clone()), ..self.holder.clone() };
        self.request(LockRequest::Prove(Lock { generation, nonce: at.nonce.clone(), holder: Some(nobody) }))
    }

    fn refused(&mut self, at: &Circumstances) -> Next {
        match (&self.sent, self.unproved.take()) {
            (LockRequest::Prove(_), Some(lease)) => {
                self.proved = true;
                if at.now < lease.until { Next::Done(Ok(Verdict::Held(lease))) } else { self.inconclusive(at) }
            }
            // An own write whose answer was lost may be the reason: read the object.
            _ => self.inconclusive(at),
        }
    }

    /// Counts an inconclusive answer. Then repeats the proof if that was inconclusive, else reads the object.
    fn inconclusive(&mut self, at: &Circumstances) -> Next {
        self.unsettled += 1;
        if self.unsettled > PATIENCE {
            return Next::Done(Err(LockError::Unsure));
        }
        match (&self.sent, &self.unproved) {
            (LockRequest::Prove(_), Some(lease)) => self.prove(lease.generation, at),
            _ => self.request(LockRequest::Read),
        }
    }

    fn request(&mut self, request: LockRequest) -> Next {
        self.wrote |= request != LockRequest::Read;
        self.sent = request.clone();
        Next::Request(request)
    }

    /// The lock as this attempt writes it.
    fn lock(&self, generation: u64, at: &Circumstances) -> Lock {
        let holder = (self.goal != Goal::GiveBack).then(|| self.holder.clone());
        Lock { generation, nonce: at.nonce.clone(), holder }
    }
}

impl Lease {
    /// How long it still lasts.
    #[must_use]
    pub fn left(&self, now: Duration) -> Duration {
        self.until.saturating_sub(now)
    }
}

/// How long a lease of `ttl` lasts for its holder, counted from before the write: a twelfth less than `ttl`, at most 5
/// s. The clocks of the store's machines may differ by seconds.
#[must_use]
pub fn valid(ttl: Duration) -> Duration {
    ttl.saturating_sub((ttl / 12).min(Duration::from_secs(5)))
}

/// How much of a lease of `ttl` must be left to end the work under it: a sixth, at most 5 s.
#[must_use]
pub fn margin(ttl: Duration) -> Duration {
    (ttl / 6).min(Duration::from_secs(5))
}

/// Whether the lock is held. For others a lease expires one second after its time to live, because both times behind
/// its age are truncated to seconds.
#[must_use]
pub fn is_held(sighting: &Sighting) -> bool {
    sighting.lock.holder.as_ref().is_some_and(|holder| sighting.age < holder.ttl + Duration::from_secs(1))
}

#[cfg(test)]
mod tests;

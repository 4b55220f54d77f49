//! Deliberate flaws: a check that cannot fail proves nothing. Each is planted around the shipped machines, and must be
//! found.

use std::time::Duration;

use emr_core::claim::lease::{Answer, Circumstances, Lease, LockError, LockRequest, Next, Sighting, Verdict, valid};
use emr_core::claim::protocol::Event;
use emr_core::model::lock::Lock;

use crate::agent::{Agent, Slot};
use crate::property::Property;

/// A flaw.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Flaw {
    /// Two writes of the same holder and generation have the same `ETag`.
    EtagWithoutNonce,
    /// A write without an answer counts as done.
    UnclearCounts,
    /// An own lock that is read counts as a lease from then on.
    EchoCounts,
    /// A refused write counts as done.
    RefusalCounts,
    /// A lease counts from the answer.
    CountsFromAnswer,
    /// A lease lasts for its whole time to live.
    NoMargin,
    /// A lease lasts for half its time to live.
    ShortLease,
    /// A lease that has expired is returned.
    ReturnsExpired,
    /// Others count no second for the truncation of times.
    NoGrace,
    /// Others take a lock over ten seconds late.
    TakesOverLate,
    /// A new holder keeps the generation.
    KeepsGeneration,
    /// A lock that was deleted begins at generation 1.
    RestartsGenerations,
    /// All writes have one nonce.
    ReusesNonce,
    /// A lost lock is freed anyway.
    FreesAnothers,
    /// The store is not tested.
    SkipsProof,
    /// The first unclear answer ends an attempt.
    GivesUpAtOnce,
    /// An attempt goes on for ever.
    NeverGivesUp,
    /// An attempt does not wait between unclear answers.
    NeverWaits,
    /// A lock that is held is reported as lost.
    SaysLost,
    /// A lock that was not held is reported as released.
    SaysReleased,
    /// The look under the lock is left out.
    ActsBlindly,
    /// A look counts although the lock was lost since.
    KeepsLook,
    /// What looks free is left alone.
    NeverActs,
    /// Nothing asks whether the lease lasts until EMR's answer.
    ActsLate,
    /// A claim is handed on although too little of its lease is left.
    HandsOnLate,
    /// The check after adding a step is left out.
    SkipsCheck,
    /// A refused action is reported as done.
    SaysDone,
    /// A claim that came to nothing keeps its lock.
    KeepsLock,
    /// A job flow is started without the pool's lock.
    StartsUnlocked,
    /// The clock does not count suspend.
    ClockSleeps,
    /// A write shortens the time to live.
    ShortensTimeToLive,
    /// Nobody looks again.
    LooksOnce,
    /// Work goes on to the end of its lease.
    SparesNoTime,
    /// Each process takes the whole quota of the account.
    TakesWholeQuota,
    /// A throttle does not count against the quota.
    ForgetsThrottle,
    /// A call waits for longer than it has to.
    WaitsTooLong,
    /// A call to EMR is tried again at once.
    RetriesAtOnce,
}

impl Flaw {
    /// All flaws, and the properties of which each violates one.
    pub(crate) const ALL: &[(Self, &[Property])] = {
        use Property as P;
        &[
            (Self::EtagWithoutNonce, &[P::OneHolder, P::NoEarlyTakeover, P::OthersLocksStay, P::GenerationsGrow]),
            (Self::UnclearCounts, &[P::HeldByWrite, P::GivesBack]),
            (Self::EchoCounts, &[P::HeldByWrite, P::LeaseLasts]),
            (Self::RefusalCounts, &[P::HeldByWrite]),
            (Self::CountsFromAnswer, &[P::LeaseLasts, P::OneHolder]),
            (Self::NoMargin, &[P::OneHolder]),
            (Self::ShortLease, &[P::LeaseLasts]),
            (Self::ReturnsExpired, &[P::LeaseIsLive]),
            (Self::NoGrace, &[P::NoEarlyTakeover, P::OneHolder]),
            (Self::TakesOverLate, &[P::ExpiredIsNotBusy]),
            (Self::KeepsGeneration, &[P::GenerationsGrow]),
            (Self::RestartsGenerations, &[P::GenerationsGrow]),
            (Self::ReusesNonce, &[P::NoncesAreFresh]),
            (Self::FreesAnothers, &[P::OthersLocksStay]),
            (Self::SkipsProof, &[P::UnsafeStoreIsRefused]),
            (Self::GivesUpAtOnce, &[P::IsPatient]),
            (Self::NeverGivesUp, &[P::Ends]),
            (Self::NeverWaits, &[P::BacksOff]),
            (Self::SaysLost, &[P::NotLostWhileHeld]),
            (Self::SaysReleased, &[P::SaysTheTruth]),
            (Self::ActsBlindly, &[P::NoneBusyIsEnded, P::OneJob]),
            (Self::KeepsLook, &[P::NoneBusyIsEnded, P::OneJob, P::SaysTheTruth]),
            (Self::NeverActs, &[P::SpendsTheLease]),
            (Self::ActsLate, &[P::ActsUnderLease, P::NoneClaimedIsUsed, P::OneJob]),
            (Self::HandsOnLate, &[P::HandsOnInTime]),
            (Self::SkipsCheck, &[P::OneStepStays]),
            (Self::SaysDone, &[P::SaysTheTruth]),
            (Self::KeepsLock, &[P::GivesBack]),
            (Self::StartsUnlocked, &[P::PoolIsBounded, P::HerdMakesOne]),
            (Self::ClockSleeps, &[P::OneHolder, P::NoneClaimedIsUsed, P::ActsUnderLease]),
            (Self::ShortensTimeToLive, &[P::TimeToLiveStays]),
            (Self::LooksOnce, &[P::Live]),
            (Self::SparesNoTime, &[P::TimeToEnd]),
            (Self::TakesWholeQuota, &[P::WithinQuota]),
            (Self::ForgetsThrottle, &[P::WithinQuota]),
            (Self::WaitsTooLong, &[P::QuotaIsUsed]),
            (Self::RetriesAtOnce, &[P::BacksOff]),
        ]
    };
}

impl Flaw {
    /// The seed to begin the search with: shortly before the first that finds the flaw, where that takes many.
    pub(crate) fn first_seed(self) -> u64 {
        match self {
            Self::EtagWithoutNonce => 90,
            Self::ActsBlindly => 130,
            Self::ActsLate => 420,
            Self::KeepsLook => 2570,
            Self::SkipsCheck => 490,
            _ => 0,
        }
    }

    /// How much later than it may a lock is taken over.
    pub(crate) const LATE: Duration = Duration::from_secs(10);

    /// What the machine hears instead of the store's `answer`.
    pub(crate) fn answer(self, answer: Answer, request: &LockRequest, at: &mut Circumstances) -> Answer {
        let written = |lock: &Lock| Answer::Written(format!("{} guessed", lock.nonce));
        match self {
            Self::CountsFromAnswer => at.sent_at = at.now,
            Self::ReturnsExpired => at.now = at.sent_at,
            _ => {}
        }
        match (self, answer, request) {
            (Self::UnclearCounts, Answer::Unclear, LockRequest::Create(lock) | LockRequest::Replace(_, lock))
            | (Self::RefusalCounts, Answer::Refused, LockRequest::Create(lock) | LockRequest::Replace(_, lock)) => {
                written(lock)
            }
            (Self::NoGrace, Answer::Found(seen), _) => {
                Answer::Found(Sighting { age: seen.age + Duration::from_secs(1), ..seen })
            }
            (Self::TakesOverLate, Answer::Found(seen), _) => {
                Answer::Found(Sighting { age: seen.age.saturating_sub(Self::LATE), ..seen })
            }
            (Self::SkipsProof, _, LockRequest::Prove(_)) => Answer::Refused,
            (_, answer, _) => answer,
        }
    }

    /// A second answer to the machine that has read its own lock, as if it had written.
    pub(crate) fn echo(self, answer: &Answer, agent: &Agent) -> Option<Answer> {
        match answer {
            Answer::Found(seen) if self == Self::EchoCounts => {
                let is_own = seen.lock.holder.as_ref()?.token == agent.holder.token;
                is_own.then(|| Answer::Written(seen.etag.clone()))
            }
            _ => None,
        }
    }

    /// What is written instead of `request`.
    pub(crate) fn write(self, request: &mut LockRequest, agent: &Agent, slot: Slot) {
        let line = if slot == Slot::Main { &agent.main } else { &agent.renewal };
        let (is_new, lock) = match request {
            LockRequest::Create(lock) => (true, lock),
            LockRequest::Replace(_, lock) => (false, lock),
            LockRequest::Read | LockRequest::Prove(_) => return,
        };
        let is_takeover = matches!(&line.heard, Some(Answer::Found(seen)) if seen.lock.generation < lock.generation);
        match self {
            Self::RestartsGenerations if is_new => lock.generation = 1,
            Self::KeepsGeneration if is_takeover => lock.generation -= 1,
            Self::ReusesNonce => "same".clone_into(&mut lock.nonce),
            Self::ShortensTimeToLive => {
                if let Some(holder) = &mut lock.holder {
                    holder.ttl /= 2;
                }
            }
            _ => {}
        }
    }

    /// What the machine of a lock returns instead of `next`.
    pub(crate) fn next(self, next: Next, agent: &Agent, slot: Slot, at: &Circumstances) -> Next {
        let line = if slot == Slot::Main { &agent.main } else { &agent.renewal };
        match (self, next) {
            (Self::FreesAnothers, Next::Done(Err(LockError::Lost(Some(seen))))) => {
                let free = Lock { generation: seen.lock.generation, nonce: at.nonce.clone(), holder: None };
                Next::Request(LockRequest::Replace(seen.etag, free))
            }
            (Self::GivesUpAtOnce, Next::Request(_)) if line.unclear > 0 => Next::Done(Err(LockError::Unsure)),
            (Self::NeverGivesUp, Next::Done(Err(LockError::Unsure))) => Next::Request(LockRequest::Read),
            (Self::SaysLost, Next::Request(LockRequest::Replace(..))) if line.unclear > 0 => {
                Next::Done(Err(LockError::Lost(None)))
            }
            (Self::SaysReleased, Next::Done(Err(LockError::Lost(_)))) => Next::Done(Ok(Verdict::GivenBack)),
            (_, Next::Done(Ok(Verdict::Held(lease)))) => Next::Done(Ok(Verdict::Held(self.lease(lease)))),
            (_, next) => next,
        }
    }

    /// What a claim hears instead of an `event`.
    pub(crate) fn event(self, event: Event) -> Event {
        match (self, event) {
            (Self::ActsBlindly, Event::Looked(_)) => Event::Looked(true),
            (Self::NeverActs, Event::Looked(_)) => Event::Looked(false),
            (Self::SkipsCheck, Event::Checked(_)) => Event::Checked(true),
            (Self::SaysDone, Event::Acted(_)) => Event::Acted(true),
            (_, event) => event,
        }
    }

    /// What counts as a lease instead of `lease`.
    pub(crate) fn lease(self, lease: Lease) -> Lease {
        let ttl = lease.holder.ttl;
        match self {
            Self::NoMargin => Lease { until: lease.until + ttl.saturating_sub(valid(ttl)), ..lease },
            Self::ShortLease => Lease { until: lease.until.saturating_sub(ttl / 2), ..lease },
            _ => lease,
        }
    }
}

//! Who wants the job flow: the machine that ships, and what it waits for.

use std::time::Duration;

use emr_core::claim::lease::{Answer, Circumstances, Lease, LockAttempt, LockError, LockRequest};
use emr_core::claim::protocol::{Action, ClaimAttempt, ClaimOutcome, Event, Purpose};
use emr_core::model::lock::{Holder, Token};

use crate::{ClaimModel, Flaw};

/// What an agent is.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub(crate) enum Role {
    /// `find-pool | add-step`: two processes with one token.
    Pipeline,
    /// `terminate-idle-job-flows`.
    Terminator,
}

/// What an agent waits for. The time is when its request was sent; it does not matter where it is zero.
#[derive(Debug, Clone, PartialEq, Eq, Hash)]
pub(crate) enum Waits {
    /// Its request has not arrived yet.
    Request(Action, Duration),
    /// The answer has not arrived yet.
    Answer(Event, Duration),
    /// For nothing: it has ended.
    Over(Outcome),
}

/// What came of an agent, without the details that make two states differ.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub(crate) enum Outcome {
    Acted,
    Busy,
    Unsafe,
    TooLate,
    Other,
}

/// One run.
#[derive(Debug, Clone, PartialEq, Eq, Hash)]
pub(crate) struct Agent {
    pub(crate) role: Role,
    pub(crate) waits: Waits,
    claim: ClaimAttempt,
    /// The claim that the first process of a pipeline printed, until the second one has renewed it.
    handed_on: Option<Lease>,
    /// Whether its first request has arrived.
    pub(crate) begun: bool,
    /// Whether it never heard of one of its requests.
    pub(crate) doubted: bool,
}

impl Agent {
    /// The agent number `index`, before its first request arrives.
    pub(crate) fn new(index: usize, role: Role, model: &ClaimModel) -> Self {
        let purpose = if role == Role::Pipeline { Purpose::Join } else { Purpose::End };
        let (claim, request) = ClaimAttempt::new(purpose, holder(index, model.ttl), model.takes);
        Self {
            role,
            waits: Waits::Request(request, Duration::ZERO),
            claim,
            handed_on: None,
            begun: false,
            doubted: false,
        }
    }

    /// The lease that it believes to have, run out or not.
    pub(crate) fn lease(&self) -> Option<&Lease> {
        self.claim.lease().or(self.handed_on.as_ref())
    }

    /// Whether the job flow is its own.
    pub(crate) fn holds(&self, now: Duration) -> bool {
        self.lease().is_some_and(|lease| now < lease.until)
    }

    /// What would renew the lease on which it works.
    pub(crate) fn renewal(&self) -> Option<LockRequest> {
        Some(LockAttempt::keep(self.claim.lease()?, String::new()).1)
    }

    /// Hears of `event`, and says what is next.
    pub(crate) fn hear(&mut self, index: usize, event: Event, sent_at: Duration, now: Duration, model: &ClaimModel) {
        let at = |sent_at| Circumstances { sent_at, now, nonce: String::new() };
        let echo = if model.flaw == Some(Flaw::EchoCounts) { own(index, &event) } else { None };
        let mut next = self.claim.next(event, &at(sent_at));
        if let (Some(etag), Action::Request(LockRequest::Replace(..))) = (echo, &next) {
            next = self.claim.next(Event::Answered(Answer::Written(etag)), &at(now));
        }
        if let Action::Done(Ok(ClaimOutcome::Claimed(lease))) = next {
            self.handed_on = Some(lease);
            (self.claim, next) = ClaimAttempt::new(Purpose::Add, holder(index, model.ttl), model.takes);
        } else if self.claim.lease().is_some() || gives_back(&next) {
            self.handed_on = None;
        }
        self.waits = match next {
            Action::Done(done) => {
                self.handed_on = None;
                Waits::Over(outcome(&done))
            }
            next => Waits::Request(next.clone(), if matters(&next, model) { now } else { Duration::ZERO }),
        };
    }
}

/// Whether it matters when `next` is sent.
fn matters(next: &Action, model: &ClaimModel) -> bool {
    match next {
        Action::Act | Action::Request(LockRequest::Create(_) | LockRequest::Replace(..)) => true,
        Action::Request(LockRequest::Prove(_)) => model.flaw == Some(Flaw::ReadsBack),
        _ => false,
    }
}

/// As what agent number `index` holds a lock.
pub(crate) fn holder(index: usize, ttl: Duration) -> Holder {
    Holder { token: Token(format!("agent {index}")), owner: String::new(), ttl }
}

/// The `ETag` of the object, where it was told that the object is its own.
fn own(index: usize, event: &Event) -> Option<String> {
    match event {
        Event::Answered(Answer::Found(sighting)) => {
            let holder = sighting.lock.holder.as_ref()?;
            (holder.token.0 == format!("agent {index}")).then(|| sighting.etag.clone())
        }
        _ => None,
    }
}

fn gives_back(next: &Action) -> bool {
    matches!(next, Action::Request(LockRequest::Replace(_, lock)) if lock.holder.is_none())
}

fn outcome(ending: &Result<ClaimOutcome, LockError>) -> Outcome {
    match ending {
        Ok(ClaimOutcome::Acted) => Outcome::Acted,
        Ok(ClaimOutcome::Busy(_)) => Outcome::Busy,
        Err(LockError::Unsafe) => Outcome::Unsafe,
        Ok(ClaimOutcome::TooLate) => Outcome::TooLate,
        Ok(ClaimOutcome::Claimed(_) | ClaimOutcome::Failed | ClaimOutcome::NotFree)
        | Err(LockError::Lost(_) | LockError::Unsure) => Outcome::Other,
    }
}

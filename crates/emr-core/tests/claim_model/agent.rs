//! An agent that wants the job flow: the shipped state machine, and the event that it waits for.

use std::time::Duration;

use emr_core::claim::lease::{Answer, Circumstances, Lease, LockAttempt, LockError, LockRequest};
use emr_core::claim::protocol::{Action, ClaimAttempt, ClaimOutcome, Event, Purpose};
use emr_core::model::lock::{Holder, Token};

use crate::{ClaimModel, Flaw};

/// The tool that an agent stands for.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub(crate) enum Role {
    /// `find-pool | add-step`: two processes with one token.
    Pipeline,
    /// `terminate-idle-job-flows`.
    Terminator,
}

/// What an agent waits for. The time is when its request was sent, or zero if it does not matter.
#[derive(Debug, Clone, PartialEq, Eq, Hash)]
pub(crate) enum Waits {
    /// Its request has not arrived yet.
    Request(Action, Duration),
    /// The answer has not arrived yet.
    Answer(Event, Duration),
    /// Nothing: it has ended.
    Over(Outcome),
}

/// The result of an agent, without details, so that more states are equal.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub(crate) enum Outcome {
    Acted,
    Busy,
    Unsafe,
    TooLate,
    Other,
}

/// One run of a tool or pipeline.
#[derive(Debug, Clone, PartialEq, Eq, Hash)]
pub(crate) struct Agent {
    pub(crate) role: Role,
    pub(crate) waits: Waits,
    claim: ClaimAttempt,
    /// The claim that the first process of a pipeline printed, until the second one has renewed it.
    handed_over: Option<Lease>,
    /// Whether its first request has arrived.
    pub(crate) begun: bool,
    /// Whether an answer to one of its requests was lost.
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
            handed_over: None,
            begun: false,
            doubted: false,
        }
    }

    /// The lease that it believes to have, expired or not.
    pub(crate) fn lease(&self) -> Option<&Lease> {
        self.claim.lease().or(self.handed_over.as_ref())
    }

    /// Whether it holds the job flow.
    pub(crate) fn holds(&self, now: Duration) -> bool {
        self.lease().is_some_and(|lease| now < lease.until)
    }

    /// The request that would renew its lease during an action.
    pub(crate) fn renewal(&self) -> Option<LockRequest> {
        Some(LockAttempt::keep(self.claim.lease()?, String::new()).1)
    }

    /// Takes `event` and determines the next action.
    pub(crate) fn hear(&mut self, index: usize, event: Event, sent_at: Duration, now: Duration, model: &ClaimModel) {
        let at = |sent_at| Circumstances { sent_at, now, nonce: String::new() };
        let echo = if model.flaw == Some(Flaw::EchoCounts) { own(index, &event) } else { None };
        let mut next = self.claim.next(event, &at(sent_at));
        if let (Some(etag), Action::Request(LockRequest::Replace(..))) = (echo, &next) {
            next = self.claim.next(Event::Answered(Answer::Written(etag)), &at(now));
        }
        if let Action::Done(Ok(ClaimOutcome::Claimed(lease))) = next {
            self.handed_over = Some(lease);
            (self.claim, next) = ClaimAttempt::new(Purpose::Add, holder(index, model.ttl), model.takes);
        } else if self.claim.lease().is_some() || gives_back(&next) {
            self.handed_over = None;
        }
        self.waits = match next {
            Action::Done(done) => {
                self.handed_over = None;
                Waits::Over(outcome(&done))
            }
            next => Waits::Request(next.clone(), if matters(&next, model) { now } else { Duration::ZERO }),
        };
    }
}

/// Whether the time at which `next` is sent matters.
fn matters(next: &Action, model: &ClaimModel) -> bool {
    match next {
        Action::Act | Action::Request(LockRequest::Create(_) | LockRequest::Replace(..)) => true,
        Action::Request(LockRequest::Prove(_)) => model.flaw == Some(Flaw::ReadsBack),
        _ => false,
    }
}

/// The lock holder of agent number `index`.
pub(crate) fn holder(index: usize, ttl: Duration) -> Holder {
    Holder { token: Token(format!("agent {index}")), owner: String::new(), ttl }
}

/// The `ETag` of the object, if the event shows that the object is the agent's own.
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

//! Claims job flows, as `emr-aws` drives the machine of a claim.

use emr_core::claim::lease::{Answer, Circumstances, LockRequest};
use emr_core::claim::protocol::{Action, ClaimAttempt, ClaimOutcome, Event, Purpose};

use crate::agent::{Aim, Slot, Task};
use crate::emr_work::{Asked, EmrAnswer};
use crate::flaw::Flaw;
use crate::property::Property;
use crate::world::World;

impl World {
    /// The store's answer arrives for a claim.
    pub(crate) fn claim_hears(&mut self, agent: usize, answer: Answer, at: &Circumstances) {
        let Task::Claim(mut claim, purpose) = std::mem::replace(&mut self.agents[agent].task, Task::Rest) else {
            return;
        };
        let before = claim.unsettled();
        let echo = self.flaw.and_then(|flaw| flaw.echo(&answer, &self.agents[agent]));
        let mut action = claim.next(Event::Answered(answer), at);
        if let (Some(echo), Action::Request(LockRequest::Replace(..))) = (echo, &action) {
            action = claim.next(Event::Answered(echo), at);
        }
        self.go_claiming(agent, claim, purpose, action, before);
    }

    /// EMR's answer, or what counts as one, arrives for a claim.
    pub(crate) fn claim_goes_on(&mut self, agent: usize, event: Event) {
        let Task::Claim(mut claim, purpose) = std::mem::replace(&mut self.agents[agent].task, Task::Rest) else {
            return;
        };
        self.stop_keeping(agent);
        if let (Some(lease), true) = (self.agents[agent].lease(), claim.lease().is_some()) {
            claim.renewed(lease.clone());
        }
        let now = self.agents[agent].clock.shows(self.now);
        let at = Circumstances { sent_at: now, now, nonce: self.nonce() };
        let event = match self.flaw {
            Some(flaw) => flaw.event(event),
            None => event,
        };
        let (before, was_looking) = (claim.unsettled(), matches!(event, Event::Looked(_)));
        let mut action = claim.next(event, &at);
        if self.flaw == Some(Flaw::NeverActs) && matches!(action, Action::Act) {
            action = claim.next(Event::Acted(false), &at);
        }
        if self.flaw == Some(Flaw::ActsLate) && was_looking && claim.decided() == Some(&ClaimOutcome::NotFree) {
            return self.act_anyway(agent, claim, purpose, action);
        }
        let is_free = self.agents[agent].truth.looked_free && purpose == Purpose::Join;
        if self.flaw == Some(Flaw::HandsOnLate) && was_looking && is_free && claim.decided().is_some() {
            return self.hand_on_anyway(agent, purpose);
        }
        self.go_claiming(agent, claim, purpose, action, before);
    }

    /// Takes the machine's next `action`.
    fn go_claiming(&mut self, agent: usize, claim: ClaimAttempt, purpose: Purpose, action: Action, before: u32) {
        if let Some(lease) = claim.lease()
            && self.agents[agent].lease() != Some(lease)
        {
            let lease = self.flaw.map_or_else(|| lease.clone(), |flaw| flaw.lease(lease.clone()));
            self.judge_lease(agent, Slot::Main, &lease);
            self.hold(agent, lease);
        }
        self.act_on(agent, claim, purpose, action, before);
    }

    /// Does what the machine wants.
    pub(crate) fn act_on(&mut self, agent: usize, claim: ClaimAttempt, purpose: Purpose, action: Action, before: u32) {
        if claim.ttl() != self.agents[agent].holder.ttl && !matches!(action, Action::Done(_)) {
            self.find(Property::TimeToLiveStays, format!("agent {agent} asks as for {:?}", claim.ttl()));
        }
        let is_unlocking = claim.decided().is_some();
        if is_unlocking && matches!(&action, Action::Request(LockRequest::Replace(..))) {
            self.begin_unlocking(agent, &claim, purpose);
        }
        let unsettled = claim.unsettled();
        self.agents[agent].task = Task::Claim(claim, purpose);
        match action {
            Action::Request(request) => {
                if self.flaw == Some(Flaw::KeepsLock) && is_unlocking {
                    return self.claimed(agent, Ok(ClaimOutcome::NotFree), purpose);
                }
                // Another holder may have had the lock since a look while the store was tested before.
                if !matches!(request, LockRequest::Prove(_)) && self.flaw != Some(Flaw::KeepsLook) {
                    self.agents[agent].looked = None;
                }
                if matches!(request, LockRequest::Prove(_)) && self.agents[agent].looked.is_none() && self.rng.bool() {
                    self.look_early(agent);
                }
                self.send_after(agent, Slot::Main, request, before, unsettled);
            }
            Action::Look => match self.agents[agent].looked.take() {
                Some(free) => self.told(agent, EmrAnswer::Free(free)),
                None => self.ask(agent, Asked::Look),
            },
            Action::Act => self.ask(agent, Asked::Act(purpose)),
            Action::Check => self.ask(agent, Asked::Check),
            Action::Undo => self.ask(agent, Asked::Undo),
            Action::Done(done) => self.claimed(agent, done, purpose),
        }
    }

    fn begin_unlocking(&mut self, agent: usize, claim: &ClaimAttempt, purpose: Purpose) {
        if self.agents[agent].held.is_none() {
            return;
        }
        if let Some(outcome) = claim.decided() {
            self.judge_decision(agent, outcome, purpose);
        }
        self.let_go(agent);
        self.forget(agent, Slot::Main);
    }

    /// A claim has ended.
    fn claimed(
        &mut self,
        agent: usize,
        done: Result<ClaimOutcome, emr_core::claim::lease::LockError>,
        purpose: Purpose,
    ) {
        self.stop_keeping(agent);
        self.tell(|_| format!("agent {agent} has claimed: {done:?}"));
        match done {
            Ok(ClaimOutcome::Claimed(lease)) => {
                self.judge_claim(agent, &lease);
                self.hand_on(agent, Aim::Add);
            }
            Ok(ClaimOutcome::Busy(sighting)) => {
                self.judge_busy(agent, &sighting);
                self.rest(agent, true);
            }
            Ok(outcome) => {
                self.judge_outcome(agent, &outcome, purpose);
                self.agents[agent].is_content |= self.is_calm && outcome == ClaimOutcome::Acted;
                self.rest(agent, outcome != ClaimOutcome::Acted);
            }
            Err(error) => {
                self.judge_error(agent, Slot::Main, &error);
                self.rest(agent, true);
            }
        }
    }

    /// Hands the claim on although too little of the lease is left.
    fn hand_on_anyway(&mut self, agent: usize, purpose: Purpose) {
        match self.agents[agent].lease().cloned() {
            Some(lease) => self.claimed(agent, Ok(ClaimOutcome::Claimed(lease)), purpose),
            None => self.rest(agent, true),
        }
    }

    /// Acts although too little of the lease is left.
    fn act_anyway(&mut self, agent: usize, claim: ClaimAttempt, purpose: Purpose, unlock: Action) {
        self.agents[agent].task = Task::Claim(claim, purpose);
        if purpose == Purpose::End {
            self.ask(agent, Asked::Act(purpose));
        } else if let Action::Request(request) = unlock {
            self.let_go(agent);
            self.send(agent, Slot::Main, request);
        }
    }
}

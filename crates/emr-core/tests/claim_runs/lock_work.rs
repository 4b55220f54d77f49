//! Acquires, renews and releases locks, as `emr-aws` drives the machine of a lock.

use std::time::Duration;

use emr_core::claim::lease::{
    Answer, Circumstances, Goal, Lease, LockAttempt, LockError, LockRequest, Next, Verdict, margin,
};

use crate::agent::{Aim, Slot, Task};
use crate::flaw::Flaw;
use crate::property::Property;
use crate::scenario::Role;
use crate::world::World;

impl World {
    /// Begins to acquire the lock of `agent`.
    pub(crate) fn acquire(&mut self, agent: usize, aim: Aim) {
        let (attempt, request) = LockAttempt::new(Goal::Hold, self.agents[agent].holder.clone());
        self.agents[agent].task = Task::Lock(attempt, aim);
        self.begin(agent, Slot::Main, request);
    }

    /// Begins to release `lease`.
    pub(crate) fn release(&mut self, agent: usize, lease: &Lease) {
        self.let_go(agent);
        let nonce = self.nonce();
        let (attempt, request) = LockAttempt::give_back(lease, nonce);
        self.agents[agent].task = Task::Lock(attempt, Aim::Release);
        self.begin(agent, Slot::Main, request);
    }

    /// The machine's step after `answer`.
    fn next(
        &mut self,
        agent: usize,
        slot: Slot,
        attempt: &mut LockAttempt,
        answer: Answer,
        at: &Circumstances,
    ) -> Next {
        let ttl = self.agents[agent].holder.ttl;
        if attempt.ttl() != ttl {
            self.find(Property::TimeToLiveStays, format!("agent {agent} asks as for {:?}", attempt.ttl()));
        }
        let echo = self.flaw.and_then(|flaw| flaw.echo(&answer, &self.agents[agent]));
        let next = attempt.next(answer, at);
        let next = match (echo, &next) {
            (Some(echo), Next::Request(LockRequest::Replace(..))) => attempt.next(echo, at),
            _ => next,
        };
        let next = match self.flaw {
            Some(flaw) => flaw.next(next, &self.agents[agent], slot, at),
            None => next,
        };
        if let Next::Done(Ok(Verdict::Held(lease))) = &next {
            self.judge_lease(agent, slot, lease);
        }
        if let Next::Done(Err(error)) = &next {
            self.judge_error(agent, slot, error);
        }
        next
    }

    /// An answer arrives for a process that acquires, renews or releases.
    pub(crate) fn lock_hears(&mut self, agent: usize, answer: Answer, at: &Circumstances) {
        let Task::Lock(mut attempt, aim) = std::mem::replace(&mut self.agents[agent].task, Task::Rest) else { return };
        let before = attempt.unsettled();
        match self.next(agent, Slot::Main, &mut attempt, answer, at) {
            Next::Request(request) => {
                let unsettled = attempt.unsettled();
                self.agents[agent].task = Task::Lock(attempt, aim);
                self.send_after(agent, Slot::Main, request, before, unsettled);
            }
            Next::Done(Ok(Verdict::Held(lease))) => {
                self.hold(agent, lease);
                self.has_lock(agent, aim);
            }
            Next::Done(Ok(Verdict::GivenBack)) => {
                self.judge_release(agent);
                self.rest(agent, false);
            }
            Next::Done(Ok(Verdict::Busy(sighting))) => {
                self.judge_busy(agent, &sighting);
                self.rest(agent, true);
            }
            Next::Done(Err(error)) => {
                self.tell(|_| format!("agent {agent} ends: {error:?}"));
                self.rest(agent, true);
            }
        }
    }

    /// A lock is held: what it was for begins.
    fn has_lock(&mut self, agent: usize, aim: Aim) {
        let ttl = self.agents[agent].holder.ttl;
        match aim {
            Aim::Run => {
                let is_flawed = self.flaw == Some(Flaw::SparesNoTime);
                self.keep(agent, if is_flawed { Duration::ZERO } else { margin(ttl) });
                self.work(agent, aim, ttl * 2);
            }
            Aim::Create => {
                self.agents[agent].task = Task::Start;
                self.keep(agent, Duration::ZERO);
                self.look_at_pool(agent);
            }
            Aim::Add => {
                self.keep(agent, Duration::ZERO);
                let often = self.rng.u32(..4);
                self.work(agent, aim, if often == 0 { ttl * 2 } else { ttl / 10 });
            }
            Aim::Renew | Aim::Release => {
                let next = if self.rng.bool() { Aim::Renew } else { Aim::Release };
                self.hand_on(agent, next);
            }
        }
    }

    /// Renews the lease of `agent` while it works, as long as more than `spare` of it is left.
    pub(crate) fn keep(&mut self, agent: usize, spare: Duration) {
        let now = self.agents[agent].clock.shows(self.now);
        let Some(lease) = self.agents[agent].lease() else { return };
        let wait = (lease.holder.ttl / 3).min(lease.left(now).saturating_sub(spare));
        self.agents[agent].spare = spare;
        self.agents[agent].renewals_failed = 0;
        self.agents[agent].is_lost = false;
        self.ring(agent, Slot::Renewal, wait, None);
    }

    /// Renews no longer. A renewal that is under way may still arrive.
    pub(crate) fn stop_keeping(&mut self, agent: usize) {
        self.number(agent, Slot::Renewal);
        self.agents[agent].renewing = None;
    }

    /// The time for a renewal has come.
    pub(crate) fn renew(&mut self, agent: usize) {
        let now = self.agents[agent].clock.shows(self.now);
        let Some(lease) = self.agents[agent].lease().cloned() else { return };
        let left = lease.left(now).saturating_sub(self.agents[agent].spare);
        if left.is_zero() {
            return self.loses(agent, true);
        }
        let nonce = self.nonce();
        let (attempt, request) = LockAttempt::keep(&lease, nonce);
        self.agents[agent].renewing = Some(attempt);
        self.agents[agent].renew_until = now + left;
        self.begin(agent, Slot::Renewal, request);
    }

    /// An answer to a renewal arrives.
    pub(crate) fn renewal_hears(&mut self, agent: usize, answer: Answer, at: &Circumstances) {
        let Some(mut attempt) = self.agents[agent].renewing.take() else { return };
        if at.now >= self.agents[agent].renew_until {
            return self.renewal_failed(agent);
        }
        let before = attempt.unsettled();
        match self.next(agent, Slot::Renewal, &mut attempt, answer, at) {
            Next::Request(request) => {
                let unsettled = attempt.unsettled();
                self.agents[agent].renewing = Some(attempt);
                self.send_after(agent, Slot::Renewal, request, before, unsettled);
            }
            Next::Done(Ok(Verdict::Held(lease))) => {
                self.hold(agent, lease);
                self.agents[agent].renewals_failed = 0;
                let spare = self.agents[agent].spare;
                self.keep(agent, spare);
            }
            Next::Done(Err(LockError::Lost(_))) => self.loses(agent, false),
            Next::Done(_) => self.renewal_failed(agent),
        }
    }

    fn renewal_failed(&mut self, agent: usize) {
        self.agents[agent].renewals_failed += 1;
        let tries = self.agents[agent].renewals_failed;
        let now = self.agents[agent].clock.shows(self.now);
        let left = self.agents[agent].lease().map_or(Duration::ZERO, |lease| lease.left(now));
        let wait = self.quick_delay(tries).min(left.saturating_sub(self.agents[agent].spare));
        self.ring(agent, Slot::Renewal, wait, None);
    }

    /// The lease of a process that works is over, because its time is, or because another has the lock.
    fn loses(&mut self, agent: usize, is_late: bool) {
        self.tally.lost += 1;
        self.tell(|_| format!("agent {agent} loses its lease"));
        self.stop_keeping(agent);
        self.agents[agent].is_lost = true;
        match &self.agents[agent].task {
            Task::Work(Aim::Run) => {
                if is_late {
                    self.judge_margin(agent);
                }
                self.end_run(agent);
            }
            Task::Work(_) => self.rest(agent, true),
            // A retry after the lease would terminate somebody else's job.
            Task::Claim(claim, _) if claim.is_acting() && self.agents[agent].role == Role::Sweeper => {
                self.rest(agent, true);
            }
            _ => {}
        }
    }

    /// The command has ended: releases the lock, unless the lease is over.
    pub(crate) fn end_run(&mut self, agent: usize) {
        self.stop_keeping(agent);
        let now = self.agents[agent].clock.shows(self.now);
        match self.agents[agent].lease().cloned().filter(|lease| !lease.left(now).is_zero()) {
            Some(lease) if self.flaw != Some(Flaw::KeepsLock) => self.release(agent, &lease),
            _ => self.rest(agent, false),
        }
    }
}

//! Judges what the machines return and what reaches EMR.

use std::time::Duration;

use emr_core::claim::lease::{Answer, Lease, LockError, LockRequest, Sighting};
use emr_core::claim::protocol::{ClaimOutcome, Purpose};

use crate::agent::{Held, Slot};
use crate::emr_work::Visit;
use crate::flaw::Flaw;
use crate::line::shortest;
use crate::property::Property;
use crate::world::World;

/// A clock rounds to microseconds.
const ROUNDING: Duration = Duration::from_micros(10);

impl World {
    /// Notes that `agent` holds its lock by `lease`.
    pub(crate) fn hold(&mut self, agent: usize, lease: Lease) {
        let lock = self.agents[agent].lock;
        self.tally.leases += 1;
        self.tell(|_| format!("agent {agent} holds lock {lock} by generation {}", lease.generation));
        let is_void = self.store.deleted[lock].is_some_and(|deleted| self.sent(agent, &lease) <= deleted);
        for other in self.holders[lock].clone() {
            let is_another = other != agent && self.token(other) != self.token(agent);
            let meets = is_another && !is_void && self.agents[other].holds(lock, self.now);
            if meets && !self.scenario.is_unsafe() {
                self.find(Property::OneHolder, format!("agents {other} and {agent} hold lock {lock}"));
            }
        }
        if self.scenario.is_unsafe() {
            self.find(Property::UnsafeStoreIsRefused, format!("agent {agent} holds lock {lock}"));
        }
        if !self.holders[lock].contains(&agent) {
            self.holders[lock].push(agent);
        }
        self.agents[agent].held = Some(Held { lock, lease, is_void });
    }

    /// The true time at which the write of `lease` was sent.
    fn sent(&self, agent: usize, lease: &Lease) -> Duration {
        let agent = &self.agents[agent];
        let wrote =
            [&agent.main.wrote, &agent.renewal.wrote].into_iter().flatten().find(|wrote| wrote.etag == lease.etag);
        let sent = wrote.map_or(Duration::ZERO, |wrote| wrote.until.saturating_sub(agent.holder.ttl));
        self.now.saturating_sub(agent.clock.true_time(agent.clock.shows(self.now).saturating_sub(sent)))
    }

    /// Notes that `agent` holds nothing any more.
    pub(crate) fn let_go(&mut self, agent: usize) {
        if let Some(held) = self.agents[agent].held.take() {
            self.holders[held.lock].retain(|holder| *holder != agent);
        }
    }

    pub(crate) fn judge_request(&mut self, agent: usize, slot: Slot, request: &LockRequest) {
        let holder = &self.agents[agent].holder;
        if let LockRequest::Create(lock) | LockRequest::Replace(_, lock) = request
            && let Some(written) = &lock.holder
            && written != holder
        {
            let what = format!("agent {agent} writes {} with {:?}", written.token.0, written.ttl);
            return self.find(Property::TimeToLiveStays, what);
        }
        // If the store carries it out, its sender must not be able to release it as its own.
        if let LockRequest::Prove(lock) = request
            && lock.holder.as_ref().is_none_or(|nobody| nobody.token == holder.token)
        {
            return self.find(Property::HeldByWrite, format!("the test of agent {agent} has its token"));
        }
        self.agents[agent].line(slot).requests += 1;
        if self.agents[agent].line(slot).requests > 60 {
            self.find(Property::Ends, format!("agent {agent} has sent more than 60 requests"));
        }
    }

    /// Whether `lease` is the last successful write, and lasts.
    pub(crate) fn judge_lease(&mut self, agent: usize, slot: Slot, lease: &Lease) {
        let now = self.agents[agent].clock.shows(self.now);
        let Some(wrote) = self.agents[agent].line(slot).wrote.clone() else {
            return self.find(Property::HeldByWrite, format!("agent {agent} has a lease without a write"));
        };
        let is_it = (lease.generation, &lease.etag, &lease.holder) == (wrote.generation, &wrote.etag, &wrote.holder);
        if !is_it {
            return self.find(Property::HeldByWrite, format!("agent {agent} has {lease:?} for the write {wrote:?}"));
        }
        let ttl = lease.holder.ttl;
        if lease.until + ROUNDING < shortest(&wrote) || lease.until > wrote.until {
            let lasts = lease.until.saturating_sub(wrote.until.saturating_sub(ttl));
            return self.find(Property::LeaseLasts, format!("the lease of agent {agent} lasts {lasts:?} of {ttl:?}"));
        }
        if lease.until <= now {
            self.find(Property::LeaseIsLive, format!("agent {agent} gets a lease that is over"));
        }
    }

    pub(crate) fn judge_error(&mut self, agent: usize, slot: Slot, error: &LockError) {
        let (now, token) = (self.agents[agent].clock.shows(self.now), self.token(agent).clone());
        let line = self.agents[agent].line(slot);
        let is_own = matches!(&line.heard, Some(Answer::Found(seen))
            if seen.lock.holder.as_ref().is_some_and(|holder| holder.token == token));
        match error {
            LockError::Lost(_) if is_own || !matches!(line.heard, Some(Answer::Found(_) | Answer::Absent(_))) => {
                self.find(Property::NotLostWhileHeld, format!("agent {agent} loses a lock that is its own"));
            }
            LockError::Unsure => {
                let (unclear, took) = (line.unclear, now.saturating_sub(line.unclear_since));
                self.tally.unsure += 1;
                if unclear < 8 {
                    self.find(Property::IsPatient, format!("agent {agent} gives up after {unclear} unclear answers"));
                } else if took < Duration::from_millis(500) {
                    self.find(Property::BacksOff, format!("agent {agent} has asked {unclear} times in {took:?}"));
                }
            }
            LockError::Unsafe => {
                self.tally.unsafe_stores += 1;
                // If the object is deleted while the store is tested, one of the writes succeeds.
                if !self.scenario.is_unsafe() && !self.was_deleted(self.agents[agent].lock) {
                    self.find(Property::SaysTheTruth, format!("agent {agent} takes the store for unsafe"));
                }
            }
            LockError::Lost(_) => {}
        }
    }

    /// A lock is busy only while another's time to live is not over, by the store's clock.
    pub(crate) fn judge_busy(&mut self, agent: usize, sighting: &Sighting) {
        self.tally.busy += 1;
        let heard = Some(Answer::Found(sighting.clone()));
        let is_heard = self.agents[agent].main.heard == heard;
        match &sighting.lock.holder {
            Some(holder) if is_heard && holder.token != *self.token(agent) => {
                // The flaw shows another age than the store's.
                let age =
                    sighting.age + if self.flaw == Some(Flaw::TakesOverLate) { Flaw::LATE } else { Duration::ZERO };
                if age >= holder.ttl + Duration::from_secs(1) {
                    self.find(Property::ExpiredIsNotBusy, format!("a lock of {:?} is busy after {age:?}", holder.ttl));
                }
            }
            _ => self.find(Property::NotLostWhileHeld, format!("agent {agent} finds {sighting:?} busy")),
        }
    }

    /// Who is told that its lock is released has written that, unless another has had the lock since.
    pub(crate) fn judge_release(&mut self, agent: usize) {
        let lock = self.agents[agent].lock;
        if !self.agents[agent].truth.is_freed && (!self.agents[agent].main.has_written || self.is_own(agent)) {
            self.find(Property::SaysTheTruth, format!("agent {agent} has not released lock {lock}"));
        }
        if self.is_own(agent) {
            self.find(Property::GivesBack, format!("agent {agent} still has lock {lock}"));
        }
    }

    fn is_own(&self, agent: usize) -> bool {
        let lock = self.agents[agent].lock;
        // After a deletion a creation that was given up may succeed after all.
        self.store.token(lock) == Some(self.token(agent)) && !self.was_deleted(lock)
    }

    /// A claim is kept only if the job flow is free.
    pub(crate) fn judge_claim(&mut self, agent: usize, lease: &Lease) {
        if !self.agents[agent].truth.looked_free {
            self.find(Property::SaysTheTruth, format!("agent {agent} claims what is not free"));
        }
        let left = lease.left(self.agents[agent].clock.shows(self.now));
        if left < self.agents[agent].takes() {
            self.find(Property::HandsOnInTime, format!("agent {agent} hands on a claim with {left:?} left"));
        }
        if self.flaw.is_none() && self.agents[agent].lease() != Some(lease) {
            self.find(Property::HeldByWrite, format!("agent {agent} hands on {lease:?}, which it does not hold"));
        }
    }

    /// The machine has decided to unlock, while the lease is still held.
    pub(crate) fn judge_decision(&mut self, agent: usize, outcome: &ClaimOutcome, purpose: Purpose) {
        let now = self.agents[agent].clock.shows(self.now);
        let lasts = match (purpose, &self.agents[agent].main.wrote, self.agents[agent].lease()) {
            (Purpose::Add, Some(wrote), _) => shortest(wrote),
            (_, _, Some(lease)) => lease.until,
            _ => return,
        };
        let is_enough = lasts.saturating_sub(now) >= self.agents[agent].takes() + ROUNDING;
        let saw_free = purpose == Purpose::Add || self.agents[agent].truth.looked_free;
        if *outcome == ClaimOutcome::NotFree && saw_free && is_enough {
            self.find(Property::SpendsTheLease, format!("agent {agent} leaves a free job flow alone"));
        }
    }

    pub(crate) fn judge_outcome(&mut self, agent: usize, outcome: &ClaimOutcome, purpose: Purpose) {
        let (truth, job) = (self.agents[agent].truth, self.agents[agent].job);
        let job_flow = &mut self.emr.job_flows[self.agents[agent].job_flow];
        let place = job_flow.steps.iter().position(|step| step.job == job);
        let meets = job_flow.steps.iter().any(|step| step.job != job && step.is_reported);
        let is_so = match outcome {
            ClaimOutcome::Acted => truth.is_done || (purpose == Purpose::End && job_flow.is_terminated),
            ClaimOutcome::TooLate => truth.is_unchecked || place.is_none_or(|place| place == 0),
            _ => !truth.is_done,
        };
        if let (ClaimOutcome::Acted, Some(place), false) = (outcome, place, truth.is_unchecked) {
            job_flow.steps[place].is_reported = true;
            if meets {
                self.find(Property::OneStepStays, format!("the step of agent {agent} stays beside another"));
            }
        }
        if !is_so {
            self.find(Property::SaysTheTruth, format!("agent {agent} reports {outcome:?}, and in truth {truth:?}"));
        }
        if self.is_own(agent) && self.agents[agent].main.unclear < 8 {
            self.find(Property::GivesBack, format!("agent {agent} ends with {outcome:?} and keeps its lock"));
        }
    }

    /// Whether the lock was deleted not long ago, which no lease survives.
    fn was_deleted(&self, lock: usize) -> bool {
        let longest = self.scenario.ttls.iter().max().copied().unwrap_or_default();
        self.store.deleted[lock].is_some_and(|at| at + longest * 4 + Duration::from_mins(2) > self.now)
    }

    /// Whether an action is exempt: nothing stops a process that was stopped after its decision.
    fn is_exempt(&mut self, visit: &Visit) -> bool {
        let is_after = self.now >= visit.valid_until;
        self.tally.late_actions += u64::from(visit.is_late && is_after);
        visit.is_late || self.was_deleted(visit.lock) || self.scenario.is_unsafe()
    }

    fn judge_lease_of(&mut self, agent: usize, visit: &Visit) {
        let is_renewed = self.agents[agent].job == visit.job && self.agents[agent].holds(visit.lock, self.now);
        if self.now >= visit.valid_until && !is_renewed {
            let after = self.now.saturating_sub(visit.decided);
            self.find(Property::ActsUnderLease, format!("agent {agent} acts {after:?} after its decision"));
        }
        for other in self.holders[visit.lock].clone() {
            if other != agent && self.agents[other].holds(visit.lock, self.now) {
                let what = format!("agent {agent} acts while agent {other} has lock {}", visit.lock);
                self.find(Property::NoneClaimedIsUsed, what);
            }
        }
    }

    pub(crate) fn judge_addition(&mut self, agent: usize, visit: &Visit) {
        if self.is_exempt(visit) {
            return;
        }
        self.judge_lease_of(agent, visit);
        if self.emr.job_flows[visit.job_flow].steps.iter().any(|step| !step.is_late) {
            self.find(Property::OneJob, format!("the step of agent {agent} meets another's"));
        }
    }

    pub(crate) fn judge_termination(&mut self, agent: usize, visit: &Visit) {
        if self.is_exempt(visit) {
            return;
        }
        self.judge_lease_of(agent, visit);
        if self.emr.job_flows[visit.job_flow].steps.iter().any(|step| !step.is_late) {
            self.find(Property::NoneBusyIsEnded, format!("agent {agent} terminates a job flow in use"));
        }
    }

    pub(crate) fn judge_start(&mut self, agent: usize, visit: &Visit) {
        if self.is_exempt(visit) {
            self.late_starts += 1;
            return;
        }
        // Without a lease, what matters is what comes of it.
        if self.flaw != Some(Flaw::StartsUnlocked) {
            self.judge_lease_of(agent, visit);
        }
        let (seen, started) = (self.agents[agent].truth.started, self.emr.started);
        if self.agents[agent].job == visit.job && started != seen && self.late_starts == 0 {
            self.find(Property::HerdMakesOne, format!("agent {agent} saw {seen} starts, and there were {started}"));
        }
        if self.emr.alive() >= self.scenario.most + self.late_starts {
            self.find(Property::PoolIsBounded, format!("agent {agent} starts one more than {}", self.scenario.most));
        }
    }

    /// Work under a lease has time to end before the lease does.
    pub(crate) fn judge_margin(&mut self, agent: usize) {
        let now = self.agents[agent].clock.shows(self.now);
        let ttl = self.agents[agent].holder.ttl;
        let wanted = (ttl / 6).min(Duration::from_secs(5));
        if self.agents[agent].spare.abs_diff(wanted) > ROUNDING {
            let left = self.agents[agent].lease().map_or(Duration::ZERO, |lease| lease.left(now));
            self.find(Property::TimeToEnd, format!("agent {agent} has {left:?} of {ttl:?} to end its work"));
        }
    }
}

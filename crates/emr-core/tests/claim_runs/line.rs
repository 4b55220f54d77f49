//! Requests to the store and their answers, as the tools send and hear them.

use std::time::Duration;

use emr_core::claim::backoff;
use emr_core::claim::lease::{Answer, Circumstances, Lease, LockRequest};

use crate::agent::{Line, Slot, Task, Waits};
use crate::faults::{Fate, Reply, up_to};
use crate::flaw::Flaw;
use crate::property::Property;
use crate::store::Stamp;
use crate::world::{Event, Parcel, World};

impl World {
    /// Begins an attempt with this `request`.
    pub(crate) fn begin(&mut self, agent: usize, slot: Slot, request: LockRequest) {
        self.forget(agent, slot);
        self.send(agent, slot, request);
    }

    /// Forgets the answers to earlier attempts.
    pub(crate) fn forget(&mut self, agent: usize, slot: Slot) {
        let number = self.agents[agent].line(slot).number;
        *self.agents[agent].line(slot) = Line { number, ..Line::default() };
    }

    /// Sends `request`. The clock is read before a stop, as in the tools.
    pub(crate) fn send(&mut self, agent: usize, slot: Slot, mut request: LockRequest) {
        if let Some(flaw) = self.flaw {
            flaw.write(&mut request, &self.agents[agent], slot);
        }
        self.judge_request(agent, slot, &request);
        let (sent_at, limit) = (self.agents[agent].clock.shows(self.now), self.limit(agent, slot));
        let (lock, ttl) = (self.agents[agent].lock, self.agents[agent].holder.ttl);
        let fate = Fate::draw(&mut self.rng, &self.faults, self.agents[agent].limit(), ttl);
        let goes = self.now + self.stop_now_and_then(agent, self.faults.stop_before_sending);
        let number = self.number(agent, slot);
        self.tell(|world| {
            format!("agent {agent} sends {} for lock {lock} as {}", name(&request), world.token(agent).0)
        });
        if let Some(reaches) = fate.reaches {
            let (token, began) = (self.token(agent).clone(), goes + reaches.saturating_sub(fate.received_before));
            let read = self.read_at(agent, slot);
            let parcel = Parcel { lock, token, read, began, reply: fate.answer, answered: fate.answered };
            self.schedule(goes + reaches, Event::Arrive { agent, slot, number, request: request.clone(), parcel });
        }
        let line = self.agents[agent].line(slot);
        line.has_written |= request != LockRequest::Read;
        line.waits = Waits::Answer(request, sent_at);
        let until = goes + self.agents[agent].clock.true_time(limit);
        self.schedule(until, Event::Ring { agent, slot, number });
    }

    /// The true time of the answer that the next request follows: a process may be stopped since.
    fn read_at(&mut self, agent: usize, slot: Slot) -> Duration {
        self.agents[agent].line(slot).replied.unwrap_or(self.now)
    }

    fn limit(&self, agent: usize, slot: Slot) -> Duration {
        let agent = &self.agents[agent];
        match slot {
            Slot::Main => agent.limit(),
            Slot::Renewal => agent.limit().min(agent.renew_until.saturating_sub(agent.clock.shows(self.now))),
        }
    }

    /// A request arrives at the store.
    pub(crate) fn arrive(&mut self, agent: usize, slot: Slot, number: u64, request: &LockRequest, parcel: &Parcel) {
        let is_write = matches!(request, LockRequest::Create(_) | LockRequest::Replace(..));
        let answer = match parcel.reply {
            Reply::Conflict if is_write => Answer::Conflict,
            Reply::Failed => Answer::Unclear,
            Reply::Usual | Reply::Unclear | Reply::Conflict => {
                let done = self.carry_out(agent, request, parcel);
                let is_late = self.agents[agent].line(slot).number != number;
                self.tally.late_writes += u64::from(is_late && matches!(done, Answer::Written(_)));
                if parcel.reply == Reply::Usual { done } else { Answer::Unclear }
            }
        };
        if self.agents[agent].line(slot).number == number {
            self.agents[agent].line(slot).replied = Some(self.now);
        }
        if let Some(takes) = parcel.answered {
            self.schedule(self.now + takes, Event::Hear { agent, slot, number, answer });
        }
    }

    fn carry_out(&mut self, agent: usize, request: &LockRequest, parcel: &Parcel) -> Answer {
        let ahead = [Duration::ZERO, self.store.skew];
        let (one, other) = (ahead[self.rng.usize(..2)], ahead[self.rng.usize(..2)]);
        let dated = self.now + up_to(&mut self.rng, parcel.answered.unwrap_or_default());
        let (began, received) = (parcel.began, parcel.began + one);
        let stamp = Stamp { read: parcel.read, now: self.now, began, received, dated: dated + other };
        let answer = self.store.answer(parcel.lock, request, &parcel.token, stamp);
        self.tell(|_| format!("lock {}: {} of {}: {answer:?}", parcel.lock, name(request), parcel.token.0));
        if let Some((property, what)) = self.store.wrong.take().filter(|_| !self.scenario.is_unsafe()) {
            self.find(property, format!("on lock {}: {what}", parcel.lock));
        }
        if let (LockRequest::Create(lock) | LockRequest::Replace(_, lock), Answer::Written(_)) = (request, &answer)
            && lock.holder.is_none()
            && *self.token(agent) == parcel.token
        {
            self.agents[agent].truth.is_freed = true;
        }
        answer
    }

    /// What a slot waited for has come, or its time is over.
    pub(crate) fn rings(&mut self, agent: usize, slot: Slot) {
        match std::mem::take(&mut self.agents[agent].line(slot).waits) {
            Waits::Nothing => {}
            Waits::Answer(request, sent_at) => {
                self.agents[agent].line(slot).waits = Waits::Answer(request, sent_at);
                self.hear(agent, slot, Answer::Unclear);
            }
            Waits::Emr => self.emr_is_silent(agent),
            Waits::Timer(Some(request)) => self.send(agent, slot, request),
            Waits::Timer(None) if slot == Slot::Renewal => self.renew(agent),
            Waits::Timer(None) => self.go_on(agent),
        }
    }

    /// Takes the store's answer.
    pub(crate) fn hear(&mut self, agent: usize, slot: Slot, answer: Answer) {
        let Waits::Answer(request, sent_at) = std::mem::take(&mut self.agents[agent].line(slot).waits) else { return };
        self.number(agent, slot);
        let now = self.agents[agent].clock.shows(self.now);
        let mut at = Circumstances { sent_at, now, nonce: self.nonce() };
        self.note_answer(agent, slot, &request, &answer, &at);
        let answer = match self.flaw {
            Some(flaw) => flaw.answer(answer, &request, &mut at),
            None => answer,
        };
        self.agents[agent].line(slot).heard = Some(answer.clone());
        match (slot, &self.agents[agent].task) {
            (Slot::Renewal, _) => self.renewal_hears(agent, answer, &at),
            (Slot::Main, Task::Lock(..)) => self.lock_hears(agent, answer, &at),
            (Slot::Main, Task::Claim(..)) => self.claim_hears(agent, answer, &at),
            (Slot::Main, Task::PickUp(_)) => self.pick_up_hears(agent, answer),
            _ => {}
        }
    }

    /// Notes what a lease must be, and how often answers were inconclusive.
    fn note_answer(&mut self, agent: usize, slot: Slot, request: &LockRequest, answer: &Answer, at: &Circumstances) {
        let holder = self.agents[agent].holder.clone();
        let line = self.agents[agent].line(slot);
        if let (LockRequest::Create(lock) | LockRequest::Replace(_, lock), Answer::Written(etag)) = (request, answer) {
            let (generation, etag, until) = (lock.generation, etag.clone(), at.sent_at + holder.ttl);
            line.wrote = Some(Lease { holder, generation, etag, until });
        }
        let is_over = line.wrote.as_ref().is_some_and(|wrote| shortest(wrote) <= at.now);
        let is_clear = match (request, answer) {
            (LockRequest::Prove(_), Answer::Refused) => !is_over,
            (LockRequest::Create(lock) | LockRequest::Replace(_, lock), Answer::Written(_)) => {
                !is_over || lock.holder.is_none()
            }
            (_, Answer::Written(_) | Answer::Found(_) | Answer::Absent(_)) => true,
            (_, Answer::Refused | Answer::Conflict | Answer::Unclear) => false,
        };
        if !is_clear {
            line.unclear_since = if line.unclear == 0 { at.now } else { line.unclear_since };
            line.unclear += 1;
        }
        let unclear = line.unclear;
        if unclear > 30 {
            self.find(Property::Ends, format!("agent {agent} goes on after {unclear} unclear answers"));
        }
    }

    /// Sends `request` after the wait that `unsettled` inconclusive answers ask for, if there was one more.
    pub(crate) fn send_after(&mut self, agent: usize, slot: Slot, request: LockRequest, before: u32, unsettled: u32) {
        let unsettled = if self.flaw == Some(Flaw::NeverWaits) { 0 } else { unsettled };
        let line = self.agents[agent].line(slot);
        if unsettled < line.unclear {
            let what = format!("agent {agent} counts {unsettled} unclear answers after {}", line.unclear);
            self.find(Property::BacksOff, what);
        }
        if unsettled <= before {
            return self.send(agent, slot, request);
        }
        let wait = self.quick_delay(before);
        self.ring(agent, slot, wait, Some(request));
    }

    /// The wait after so many inconclusive answers.
    pub(crate) fn quick_delay(&mut self, tries: u32) -> Duration {
        let (none, half, all) = (0.0, 0.5, 1.0);
        let ceiling = Duration::from_millis(50 << tries.min(6)).min(Duration::from_secs(2));
        let waits = [none, half, all].map(|chance| backoff::quick_delay(tries, chance));
        if waits != [Duration::ZERO, ceiling / 2, ceiling] {
            self.find(Property::BacksOff, format!("after {tries} tries it waits for {waits:?}"));
        }
        backoff::quick_delay(tries, self.rng.f64())
    }
}

/// Until when the lease of a write lasts at least, if `wrote` lasts for the whole time to live.
pub(crate) fn shortest(wrote: &Lease) -> Duration {
    wrote.until.saturating_sub((wrote.holder.ttl / 12).min(Duration::from_secs(5)))
}

/// The name of a request.
pub(crate) fn name(request: &LockRequest) -> String {
    match request {
        LockRequest::Read => "a read".to_owned(),
        LockRequest::Create(lock) => format!("the creation of generation {}", lock.generation),
        LockRequest::Replace(etag, lock) if lock.holder.is_none() => format!("the release of [{etag}]"),
        LockRequest::Replace(etag, lock) => format!("generation {} in place of [{etag}]", lock.generation),
        LockRequest::Prove(_) => "a test of the store".to_owned(),
    }
}

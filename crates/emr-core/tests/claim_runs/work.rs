//! What agents do between their requests: the jobs of each tool.

use std::time::Duration;

use emr_core::claim::backoff;
use emr_core::claim::lease::{Answer, Goal, Lease, LockAttempt, LockRequest};
use emr_core::claim::pause;
use emr_core::claim::protocol::{ClaimAttempt, Purpose};
use emr_core::model::lock::Token;

use crate::agent::{Aim, Slot, Task, Truth};
use crate::faults::up_to;
use crate::flaw::Flaw;
use crate::property::Property;
use crate::scenario::Role;
use crate::world::{POOL, World};

impl World {
    /// The token of `agent`.
    pub(crate) fn token(&self, agent: usize) -> &Token {
        &self.agents[agent].holder.token
    }

    /// Ends a job of `agent`, and lets it wait for the next: as long as one who has found nothing, or as it likes.
    pub(crate) fn rest(&mut self, agent: usize, found_nothing: bool) {
        self.let_go(agent);
        self.stop_keeping(agent);
        self.agents[agent].task = Task::Rest;
        let ttl = self.agents[agent].holder.ttl;
        let wait = if found_nothing {
            self.pause(agent)
        } else {
            self.agents[agent].tries = 0;
            up_to(&mut self.rng, if self.is_calm { Duration::from_secs(1) } else { ttl / 2 })
        };
        self.ring(agent, Slot::Main, wait, None);
    }

    /// The pause before the next look of a search.
    fn pause(&mut self, agent: usize) -> Duration {
        let longest = Duration::from_secs(if self.agents[agent].role == Role::Runner { 2 } else { 30 });
        let tries = self.agents[agent].tries;
        self.agents[agent].tries += 1;
        let pauses: Vec<_> = pause::pauses(longest).skip(tries).take(2).collect();
        if self.flaw == Some(Flaw::LooksOnce) && tries > 1 {
            return Duration::from_hours(24);
        }
        match pauses[..] {
            [this, next] if this <= next && next <= longest && next <= this * 2 && !this.is_zero() => {
                this.mul_f64(self.rng.f64())
            }
            _ => {
                self.find(
                    Property::Live,
                    format!("the pauses after {tries} looks are {pauses:?}, at most {longest:?}"),
                );
                longest
            }
        }
    }

    /// The timer of `agent` rings.
    pub(crate) fn go_on(&mut self, agent: usize) {
        match self.agents[agent].task {
            Task::Rest => self.begin_job(agent),
            Task::Handed(aim) => {
                self.agents[agent].task = Task::PickUp(aim);
                self.begin(agent, Slot::Main, LockRequest::Read);
            }
            Task::Work(Aim::Run) => {
                self.agents[agent].is_content = self.is_calm;
                self.end_run(agent);
            }
            Task::Work(_) => self.add(agent),
            _ => {}
        }
    }

    fn begin_job(&mut self, agent: usize) {
        self.jobs += 1;
        let (job, role) = (self.jobs, self.agents[agent].role);
        self.agents[agent].job = job;
        self.agents[agent].truth = Truth::default();
        self.agents[agent].looked = None;
        let given = role == Role::Hand && self.rng.u32(..3) > 0;
        let token = if given { format!("given {agent}") } else { format!("{agent}.{job}") };
        self.agents[agent].holder.token = Token(token);
        let is_done = self.is_calm && (self.agents[agent].is_content || matches!(role, Role::Sweeper | Role::Hand));
        if is_done {
            self.agents[agent].task = Task::Over;
            return;
        }
        match role {
            Role::Runner | Role::Hand => {
                self.agents[agent].lock = self.plain[self.rng.usize(..self.plain.len())];
                self.acquire(agent, if role == Role::Runner { Aim::Run } else { Aim::Renew });
            }
            Role::Pipeline | Role::Creator | Role::Sweeper => self.seek(agent),
        }
    }

    /// Claims a job flow that seems free, or starts one.
    fn seek(&mut self, agent: usize) {
        let role = self.agents[agent].role;
        let is_free = |which: &usize| self.emr.job_flows[*which].is_free();
        let free: Vec<_> = (0..self.emr.job_flows.len()).filter(is_free).collect();
        let wanted = self.agents[agent].wants.take().filter(is_free);
        let chosen = wanted.or_else(|| self.rng.choice(free));
        match chosen {
            Some(job_flow) => self.claim(agent, job_flow),
            None if role == Role::Creator && self.emr.alive() < self.scenario.most => {
                self.agents[agent].lock = POOL;
                if self.flaw == Some(Flaw::StartsUnlocked) {
                    self.agents[agent].task = Task::Start;
                    return self.look_at_pool(agent);
                }
                self.acquire(agent, Aim::Create);
            }
            None if self.emr.alive() == 0 && role == Role::Pipeline && self.is_calm => {
                self.agents[agent].task = Task::Over;
            }
            None => self.rest(agent, true),
        }
    }

    fn claim(&mut self, agent: usize, job_flow: usize) {
        let purpose = if self.agents[agent].role == Role::Sweeper { Purpose::End } else { Purpose::Join };
        let (holder, takes) = (self.agents[agent].holder.clone(), self.agents[agent].takes());
        self.agents[agent].job_flow = job_flow;
        self.agents[agent].lock = self.emr.job_flows[job_flow].lock;
        let (claim, action) = ClaimAttempt::new(purpose, holder, takes);
        self.forget(agent, Slot::Main);
        self.act_on(agent, claim, purpose, action, 0);
    }

    /// Works for up to `longest`.
    pub(crate) fn work(&mut self, agent: usize, aim: Aim, longest: Duration) {
        self.agents[agent].task = Task::Work(aim);
        let wait = up_to(&mut self.rng, if self.is_calm { Duration::from_secs(1) } else { longest });
        self.ring(agent, Slot::Main, wait, None);
    }

    /// Hands the lock on to the next process, mostly at once.
    pub(crate) fn hand_on(&mut self, agent: usize, aim: Aim) {
        self.stop_keeping(agent);
        self.agents[agent].task = Task::Handed(aim);
        let ttl = self.agents[agent].holder.ttl;
        let longest = match self.rng.u32(..3) {
            _ if self.is_calm => Duration::from_millis(500).min(ttl / 4),
            0 => ttl * 2,
            _ => ttl / 4,
        };
        let wait = up_to(&mut self.rng, longest);
        self.ring(agent, Slot::Main, wait, None);
    }

    /// The next process has read the lock.
    pub(crate) fn pick_up_hears(&mut self, agent: usize, answer: Answer) {
        let Task::PickUp(aim) = self.agents[agent].task else { return };
        let holder = self.agents[agent].holder.clone();
        let lease = match answer {
            Answer::Found(seen) if seen.lock.holder.as_ref().is_some_and(|found| found.token == holder.token) => {
                Lease { holder, generation: seen.lock.generation, etag: seen.etag, until: Duration::ZERO }
            }
            Answer::Unclear if self.agents[agent].main.unclear <= 5 => {
                let wait = backoff::quick_delay(self.agents[agent].main.unclear, self.rng.f64());
                return self.ring(agent, Slot::Main, wait, Some(LockRequest::Read));
            }
            // The machine itself must refuse this, too.
            Answer::Found(_) | Answer::Absent(_) if aim != Aim::Add && self.rng.bool() => {
                return self.insist(agent, aim);
            }
            _ => return self.rest(agent, aim == Aim::Add),
        };
        if self.rng.u32(..3) == 0 {
            return self.insist(agent, aim);
        }
        if aim == Aim::Release {
            return self.release(agent, &lease);
        }
        let nonce = self.nonce();
        let (attempt, request) = LockAttempt::keep(&lease, nonce);
        self.agents[agent].task = Task::Lock(attempt, aim);
        self.begin(agent, Slot::Main, request);
    }

    /// Renews or releases whatever lock there is, and leaves it to the machine whether it may.
    fn insist(&mut self, agent: usize, aim: Aim) {
        let goal = if aim == Aim::Release { Goal::GiveBack } else { Goal::Keep };
        if aim == Aim::Release {
            self.let_go(agent);
        }
        let (attempt, request) = LockAttempt::new(goal, self.agents[agent].holder.clone());
        self.agents[agent].task = Task::Lock(attempt, aim);
        self.begin(agent, Slot::Main, request);
    }

    /// The uploads are done: the steps are added under the claim.
    fn add(&mut self, agent: usize) {
        self.stop_keeping(agent);
        let Some(lease) = self.agents[agent].lease().cloned() else { return self.rest(agent, true) };
        let takes = self.agents[agent].takes();
        let nonce = self.nonce();
        let (claim, action) = if self.rng.u32(..4) == 0 {
            ClaimAttempt::new(Purpose::Add, self.agents[agent].holder.clone(), takes)
        } else {
            ClaimAttempt::resume(Purpose::Add, &lease, takes, nonce)
        };
        self.forget(agent, Slot::Main);
        self.act_on(agent, claim, Purpose::Add, action, 0);
    }

    /// A process dies. Another begins some time later.
    pub(crate) fn crash(&mut self, agent: usize) {
        if matches!(self.agents[agent].task, Task::Over) {
            return;
        }
        self.tally.crashes += 1;
        self.tell(|_| format!("agent {agent} dies"));
        self.agents[agent].stopped_until = self.now;
        self.rest(agent, false);
    }
}

//! The world: agents, the store and EMR, and the events between them in the order of time.

use std::cmp::Reverse;
use std::collections::BinaryHeap;
use std::fmt::Write as _;
use std::time::Duration;

use emr_core::claim::lease::{Answer, LockRequest};
use emr_core::model::lock::{Holder, Lock, Token};
use fastrand::Rng;

use crate::agent::{Agent, Slot, Task, Waits};
use crate::clock::{Clock, MOST_PPM};
use crate::emr::{Emr, JobFlow};
use crate::emr_work::{EmrAnswer, Visit};
use crate::faults::{Faults, Reply, happens, up_to};
use crate::flaw::Flaw;
use crate::property::{Finding, Property};
use crate::scenario::{Scenario, Size};
use crate::store::{EPOCH, Store};
use crate::tally::Tally;

/// The lock of the pool.
pub(crate) const POOL: usize = 0;

/// What happens.
#[derive(Debug)]
pub(crate) enum Event {
    /// A request of an agent arrives at the store.
    Arrive { agent: usize, slot: Slot, number: u64, request: LockRequest, parcel: Parcel },
    /// The store's answer arrives at an agent.
    Hear { agent: usize, slot: Slot, number: u64, answer: Answer },
    /// A request of an agent arrives at EMR.
    Ask { agent: usize, number: u64, visit: Visit },
    /// EMR's answer arrives at an agent.
    Told { agent: usize, number: u64, answer: EmrAnswer },
    /// A time has come that an agent waits for.
    Ring { agent: usize, slot: Slot, number: u64 },
    /// The first step of a job flow ends.
    Finish(usize),
    /// A process dies, a clock jumps, an object is deleted.
    Strike,
    /// Faults cease.
    Calm,
}

/// A request on its way to the store.
#[derive(Debug)]
pub(crate) struct Parcel {
    pub(crate) lock: usize,
    /// The sender's token, which need not be in the request.
    pub(crate) token: Token,
    /// The true time of the answer that it follows, and of its first byte at the store.
    pub(crate) read: Duration,
    pub(crate) began: Duration,
    pub(crate) reply: Reply,
    /// How long the answer takes; `None` if it is lost.
    pub(crate) answered: Option<Duration>,
}

#[derive(Debug)]
struct Queued {
    at: Duration,
    serial: u64,
    event: Event,
}

impl PartialEq for Queued {
    fn eq(&self, other: &Self) -> bool {
        self.serial == other.serial
    }
}

impl Eq for Queued {}

impl PartialOrd for Queued {
    fn partial_cmp(&self, other: &Self) -> Option<std::cmp::Ordering> {
        Some(self.cmp(other))
    }
}

impl Ord for Queued {
    fn cmp(&self, other: &Self) -> std::cmp::Ordering {
        (self.at, self.serial).cmp(&(other.at, other.serial))
    }
}

/// The state of a run.
pub(crate) struct World {
    pub(crate) scenario: Scenario,
    pub(crate) flaw: Option<Flaw>,
    pub(crate) rng: Rng,
    /// The true time.
    pub(crate) now: Duration,
    queue: BinaryHeap<Reverse<Queued>>,
    serial: u64,
    pub(crate) faults: Faults,
    pub(crate) is_calm: bool,
    pub(crate) store: Store,
    pub(crate) emr: Emr,
    pub(crate) agents: Vec<Agent>,
    /// The locks that guard no job flow.
    pub(crate) plain: Vec<usize>,
    /// The agents that have, or had, a lease of each lock.
    pub(crate) holders: Vec<Vec<usize>>,
    /// Job flows that were started by a process that was stopped after its decision.
    pub(crate) late_starts: usize,
    pub(crate) jobs: u64,
    nonces: u64,
    pub(crate) finding: Option<Finding>,
    pub(crate) tally: Tally,
    /// A line for each event, if wanted.
    pub(crate) trace: Option<String>,
}

impl World {
    /// The world of a seed at its beginning.
    pub(crate) fn new(seed: u64, size: Size, flaw: Option<Flaw>, is_traced: bool) -> Self {
        let mut rng = Rng::with_seed(seed);
        let scenario = Scenario::draw(&mut rng, size);
        let store = Store::new(scenario.ignores, scenario.skew, flaw);
        let mut world = Self {
            flaw,
            now: Duration::ZERO,
            queue: BinaryHeap::new(),
            serial: 0,
            faults: scenario.faults,
            is_calm: false,
            store,
            emr: Emr::default(),
            agents: Vec::new(),
            plain: Vec::new(),
            holders: Vec::new(),
            late_starts: 0,
            jobs: 0,
            nonces: 0,
            finding: None,
            tally: Tally::default(),
            trace: is_traced.then(String::new),
            rng,
            scenario,
        };
        world.furnish();
        world
    }

    fn furnish(&mut self) {
        self.new_lock();
        for _ in 0..self.scenario.job_flows {
            let lock = self.new_lock();
            self.emr.job_flows.push(JobFlow { lock, ..JobFlow::default() });
        }
        for _ in 0..self.scenario.plain {
            let lock = self.new_lock();
            self.plain.push(lock);
        }
        for (index, role) in self.scenario.agents.clone().into_iter().enumerate() {
            let ttl = self.scenario.ttls[self.rng.usize(..self.scenario.ttls.len())];
            let holder = Holder { token: Token(String::new()), owner: format!("agent {index}"), ttl };
            let clock =
                Clock::new(Duration::from_secs(self.rng.u64(1_000_000..9_000_000)), self.rng.u64(..=2 * MOST_PPM));
            self.agents.push(Agent::new(role, clock, holder));
            let wait = up_to(&mut self.rng, ttl);
            self.ring(index, Slot::Main, wait, None);
        }
        self.schedule(self.scenario.length, Event::Calm);
        self.schedule(Duration::from_millis(300), Event::Strike);
    }

    /// Adds a lock that is absent, free, or was held by somebody who is dead.
    pub(crate) fn new_lock(&mut self) -> usize {
        self.holders.push(Vec::new());
        let (generation, nonce) = (EPOCH - self.rng.u64(..9000), self.nonce());
        // On an unsafe store nothing was ever held.
        let lock = match self.rng.u32(..3) {
            0 if !self.scenario.is_unsafe() => Some(Lock { generation, nonce, holder: None }),
            1 if self.now.is_zero() => {
                let ttl = self.scenario.ttls[0];
                let dead = Holder { token: Token("dead".to_owned()), owner: String::new(), ttl };
                Some(Lock { generation, nonce, holder: Some(dead) })
            }
            _ => None,
        };
        self.store.add(lock)
    }

    /// A text that no other write contains.
    pub(crate) fn nonce(&mut self) -> String {
        self.nonces += 1;
        self.nonces.to_string()
    }

    /// Runs to the end, or to the first violation.
    pub(crate) fn run(&mut self) {
        let longest = self.scenario.ttls.iter().max().copied().unwrap_or_default();
        let agents = u32::try_from(self.agents.len()).unwrap_or(64);
        // In turn, each waits for a pause between two looks, and works for seconds.
        let patience = 2 * longest + Duration::from_mins(2) + Duration::from_secs(45) * agents;
        while self.finding.is_none() && self.agents.iter().any(|agent| !matches!(agent.task, Task::Over)) {
            let Some(Reverse(next)) = self.queue.pop() else { break };
            self.now = next.at;
            self.tally.steps += 1;
            let is_over = self.now > self.scenario.length + patience && self.now > self.last_stop_ends() + patience;
            if is_over && self.scenario.is_unsafe() {
                break;
            }
            if is_over {
                let waits = self.agents.iter().position(|agent| !matches!(agent.task, Task::Over)).unwrap_or_default();
                return self.find(Property::Live, format!("agent {waits} still waits: {:?}", self.agents[waits].task));
            }
            self.happen(next.event);
        }
        self.tally.runs += 1;
        self.tally.takeovers += self.store.takeovers;
        self.tally.recreated += self.store.recreated;
    }

    /// When the last of those who are stopped goes on.
    fn last_stop_ends(&self) -> Duration {
        self.agents.iter().map(|agent| agent.stopped_until).max().unwrap_or_default()
    }

    fn happen(&mut self, event: Event) {
        if let Some((agent, slot, number)) = event.addressee() {
            if self.agents[agent].line(slot).number != number {
                return;
            }
            self.stop_now_and_then(agent, self.faults.stop);
            if self.agents[agent].stopped_until > self.now {
                return self.schedule(self.agents[agent].stopped_until, event);
            }
        }
        match event {
            Event::Arrive { agent, slot, number, request, parcel } => {
                self.arrive(agent, slot, number, &request, &parcel);
            }
            Event::Hear { agent, slot, answer, .. } => self.hear(agent, slot, answer),
            Event::Ask { agent, number, visit } => self.visit(agent, number, &visit),
            Event::Told { agent, answer, .. } => self.told(agent, answer),
            Event::Ring { agent, slot, .. } => self.rings(agent, slot),
            Event::Finish(job_flow) => self.finish(job_flow),
            Event::Strike => self.strike(),
            Event::Calm => {
                self.is_calm = true;
                self.faults = Faults::default();
                self.tell(|_| "faults cease".to_owned());
            }
        }
    }

    /// Stops an agent in some of a thousand cases. Returns for how long.
    pub(crate) fn stop_now_and_then(&mut self, agent: usize, often: u32) -> Duration {
        if !happens(&mut self.rng, often) {
            return Duration::ZERO;
        }
        self.tally.stops += 1;
        let ttl = self.agents[agent].holder.ttl;
        let pause = up_to(&mut self.rng, ttl * 3);
        let agent_now = &mut self.agents[agent];
        agent_now.stopped_until = agent_now.stopped_until.max(self.now) + pause;
        if self.flaw == Some(Flaw::ClockSleeps) {
            agent_now.clock.stand_still(pause);
        }
        self.tell(|_| format!("agent {agent} is stopped for {pause:?}"));
        pause
    }

    pub(crate) fn schedule(&mut self, at: Duration, event: Event) {
        self.serial += 1;
        self.queue.push(Reverse(Queued { at, serial: self.serial, event }));
    }

    /// Lets `agent` wait by its clock, then send `request` or go on.
    pub(crate) fn ring(&mut self, agent: usize, slot: Slot, wait: Duration, request: Option<LockRequest>) {
        let number = self.number(agent, slot);
        self.agents[agent].line(slot).waits = Waits::Timer(request);
        let at = self.now + self.agents[agent].clock.true_time(wait);
        self.schedule(at, Event::Ring { agent, slot, number });
    }

    /// A new number for what a slot waits for, so that whatever it waited for comes too late.
    pub(crate) fn number(&mut self, agent: usize, slot: Slot) -> u64 {
        self.serial += 1;
        self.agents[agent].line(slot).number = self.serial;
        self.serial
    }

    /// A process dies, a clock jumps ahead, an object is deleted: now and then, until faults cease.
    fn strike(&mut self) {
        if self.is_calm {
            return;
        }
        let victim = self.rng.usize(..self.agents.len());
        if happens(&mut self.rng, 4 * self.faults.crash) {
            self.crash(victim);
        }
        if happens(&mut self.rng, 4 * self.faults.jump) {
            let by = up_to(&mut self.rng, 2 * self.agents[victim].holder.ttl);
            self.tell(|_| format!("the clock of agent {victim} jumps ahead by {by:?}"));
            self.agents[victim].clock.jump(by);
        }
        if self.scenario.deletes && self.rng.u32(..20) == 0 {
            let lock = self.rng.usize(..self.store.objects.len());
            self.delete(lock);
        }
        let wait = up_to(&mut self.rng, self.scenario.ttls[0] / 2);
        self.schedule(self.now + wait, Event::Strike);
    }

    fn delete(&mut self, lock: usize) {
        self.tell(|_| format!("lock {lock} is deleted"));
        self.store.objects[lock] = None;
        self.store.deleted[lock] = Some(self.now);
        for holder in self.holders[lock].clone() {
            if let Some(held) = self.agents[holder].held.as_mut().filter(|held| held.lock == lock) {
                held.is_void = true;
            }
        }
    }

    /// Notes a violation. Only the first counts.
    pub(crate) fn find(&mut self, property: Property, what: String) {
        self.tell(|_| format!("not so: {}: {what}", property.sentence()));
        self.finding.get_or_insert(Finding { property, at: self.now, what });
    }

    /// Adds a line to the trace, if there is one.
    pub(crate) fn tell(&mut self, line: impl FnOnce(&Self) -> String) {
        if self.trace.is_some() {
            let line = format!("{:10.3} {}", self.now.as_secs_f64(), line(self));
            let _ = self.trace.as_mut().map(|trace| writeln!(trace, "{line}"));
        }
    }
}

impl Event {
    /// The agent that it happens to, unless it is dead or has gone on.
    fn addressee(&self) -> Option<(usize, Slot, u64)> {
        match *self {
            Self::Hear { agent, slot, number, .. } | Self::Ring { agent, slot, number } => Some((agent, slot, number)),
            Self::Told { agent, number, .. } => Some((agent, Slot::Main, number)),
            _ => None,
        }
    }
}

//! The transitions of the model: one event at a time.

use std::collections::BTreeSet;
use std::time::Duration;

use emr_core::claim::lease::{Answer, LockRequest};
use emr_core::claim::protocol::{Action, Event as Heard};
use stateright::{Model, Property};

use crate::agent::{Agent, Outcome, Role, Waits, holder};
use crate::store::{JobFlow, Store};
use crate::{ClaimModel, Flaw, property};

/// The world at one moment.
#[derive(Debug, Clone, PartialEq, Eq, Hash)]
pub(crate) struct World {
    pub(crate) now: Duration,
    pub(crate) store: Store,
    pub(crate) job_flow: JobFlow,
    pub(crate) agents: Vec<Agent>,
    /// Requests that their senders gave up, and that may still arrive.
    abandoned: Vec<LockRequest>,
    /// How many faults may still happen.
    faults: u32,
    wrongs: BTreeSet<Wrong>,
}

/// A violation.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub(crate) enum Wrong {
    /// An agent acted after the end of its lease.
    ActedUnclaimed,
    /// The job flow was terminated while another agent had a lease.
    TerminatedClaimed,
    /// The job flow was terminated while a step was active.
    TerminatedBusy,
    /// A step was sent after the job flow was terminated.
    AddedAfterEnd,
}

/// An event.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Event {
    /// Time passes.
    Tick,
    /// An agent's request arrives and is carried out.
    Arrive(usize),
    /// The answer to an agent arrives.
    Hear(usize),
    /// An agent gives up waiting. Its request may arrive later, or never.
    ///
    /// A lost answer is the same: the request arrives later, before the agent's next action. Lost reads and proofs are
    /// repeated and cost only time, so they are left out. EMR is given up when its time is over.
    GiveUp(usize),
    /// An agent renews its lease, and finishes its work before the answer arrives.
    Renew(usize),
    /// The store answers an agent's write with a conflict and does nothing.
    Conflict(usize),
    /// A request arrives that its sender gave up.
    ArriveLate(usize),
    /// The first step ends.
    Finish,
}

impl Model for ClaimModel {
    type State = World;
    type Action = Event;

    fn init_states(&self) -> Vec<World> {
        let pipelines = (0..self.pipelines).map(|_| Role::Pipeline);
        let roles = pipelines.chain((0..self.terminators).map(|_| Role::Terminator));
        vec![World {
            now: self.tick,
            store: Store::default(),
            job_flow: JobFlow::default(),
            agents: roles.enumerate().map(|(index, role)| Agent::new(index, role, self)).collect(),
            abandoned: Vec::new(),
            faults: self.faults,
            wrongs: BTreeSet::new(),
        }]
    }

    fn actions(&self, world: &World, events: &mut Vec<Event>) {
        if world.now < self.horizon {
            events.push(Event::Tick);
        }
        for (index, agent) in world.agents.iter().enumerate() {
            world.events_of(index, agent, self, events);
        }
        events.extend((0..world.abandoned.len()).map(Event::ArriveLate));
        if !world.job_flow.steps.is_empty() {
            events.push(Event::Finish);
        }
    }

    fn next_state(&self, world: &World, event: Event) -> Option<World> {
        let mut world = world.clone();
        world.happen(event, self);
        Some(world)
    }

    fn properties(&self) -> Vec<Property<Self>> {
        property::of(self)
    }
}

impl World {
    fn events_of(&self, index: usize, agent: &Agent, model: &ClaimModel, events: &mut Vec<Event>) {
        if self.faults > 0 && agent.renewal().is_some() {
            events.push(Event::Renew(index));
        }
        match &agent.waits {
            Waits::Request(Action::Act, sent_at)
                if self.now > *sent_at + model.takes && model.flaw != Some(Flaw::ActsLate) =>
            {
                events.push(Event::GiveUp(index));
            }
            // With `ReadsBack`, time must pass first.
            Waits::Request(Action::Request(LockRequest::Prove(_)), sent_at) if *sent_at == self.now => {}
            Waits::Request(what, _) => {
                if !self.is_another_s_turn(index) {
                    events.push(Event::Arrive(index));
                }
                if self.faults > 0 && matches!(what, Action::Request(LockRequest::Create(_) | LockRequest::Replace(..)))
                {
                    events.extend([Event::GiveUp(index), Event::Conflict(index)]);
                }
            }
            Waits::Answer(..) => events.push(Event::Hear(index)),
            Waits::Over(_) => {}
        }
    }

    /// Agents of one role are equal until they begin, so one order of beginnings is enough.
    fn is_another_s_turn(&self, index: usize) -> bool {
        let agent = &self.agents[index];
        !agent.begun && self.agents[..index].iter().any(|other| other.role == agent.role && !other.begun)
    }

    fn happen(&mut self, event: Event, model: &ClaimModel) {
        match event {
            Event::Tick => self.now += model.tick,
            Event::Finish => drop(self.job_flow.steps.remove(0)),
            Event::ArriveLate(which) => {
                let request = self.abandoned.remove(which);
                let _nobody_hears = self.store.answer(&request, self.now, model.flaw);
            }
            Event::Arrive(index) => self.arrive(index, model),
            Event::Hear(index) => {
                if let Waits::Answer(event, sent_at) = self.agents[index].waits.clone() {
                    self.agents[index].hear(index, event, sent_at, self.now, model);
                }
            }
            Event::Conflict(index) => {
                self.faults -= 1;
                self.agents[index].hear(index, Heard::Answered(Answer::Conflict), self.now, self.now, model);
            }
            Event::Renew(index) => {
                self.faults -= 1;
                self.abandoned.extend(self.agents[index].renewal());
            }
            Event::GiveUp(index) => self.give_up(index, model),
        }
        self.abandoned.retain(|request| self.store.can_ever_do(request, model.flaw));
    }

    fn give_up(&mut self, index: usize, model: &ClaimModel) {
        let event = match self.agents[index].waits.clone() {
            Waits::Request(Action::Act, _) => Heard::Acted(false),
            waits => {
                self.faults -= 1;
                self.agents[index].doubted = true;
                if let Waits::Request(Action::Request(request), _) = waits {
                    self.abandoned.push(request);
                }
                Heard::Answered(Answer::Unclear)
            }
        };
        self.agents[index].hear(index, event, self.now, self.now, model);
    }

    fn arrive(&mut self, index: usize, model: &ClaimModel) {
        let Waits::Request(what, sent_at) = self.agents[index].waits.clone() else { return };
        let role = self.agents[index].role;
        let event = match what {
            Action::Request(LockRequest::Prove(_)) if model.flaw == Some(Flaw::ReadsBack) => {
                Heard::Answered(self.read_back(index, model))
            }
            Action::Request(request) => Heard::Answered(self.store.answer(&request, self.now, model.flaw)),
            Action::Look if role == Role::Terminator && model.flaw == Some(Flaw::EndsBlindly) => Heard::Looked(true),
            Action::Look => Heard::Looked(self.job_flow.is_free()),
            Action::Act if role == Role::Pipeline => Heard::Acted(self.add(index)),
            Action::Act => Heard::Acted(self.terminate(index)),
            Action::Check => Heard::Checked(self.job_flow.is_first(index)),
            Action::Undo => {
                self.job_flow.steps.retain(|step| *step != index);
                Heard::Undone
            }
            Action::Done(_) => return,
        };
        self.agents[index].begun = true;
        self.agents[index].waits = Waits::Answer(event, sent_at);
    }

    /// The check of `ReadsBack` instead of a proof: whether the lock is still the agent's own.
    fn read_back(&self, index: usize, model: &ClaimModel) -> Answer {
        if self.store.is_of(&holder(index, model.ttl)) { Answer::Refused } else { Answer::Unclear }
    }

    fn add(&mut self, index: usize) -> bool {
        self.note(Wrong::ActedUnclaimed, !self.agents[index].holds(self.now));
        self.note(Wrong::AddedAfterEnd, self.job_flow.terminated);
        if !self.job_flow.terminated {
            self.job_flow.steps.push(index);
        }
        !self.job_flow.terminated
    }

    fn terminate(&mut self, index: usize) -> bool {
        let mut others = self.agents.iter().enumerate().filter(|(other, _)| *other != index);
        let is_claimed = others.any(|(_, other)| other.holds(self.now));
        self.note(Wrong::ActedUnclaimed, !self.agents[index].holds(self.now));
        self.note(Wrong::TerminatedClaimed, is_claimed);
        self.note(Wrong::TerminatedBusy, !self.job_flow.steps.is_empty());
        self.job_flow.terminated = true;
        true
    }

    fn note(&mut self, wrong: Wrong, happened: bool) {
        if happened {
            self.wrongs.insert(wrong);
        }
    }

    /// Whether this violation has never happened.
    pub(crate) fn is_free_of(&self, wrong: Wrong) -> bool {
        !self.wrongs.contains(&wrong)
    }

    /// The agents of `role` that ended with `outcome`.
    pub(crate) fn ended(&self, role: Role, outcome: Outcome) -> impl Iterator<Item = usize> {
        let waits = Waits::Over(outcome);
        let alike = self.agents.iter().enumerate().filter(move |(_, agent)| agent.role == role && agent.waits == waits);
        alike.map(|(index, _)| index)
    }
}

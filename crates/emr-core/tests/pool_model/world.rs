//! The transitions of the model: one event at a time.

use std::collections::BTreeSet;

use emr_core::pool::minimum::stock::{Count, Keep, Standing, room};
use stateright::{Model, Property};

use crate::agent::{Agent, Role, Stage, Sweep};
use crate::pool::{Member, State, listed, standing_of};
use crate::{Flaw, PoolModel, property};

/// How long a lease lasts for its holder, and for others.
const LEASE: u8 = 2;
const EXPIRY: u8 = LEASE + 1;

/// The world at one moment.
#[derive(Debug, Clone, Default, PartialEq, Eq, Hash)]
pub(crate) struct World {
    now: u8,
    pub(crate) members: Vec<Member>,
    agents: Vec<Agent>,
    /// The holder of the pool's lock, and since when.
    lock: Option<(usize, u8)>,
    /// Starts whose senders gave up: until when they may still happen, and whether a filler sent them.
    in_the_air: Vec<(u8, bool)>,
    faults: u32,
    /// Job flows that sweeps ended.
    pub(crate) ended: u32,
    /// Whether a sweep has kept one.
    pub(crate) spared: bool,
    /// Whether the lock of an agent that crashed or gave up was taken over.
    pub(crate) succeeded: bool,
    pub(crate) wrongs: BTreeSet<Wrong>,
}

/// A violation.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub(crate) enum Wrong {
    StartedTooMany,
    StartedTooFew,
    EndedKept,
    EndedClaimed,
}

/// An event.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Event {
    /// Time passes, and EMR lists what it has started.
    Tick,
    /// An agent does its next step.
    Step(usize),
    /// A joiner claims this job flow, or a sweep wants to end it.
    Choose(usize, usize),
    /// An agent crashes.
    Crash(usize),
    /// An agent sends a start and gives up waiting for the answer.
    LoseAnswer(usize),
    /// A start whose sender gave up happens.
    StartLate(usize),
    /// EMR lists a job flow.
    List(usize),
    /// A job flow comes up.
    ComeUp(usize),
}

impl Model for PoolModel {
    type State = World;
    type Action = Event;

    fn init_states(&self) -> Vec<World> {
        let of = |role, number| std::iter::repeat_n(Agent::new(role), number);
        let agents = of(Role::Filler, self.fillers)
            .chain(of(Role::Creator, self.creators))
            .chain(of(Role::Joiner, self.joiners))
            .chain(of(Role::Sweeper, self.sweepers));
        let members = vec![Member::new(State::Up, true); self.waiting];
        vec![World { members, agents: agents.collect(), faults: self.faults, ..World::default() }]
    }

    fn actions(&self, world: &World, events: &mut Vec<Event>) {
        if world.now < self.horizon {
            events.push(Event::Tick);
        }
        for (index, agent) in world.agents.iter().enumerate() {
            world.events_of(index, agent, self, events);
        }
        for (number, member) in world.members.iter().enumerate() {
            events.extend((!member.is_listed).then_some(Event::List(number)));
            events.extend((member.state == State::Starting).then_some(Event::ComeUp(number)));
        }
        let in_the_air = world.in_the_air.iter().enumerate().filter(|(_, (until, _))| world.now < *until);
        events.extend(in_the_air.map(|(which, _)| Event::StartLate(which)));
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
    fn events_of(&self, index: usize, agent: &Agent, model: &PoolModel, events: &mut Vec<Event>) {
        let choices = self.members.iter().enumerate().filter(|(_, member)| member.is_free());
        match (&agent.stage, agent.role) {
            (Stage::Over, _) => return,
            (Stage::Begin, Role::Joiner) => {
                return events.extend(choices.map(|(number, _)| Event::Choose(index, number)));
            }
            (Stage::Begin, _) if !self.can_lock(model) => return,
            (Stage::List, Role::Sweeper) => events.extend(choices.map(|(number, _)| Event::Choose(index, number))),
            (Stage::Finish, _) if !self.are_listed() && model.flaw != Some(Flaw::GoesOnUnlisted) => {}
            _ => events.push(Event::Step(index)),
        }
        if self.faults > 0 && agent.stage != Stage::Begin {
            events.push(Event::Crash(index));
            let starts = matches!(agent.stage, Stage::Start(1..)) && self.may_act(index, model);
            events.extend(starts.then_some(Event::LoseAnswer(index)));
        }
    }

    fn are_listed(&self) -> bool {
        self.members.iter().all(|member| member.is_listed)
    }

    pub(crate) fn are_over(&self, role: Role) -> bool {
        self.agents.iter().filter(|agent| agent.role == role).all(Agent::is_over)
    }

    fn can_lock(&self, model: &PoolModel) -> bool {
        model.flaw == Some(Flaw::Unlocked) || self.lock.is_none_or(|(_, since)| self.now >= since + EXPIRY)
    }

    /// Whether the lease of an agent lasts, so that it may change something.
    fn may_act(&self, index: usize, model: &PoolModel) -> bool {
        matches!(model.flaw, Some(Flaw::Unlocked | Flaw::StartsLate))
            || self.lock.is_some_and(|(holder, since)| holder == index && self.now < since + LEASE)
    }

    fn happen(&mut self, event: Event, model: &PoolModel) {
        match event {
            Event::Tick => {
                self.now += 1;
                for member in &mut self.members {
                    member.is_listed = true;
                }
                let now = self.now;
                self.in_the_air.retain(|(until, _)| now < *until);
            }
            Event::List(number) => self.members[number].is_listed = true,
            Event::ComeUp(number) => self.members[number].state = State::Up,
            Event::StartLate(which) => {
                let (_, for_minimum) = self.in_the_air.remove(which);
                self.begin_one(for_minimum, model);
            }
            // What it holds expires by itself.
            Event::Crash(index) => {
                self.faults -= 1;
                self.agents[index].stage = Stage::Over;
            }
            Event::LoseAnswer(index) => {
                self.faults -= 1;
                let for_minimum = self.agents[index].role == Role::Filler;
                self.in_the_air.extend(self.lock.map(|(_, since)| (since + EXPIRY, for_minimum)));
                if model.flaw == Some(Flaw::UnlocksUnsure) {
                    self.unlock(index);
                }
                self.agents[index].stage = Stage::Over;
            }
            Event::Choose(index, number) => self.choose(index, number, model),
            Event::Step(index) => self.step(index, model),
        }
    }

    fn choose(&mut self, index: usize, doomed: usize, model: &PoolModel) {
        if self.agents[index].role == Role::Joiner {
            self.members[doomed].is_claimed = true;
            self.agents[index].stage = Stage::Over;
        } else {
            let (left, keep) = (listed(&self.members), Keep::new(model.min_idle));
            self.agents[index].stage = Stage::Keep(Sweep { doomed, left, keep, kept: Vec::new() });
        }
    }

    fn step(&mut self, index: usize, model: &PoolModel) {
        let role = self.agents[index].role;
        let next = match (self.agents[index].stage.clone(), role) {
            (Stage::Begin, _) => {
                self.succeeded |= self.lock.is_some();
                self.lock = Some((index, self.now));
                Stage::List
            }
            (Stage::List, Role::Filler) => {
                self.agents[index].claimed = self.claimed();
                Stage::Count(listed(&self.members), Count::default())
            }
            (Stage::List, _) => Stage::Search(listed(&self.members)),
            (Stage::Count(left, count), _) => self.count(index, left, count, model),
            (Stage::Search(left), _) => self.search(left),
            (Stage::Keep(sweep), _) => self.keep(sweep, model),
            (Stage::End(sweep), _) => self.end(index, &sweep, model),
            (Stage::Start(0), _) => Stage::Finish,
            (Stage::Start(_), _) if !self.may_act(index, model) => Stage::Over,
            (Stage::Start(left), _) => {
                self.begin_one(role == Role::Filler, model);
                if let (Role::Creator, Some(new)) = (role, self.members.last_mut()) {
                    new.is_claimed = true;
                }
                Stage::Start(left - 1)
            }
            (Stage::Finish | Stage::Over, _) => {
                self.unlock(index);
                Stage::Over
            }
        };
        self.agents[index].stage = next;
    }

    fn count(&mut self, index: usize, mut left: Vec<usize>, mut count: Count, model: &PoolModel) -> Stage {
        let missing = count.missing(model.min_idle);
        if missing == 0 || left.is_empty() {
            let starts = room(missing, self.members.len(), None);
            let there = self.members.iter().filter(|member| member.counts()).count();
            let claimed_since = self.claimed() - self.agents[index].claimed;
            let is_enough = there + claimed_since + starts as usize >= model.min_idle as usize;
            self.note(Wrong::StartedTooFew, !is_enough && self.may_act(index, model));
            return Stage::Start(starts);
        }
        let number = left.remove(0);
        let standing = match standing_of(number, &self.members[number]) {
            Standing::Taken if model.flaw == Some(Flaw::CountsClaimed) => Standing::Free,
            standing => standing,
        };
        if !(standing == Standing::Coming && model.flaw == Some(Flaw::IgnoresComing)) {
            count.add(standing);
        }
        Stage::Count(left, count)
    }

    /// How many job flows were ever claimed.
    fn claimed(&self) -> usize {
        self.members.iter().filter(|member| member.is_claimed).count()
    }

    fn search(&mut self, mut left: Vec<usize>) -> Stage {
        if left.is_empty() {
            return Stage::Start(1);
        }
        let number = left.remove(0);
        if standing_of(number, &self.members[number]) != Standing::Free {
            return Stage::Search(left);
        }
        self.members[number].is_claimed = true;
        Stage::Finish
    }

    fn keep(&mut self, mut sweep: Sweep, model: &PoolModel) -> Stage {
        if sweep.keep.is_full() || sweep.left.is_empty() {
            return Stage::End(sweep);
        }
        let number = sweep.left.remove(0);
        let member = &self.members[number];
        let standing = match standing_of(number, member) {
            Standing::Taken if model.flaw == Some(Flaw::KeepsClaimed) && member.is_claimed => Standing::Free,
            standing => standing,
        };
        let is_kept = sweep.keep.keeps(standing);
        if number == sweep.doomed {
            self.spared |= is_kept;
            return if is_kept { Stage::Finish } else { Stage::End(sweep) };
        }
        if is_kept && member.is_free() {
            sweep.kept.push(number);
        }
        Stage::Keep(sweep)
    }

    fn end(&mut self, index: usize, sweep: &Sweep, model: &PoolModel) -> Stage {
        let is_free = self.members[sweep.doomed].is_free();
        if self.may_act(index, model) && (is_free || model.flaw == Some(Flaw::EndsBlindly)) {
            let left = sweep.kept.iter().filter(|kept| self.members[**kept].state != State::Ended).count();
            self.note(Wrong::EndedKept, left < model.min_idle as usize);
            self.note(Wrong::EndedClaimed, self.members[sweep.doomed].is_claimed);
            self.members[sweep.doomed].state = State::Ended;
            self.ended += 1;
        }
        Stage::Finish
    }

    /// A job flow starts.
    fn begin_one(&mut self, for_minimum: bool, model: &PoolModel) {
        let there = self.members.iter().filter(|member| member.counts()).count();
        self.note(Wrong::StartedTooMany, for_minimum && there >= model.min_idle as usize);
        self.members.push(Member::new(State::Starting, false));
    }

    fn unlock(&mut self, index: usize) {
        if self.lock.is_some_and(|(holder, _)| holder == index) {
            self.lock = None;
        }
    }

    fn note(&mut self, wrong: Wrong, happened: bool) {
        if happened {
            self.wrongs.insert(wrong);
        }
    }
}

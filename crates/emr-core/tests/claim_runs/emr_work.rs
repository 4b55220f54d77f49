//! Requests to EMR and their answers.

use std::time::Duration;

use emr_core::claim::protocol::{Event, Purpose};

use crate::agent::{Slot, Task, Waits};
use crate::emr::{JobFlow, Step};
use crate::faults::{happens, up_to};
use crate::world::{self, World};

/// What EMR is asked.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Asked {
    /// Whether the job flow is free.
    Look,
    /// To add a step, or to terminate the job flow.
    Act(Purpose),
    /// Whether the step comes first.
    Check,
    /// To cancel the step.
    Undo,
    /// Which job flows the pool has.
    LookAtPool,
    /// To start a job flow.
    Start,
}

/// EMR's answer.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum EmrAnswer {
    Free(bool),
    Acted(bool),
    First(bool),
    Undone,
    /// A free job flow, how many live, and how many were ever started.
    Pool(Option<usize>, usize, u64),
    Started(usize),
}

/// A request on its way to EMR.
#[derive(Debug)]
pub(crate) struct Visit {
    pub(crate) asked: Asked,
    pub(crate) job: u64,
    pub(crate) job_flow: usize,
    pub(crate) lock: usize,
    /// The true time of the decision, and until when its lease lasts.
    pub(crate) decided: Duration,
    pub(crate) valid_until: Duration,
    /// Whether the process was stopped between its decision and its request.
    pub(crate) is_late: bool,
    is_refused: bool,
    answered: Option<Duration>,
}

impl World {
    /// Asks EMR, and renews the lease meanwhile.
    pub(crate) fn ask(&mut self, agent: usize, asked: Asked) {
        self.keep(agent, Duration::ZERO);
        let takes = self.agents[agent].takes();
        let stopped = self.stop_now_and_then(agent, self.faults.stop_before_sending);
        let longest = if happens(&mut self.rng, self.faults.slow) { takes.mul_f64(0.9) } else { takes / 50 };
        let number = self.number(agent, Slot::Main);
        let is_lost = happens(&mut self.rng, self.faults.emr);
        let is_answered = !happens(&mut self.rng, self.faults.emr);
        let visit = Visit {
            asked,
            job: self.agents[agent].job,
            job_flow: self.agents[agent].job_flow,
            lock: self.agents[agent].lock,
            decided: self.now,
            valid_until: self.now + self.left(agent),
            is_late: !stopped.is_zero(),
            is_refused: happens(&mut self.rng, self.faults.emr),
            answered: is_answered.then(|| up_to(&mut self.rng, longest / 10)),
        };
        self.tell(|_| format!("agent {agent} asks EMR: {asked:?}"));
        let goes = self.now + stopped;
        if !is_lost {
            let reaches = up_to(&mut self.rng, longest);
            self.schedule(goes + reaches, world::Event::Ask { agent, number, visit });
        }
        self.agents[agent].main.waits = Waits::Emr;
        let until = goes + self.agents[agent].clock.true_time(takes);
        self.schedule(until, world::Event::Ring { agent, slot: Slot::Main, number });
    }

    /// How long its lease still lasts, in true time.
    fn left(&self, agent: usize) -> Duration {
        let agent = &self.agents[agent];
        agent.lease().map_or(Duration::ZERO, |lease| agent.clock.true_time(lease.left(agent.clock.shows(self.now))))
    }

    /// A look while the store is tested.
    pub(crate) fn look_early(&mut self, agent: usize) {
        let is_free = self.emr.job_flows[self.agents[agent].job_flow].is_free();
        self.agents[agent].looked = Some(is_free);
    }

    /// Looks at the pool under its lock.
    pub(crate) fn look_at_pool(&mut self, agent: usize) {
        self.ask(agent, Asked::LookAtPool);
    }

    /// A request arrives at EMR.
    pub(crate) fn visit(&mut self, agent: usize, number: u64, visit: &Visit) {
        let job_flow = &self.emr.job_flows[visit.job_flow];
        let answer = match visit.asked {
            Asked::Look => EmrAnswer::Free(job_flow.is_free()),
            Asked::Act(_) if visit.is_refused => EmrAnswer::Acted(false),
            Asked::Act(Purpose::End) => EmrAnswer::Acted(self.terminate(agent, visit)),
            Asked::Act(_) => EmrAnswer::Acted(self.add_step(agent, visit)),
            Asked::Check => EmrAnswer::First(job_flow.is_first(visit.job)),
            Asked::Undo => {
                self.cancel(visit);
                EmrAnswer::Undone
            }
            Asked::LookAtPool => {
                let free = self.emr.job_flows.iter().position(JobFlow::is_free);
                EmrAnswer::Pool(free, self.emr.alive(), self.emr.started)
            }
            Asked::Start => EmrAnswer::Started(self.start(agent, visit)),
        };
        if let Some(takes) = visit.answered {
            self.schedule(self.now + takes, world::Event::Told { agent, number, answer });
        }
    }

    fn add_step(&mut self, agent: usize, visit: &Visit) -> bool {
        if self.emr.job_flows[visit.job_flow].is_terminated {
            return false;
        }
        self.judge_addition(agent, visit);
        let step = Step { agent, job: visit.job, is_late: visit.is_late, is_reported: false };
        let steps = &mut self.emr.job_flows[visit.job_flow].steps;
        steps.push(step);
        if steps.len() == 1 {
            self.run_step(agent, visit.job_flow);
        }
        self.tally.added += 1;
        self.is_done(agent, visit);
        true
    }

    fn terminate(&mut self, agent: usize, visit: &Visit) -> bool {
        if self.emr.job_flows[visit.job_flow].is_terminated {
            return true;
        }
        self.judge_termination(agent, visit);
        let job_flow = &mut self.emr.job_flows[visit.job_flow];
        job_flow.is_terminated = true;
        job_flow.steps.clear();
        self.tally.terminated += 1;
        self.is_done(agent, visit);
        true
    }

    fn start(&mut self, agent: usize, visit: &Visit) -> usize {
        self.judge_start(agent, visit);
        self.emr.started += 1;
        self.tally.started += 1;
        self.is_done(agent, visit);
        let lock = self.new_lock();
        self.emr.job_flows.push(JobFlow { lock, ..JobFlow::default() });
        self.emr.job_flows.len() - 1
    }

    fn is_done(&mut self, agent: usize, visit: &Visit) {
        self.tell(|_| format!("EMR does what agent {agent} asked for: {:?} on {}", visit.asked, visit.job_flow));
        if self.agents[agent].job == visit.job {
            self.agents[agent].truth.is_done = true;
        }
    }

    /// Cancels a step, unless it has begun.
    fn cancel(&mut self, visit: &Visit) {
        let steps = &mut self.emr.job_flows[visit.job_flow].steps;
        if let Some(place) = steps.iter().position(|step| step.job == visit.job).filter(|place| *place > 0) {
            steps.remove(place);
            self.tally.too_late += 1;
        }
    }

    fn run_step(&mut self, agent: usize, job_flow: usize) {
        let longest = if self.is_calm { Duration::from_secs(2) } else { self.agents[agent].holder.ttl };
        let takes = up_to(&mut self.rng, longest);
        self.schedule(self.now + takes, world::Event::Finish(job_flow));
    }

    /// The first step ends, and the next begins.
    pub(crate) fn finish(&mut self, job_flow: usize) {
        let steps = &mut self.emr.job_flows[job_flow].steps;
        if !steps.is_empty() {
            steps.remove(0);
        }
        if let Some(next) = self.emr.job_flows[job_flow].steps.first() {
            self.run_step(next.agent, job_flow);
        }
    }

    /// EMR's answer arrives.
    pub(crate) fn told(&mut self, agent: usize, answer: EmrAnswer) {
        self.number(agent, Slot::Main);
        self.tell(|_| format!("agent {agent} hears from EMR: {answer:?}"));
        match answer {
            EmrAnswer::Free(is_free) => {
                self.agents[agent].truth.looked_free = is_free;
                self.claim_goes_on(agent, Event::Looked(is_free));
            }
            EmrAnswer::Acted(is_done) => self.claim_goes_on(agent, Event::Acted(is_done)),
            EmrAnswer::First(is_first) => self.claim_goes_on(agent, Event::Checked(is_first)),
            EmrAnswer::Undone => self.claim_goes_on(agent, Event::Undone),
            EmrAnswer::Pool(free, alive, started) => self.saw_pool(agent, free, alive, started),
            EmrAnswer::Started(job_flow) => {
                self.agents[agent].wants = Some(job_flow);
                self.end_run(agent);
            }
        }
    }

    fn saw_pool(&mut self, agent: usize, free: Option<usize>, alive: usize, started: u64) {
        self.agents[agent].truth.started = started;
        let is_pressed = self.left(agent) < self.agents[agent].takes() || self.agents[agent].is_lost;
        let is_unlocked = self.flaw == Some(crate::flaw::Flaw::StartsUnlocked);
        if free.is_none() && alive < self.scenario.most && (!is_pressed || is_unlocked) {
            return self.ask(agent, Asked::Start);
        }
        self.agents[agent].wants = free;
        self.end_run(agent);
    }

    /// EMR gives no answer in time.
    pub(crate) fn emr_is_silent(&mut self, agent: usize) {
        self.number(agent, Slot::Main);
        let Task::Claim(claim, purpose) = &self.agents[agent].task else {
            // Whether a job flow was started is not known: the lock is left to expire, so that nobody counts without it.
            return self.rest(agent, true);
        };
        let (is_acting, is_checking, purpose) = (claim.is_acting(), claim.is_checking(), *purpose);
        if is_checking {
            self.agents[agent].truth.is_unchecked = true;
            return self.claim_goes_on(agent, Event::Checked(true));
        }
        if !is_acting {
            let is_looking = claim_is_looking(&self.agents[agent].task);
            self.agents[agent].truth.is_unchecked |= !is_looking;
            self.agents[agent].truth.looked_free = false;
            return self.claim_goes_on(agent, if is_looking { Event::Looked(false) } else { Event::Undone });
        }
        let job_flow = &self.emr.job_flows[self.agents[agent].job_flow];
        let job = self.agents[agent].job;
        let is_there = match purpose {
            Purpose::End => job_flow.is_terminated,
            _ => job_flow.steps.iter().any(|step| step.job == job),
        };
        if is_there {
            self.tally.adopted += 1;
            return self.claim_goes_on(agent, Event::Acted(true));
        }
        // The call may still take effect: the lease is left to expire, so that it cannot hit the next holder.
        self.rest(agent, true);
    }
}

fn claim_is_looking(task: &Task) -> bool {
    matches!(task, Task::Claim(claim, Purpose::Join | Purpose::End) if !claim.is_acting() && !claim.is_checking())
}

//! An agent: one process after another of one tool, with a clock of its own.

use std::time::Duration;

use emr_core::claim::lease::{Answer, Lease, LockAttempt, LockRequest};
use emr_core::claim::protocol::{ClaimAttempt, Purpose};
use emr_core::model::lock::Holder;

use crate::clock::Clock;
use crate::scenario::Role;

/// What an agent is doing.
#[derive(Debug)]
pub(crate) enum Task {
    /// Nothing, until its timer rings: then it begins a job.
    Rest,
    /// It acquires, renews or releases a lock.
    Lock(LockAttempt, Aim),
    /// It claims a job flow.
    Claim(ClaimAttempt, Purpose),
    /// Its record with the lock is on its way to the next process.
    Handed(Aim),
    /// It reads the lock of a record, to see whether that is still its own.
    PickUp(Aim),
    /// It works under the lock.
    Work(Aim),
    /// It asks EMR for a job flow.
    Start,
    /// It has ended.
    Over,
}

/// What a lock is for.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Aim {
    /// To run a command.
    Run,
    /// To start a job flow in the pool.
    Create,
    /// To add steps.
    Add,
    /// To be handed on, and renewed later.
    Renew,
    /// To be released.
    Release,
}

/// One of the two requests that an agent may have under way.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Slot {
    Main,
    Renewal,
}

/// What a slot waits for.
#[derive(Debug, Default)]
pub(crate) enum Waits {
    #[default]
    Nothing,
    /// The store's answer to this request, which was sent at this time of the agent's clock.
    Answer(LockRequest, Duration),
    /// EMR's answer.
    Emr,
    /// A time; then this request is sent, if there is one.
    Timer(Option<LockRequest>),
}

/// A slot's request, and what is known of the attempt that it belongs to.
#[derive(Debug, Default)]
pub(crate) struct Line {
    /// The number of what it waits for. Events with another number are too late.
    pub(crate) number: u64,
    pub(crate) waits: Waits,
    /// The true time at which the store answered the last request.
    pub(crate) replied: Option<Duration>,
    /// The last answer.
    pub(crate) heard: Option<Answer>,
    /// The lease of the last successful write, as it should be.
    pub(crate) wrote: Option<Lease>,
    /// Whether anything was written.
    pub(crate) has_written: bool,
    /// Requests in this attempt.
    pub(crate) requests: u32,
    /// Inconclusive answers in this attempt, and when the first came.
    pub(crate) unclear: u32,
    pub(crate) unclear_since: Duration,
}

/// A lease that an agent has.
#[derive(Debug, Clone)]
pub(crate) struct Held {
    pub(crate) lock: usize,
    pub(crate) lease: Lease,
    /// Whether the object was deleted: the lease protects nothing.
    pub(crate) is_void: bool,
}

/// What the last action on a job flow came to, in truth.
#[derive(Debug, Clone, Copy, Default)]
#[expect(clippy::struct_excessive_bools, reason = "each is a fact of its own")]
pub(crate) struct Truth {
    pub(crate) is_done: bool,
    /// What the agent saw.
    pub(crate) looked_free: bool,
    /// Whether the agent could not undo, or check.
    pub(crate) is_unchecked: bool,
    /// Whether a write of this job freed its lock.
    pub(crate) is_freed: bool,
    /// The number of job flows that were ever started, when it looked.
    pub(crate) started: u64,
}

/// One agent.
#[derive(Debug)]
pub(crate) struct Agent {
    pub(crate) role: Role,
    pub(crate) clock: Clock,
    pub(crate) holder: Holder,
    pub(crate) task: Task,
    /// The number of its job, unique in the run.
    pub(crate) job: u64,
    pub(crate) lock: usize,
    pub(crate) job_flow: usize,
    pub(crate) held: Option<Held>,
    pub(crate) main: Line,
    pub(crate) renewal: Line,
    /// The renewal that is under way.
    pub(crate) renewing: Option<LockAttempt>,
    /// When the renewal is given up.
    pub(crate) renew_until: Duration,
    pub(crate) renewals_failed: u32,
    /// How much of the lease must be left while it works.
    pub(crate) spare: Duration,
    /// A look that was taken while the store was tested.
    pub(crate) looked: Option<bool>,
    /// How often it has found nothing in this search.
    pub(crate) tries: usize,
    /// The true time until which it is stopped.
    pub(crate) stopped_until: Duration,
    pub(crate) truth: Truth,
    /// Whether it has got what it wants since faults ceased.
    pub(crate) is_content: bool,
    /// A job flow that it has started and will claim next.
    pub(crate) wants: Option<usize>,
    /// Whether its lease was lost while it asks EMR.
    pub(crate) is_lost: bool,
}

impl Agent {
    pub(crate) fn new(role: Role, clock: Clock, holder: Holder) -> Self {
        Self {
            role,
            clock,
            holder,
            task: Task::Rest,
            job: 0,
            lock: 0,
            job_flow: 0,
            held: None,
            main: Line::default(),
            renewal: Line::default(),
            renewing: None,
            renew_until: Duration::ZERO,
            renewals_failed: 0,
            spare: Duration::ZERO,
            looked: None,
            tries: 0,
            stopped_until: Duration::ZERO,
            truth: Truth::default(),
            is_content: false,
            wants: None,
            is_lost: false,
        }
    }

    pub(crate) fn line(&mut self, slot: Slot) -> &mut Line {
        match slot {
            Slot::Main => &mut self.main,
            Slot::Renewal => &mut self.renewal,
        }
    }

    /// How long one EMR call may take, as the tools allow.
    pub(crate) fn takes(&self) -> Duration {
        Duration::from_secs(30).min(self.holder.ttl / 2)
    }

    /// The time limit of one request on its lock, as the tools set it.
    pub(crate) fn limit(&self) -> Duration {
        (self.holder.ttl / 5).clamp(Duration::from_secs(1), Duration::from_secs(10))
    }

    /// Whether it holds this lock at the true time `now`.
    pub(crate) fn holds(&self, lock: usize, now: Duration) -> bool {
        self.held
            .as_ref()
            .is_some_and(|held| held.lock == lock && !held.is_void && self.clock.shows(now) < held.lease.until)
    }

    /// The lease that it has, expired or not.
    pub(crate) fn lease(&self) -> Option<&Lease> {
        Some(&self.held.as_ref()?.lease)
    }
}

//! The claim on a job flow: lock, look under the lock, act, unlock.
//!
//! Whoever wants to use or to end a pooled job flow goes this way, so that two jobs never hold one, and a claimed one is
//! never ended. EMR takes no part in it: it cannot check who holds the lock. Therefore nothing is asked of EMR unless
//! enough of the lease is left for the answer, and who has added a step looks whether it is the first.

use std::time::Duration;

use crate::model::lock::Holder;
use crate::policy::lease::{Answer, Ask, Attempt, Circumstances, Goal, Lease, Next, Sighting, Verdict};

/// What a job flow is claimed for.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub enum Purpose {
    /// To hand it on to whoever adds steps (`find-pool`).
    Join,
    /// To add steps to it under a claim that was handed on (`add-step`).
    Add,
    /// To end it (`terminate-idle-job-flows`).
    End,
}

/// What is to be done next.
#[derive(Debug, Clone, PartialEq, Eq, Hash)]
pub enum Do {
    /// Ask this of the store of locks.
    Ask(Ask),
    /// Look whether the job flow is free, and still what it is wanted for.
    Look,
    /// Add the steps, or terminate it.
    Act,
    /// Look whether the steps that were added are the first.
    Check,
    /// Cancel the steps that were added.
    Undo,
    /// Nothing: this is what came of it.
    Done(Ending),
}

/// What came of what was done.
#[derive(Debug, Clone, PartialEq, Eq, Hash)]
pub enum Told {
    /// The store's answer.
    Answer(Answer),
    /// Whether the job flow is free.
    Looked(bool),
    /// Whether it was done; where that is unknown, it may have been.
    Acted(bool),
    /// Whether the steps are the first, so that nobody else's keep them waiting.
    Checked(bool),
    /// The steps were cancelled, as far as that was possible.
    Undone,
}

/// What a claim came to.
#[derive(Debug, Clone, PartialEq, Eq, Hash)]
pub enum Ending {
    /// The job flow is this holder's until the lease ends.
    Claimed(Lease),
    /// The steps were added, or the job flow was terminated.
    Acted,
    /// It was tried and could not be done.
    Failed,
    /// Somebody else holds it.
    Busy(Sighting),
    /// It is not free, or not what is wanted.
    NotFree,
    /// The claim that was handed on has run out, and may be somebody else's now.
    Lost,
    /// Somebody else's steps were first.
    TooLate,
    /// The store ignores conditions.
    Unsafe,
    /// The store gave no clear answer.
    Unsure,
}

#[derive(Debug, Clone, PartialEq, Eq, Hash)]
enum Stage {
    Locking(Attempt),
    Looking(Lease),
    Acting(Lease),
    Checking(Lease),
    Undoing(Lease),
    Unlocking(Attempt, Ending),
    Over,
}

/// One run's way to a claim.
#[derive(Debug, Clone, PartialEq, Eq, Hash)]
pub struct Claim {
    purpose: Purpose,
    /// How long what is asked of EMR may take.
    takes: Duration,
    stage: Stage,
}

impl Claim {
    /// A claim by `holder`, of whom EMR's answer to an action may take up to `takes`; and what to do first.
    #[must_use]
    pub fn new(purpose: Purpose, holder: Holder, takes: Duration) -> (Self, Do) {
        let goal = if purpose == Purpose::Add { Goal::Keep } else { Goal::Hold };
        let (attempt, ask) = Attempt::new(goal, holder);
        (Self { purpose, takes, stage: Stage::Locking(attempt) }, Do::Ask(ask))
    }

    /// The claim that was handed on as `lease`, to be acted on; and what to do first.
    #[must_use]
    pub fn resume(purpose: Purpose, lease: &Lease, takes: Duration, nonce: String) -> (Self, Do) {
        let (attempt, ask) = Attempt::keep(lease, nonce);
        (Self { purpose, takes, stage: Stage::Locking(attempt) }, Do::Ask(ask))
    }

    /// How long the lock is to be held after each write.
    #[must_use]
    pub fn ttl(&self) -> Duration {
        match &self.stage {
            Stage::Locking(attempt) | Stage::Unlocking(attempt, _) => attempt.ttl(),
            _ => self.lease().map_or(Duration::ZERO, |lease| lease.holder.ttl),
        }
    }

    /// Whether the action is what is being done.
    #[must_use]
    pub fn is_acting(&self) -> bool {
        matches!(self.stage, Stage::Acting(_))
    }

    /// Whether looking at what was added is what is being done.
    #[must_use]
    pub fn is_checking(&self) -> bool {
        matches!(self.stage, Stage::Checking(_))
    }

    /// How many answers have settled nothing; whoever asks again should wait the longer.
    #[must_use]
    pub fn unsettled(&self) -> u32 {
        match &self.stage {
            Stage::Locking(attempt) | Stage::Unlocking(attempt, _) => attempt.unsettled(),
            _ => 0,
        }
    }

    /// The lease that is held meanwhile.
    #[must_use]
    pub fn lease(&self) -> Option<&Lease> {
        match &self.stage {
            Stage::Looking(lease) | Stage::Acting(lease) | Stage::Checking(lease) | Stage::Undoing(lease) => {
                Some(lease)
            }
            Stage::Locking(_) | Stage::Unlocking(..) | Stage::Over => None,
        }
    }

    /// Notes that the lease, which is held meanwhile, was renewed.
    pub fn renewed(&mut self, renewed: Lease) {
        match &mut self.stage {
            Stage::Looking(lease) | Stage::Acting(lease) | Stage::Checking(lease) | Stage::Undoing(lease) => {
                *lease = renewed;
            }
            Stage::Locking(_) | Stage::Unlocking(..) | Stage::Over => {}
        }
    }

    /// What to do after what was `told`.
    #[must_use]
    pub fn next(&mut self, told: Told, at: &Circumstances) -> Do {
        match (std::mem::replace(&mut self.stage, Stage::Over), told) {
            (Stage::Locking(mut attempt), Told::Answer(answer)) => match attempt.next(answer, at) {
                Next::Ask(ask) => self.go(Stage::Locking(attempt), Do::Ask(ask)),
                Next::Done(verdict) => self.locked(verdict, at),
            },
            (Stage::Looking(lease), Told::Looked(free)) => self.looked(lease, free, at),
            (Stage::Acting(lease), Told::Acted(true)) if self.purpose == Purpose::Add => {
                self.go(Stage::Checking(lease), Do::Check)
            }
            (Stage::Acting(lease), Told::Acted(done)) => {
                self.unlock(&lease, if done { Ending::Acted } else { Ending::Failed }, at)
            }
            (Stage::Checking(lease), Told::Checked(true)) => self.unlock(&lease, Ending::Acted, at),
            (Stage::Checking(lease), Told::Checked(false)) => self.go(Stage::Undoing(lease), Do::Undo),
            (Stage::Undoing(lease), _) => self.unlock(&lease, Ending::TooLate, at),
            (Stage::Unlocking(mut attempt, ending), Told::Answer(answer)) => match attempt.next(answer, at) {
                Next::Ask(ask) => self.go(Stage::Unlocking(attempt, ending), Do::Ask(ask)),
                // Where unlocking fails the lease runs out by itself.
                Next::Done(_) => Do::Done(ending),
            },
            // Nothing of the kind was asked for.
            _ => Do::Done(Ending::Unsure),
        }
    }

    fn locked(&mut self, verdict: Verdict, at: &Circumstances) -> Do {
        match verdict {
            Verdict::Held(lease) if self.purpose == Purpose::Add => self.act(lease, at),
            Verdict::Held(lease) => self.go(Stage::Looking(lease), Do::Look),
            Verdict::Busy(sighting) => Do::Done(Ending::Busy(sighting)),
            Verdict::Lost(_) | Verdict::GivenBack => Do::Done(Ending::Lost),
            Verdict::Unsafe => Do::Done(Ending::Unsafe),
            Verdict::Unsure => Do::Done(Ending::Unsure),
        }
    }

    fn looked(&mut self, lease: Lease, free: bool, at: &Circumstances) -> Do {
        match self.purpose {
            _ if !free || lease.left(at.now) < self.takes => self.unlock(&lease, Ending::NotFree, at),
            Purpose::Join => Do::Done(Ending::Claimed(lease)),
            Purpose::Add | Purpose::End => self.act(lease, at),
        }
    }

    /// Acts, if EMR's answer will be there before the lease ends.
    fn act(&mut self, lease: Lease, at: &Circumstances) -> Do {
        if lease.left(at.now) < self.takes {
            return self.unlock(&lease, Ending::NotFree, at);
        }
        self.go(Stage::Acting(lease), Do::Act)
    }

    fn unlock(&mut self, lease: &Lease, ending: Ending, at: &Circumstances) -> Do {
        let (attempt, ask) = Attempt::give_back(lease, at.nonce.clone());
        self.go(Stage::Unlocking(attempt, ending), Do::Ask(ask))
    }

    fn go(&mut self, stage: Stage, next: Do) -> Do {
        self.stage = stage;
        next
    }
}

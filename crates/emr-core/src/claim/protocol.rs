//! The claim on a job flow: lock, look under the lock, act, unlock.
//!
//! Whoever wants to use or to end a pooled job flow goes this way, so that two jobs never hold one, and a claimed one is
//! never ended. EMR takes no part in it: it cannot check who holds the lock. Therefore nothing is asked of EMR unless
//! enough of the lease is left for the answer, and who has added a step looks whether it is the first.

use std::time::Duration;

use crate::claim::lease::{Answer, Ask, Attempt, Circumstances, Goal, Lease, LockError, Next, Sighting, Verdict};
use crate::model::lock::Holder;

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
    Done(Result<Ending, LockError>),
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
    /// Somebody else's steps were first.
    TooLate,
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
                Next::Done(locked) => self.locked(locked, at),
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
                Next::Done(_) => Do::Done(Ok(ending)),
            },
            // Nothing of the kind was asked for.
            _ => Do::Done(Err(LockError::Unsure)),
        }
    }

    fn locked(&mut self, locked: Result<Verdict, LockError>, at: &Circumstances) -> Do {
        match locked {
            Ok(Verdict::Held(lease)) if self.purpose == Purpose::Add => self.act(lease, at),
            Ok(Verdict::Held(lease)) => self.go(Stage::Looking(lease), Do::Look),
            Ok(Verdict::Busy(sighting)) => Do::Done(Ok(Ending::Busy(sighting))),
            Ok(Verdict::GivenBack) => Do::Done(Err(LockError::Lost(None))),
            Err(error) => Do::Done(Err(error)),
        }
    }

    fn looked(&mut self, lease: Lease, free: bool, at: &Circumstances) -> Do {
        match self.purpose {
            _ if !free || lease.left(at.now) < self.takes => self.unlock(&lease, Ending::NotFree, at),
            Purpose::Join => Do::Done(Ok(Ending::Claimed(lease))),
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

#[cfg(test)]
mod tests {
    use super::*;
    use crate::model::lock::{Lock, Token};

    const TAKES: Duration = Duration::from_secs(20);

    fn holder(token: &str) -> Holder {
        Holder { token: Token(token.to_owned()), owner: "somebody".to_owned(), ttl: Duration::from_mins(1) }
    }

    fn found(token: Option<&str>) -> Told {
        let lock = Lock { generation: 7, nonce: "before".to_owned(), holder: token.map(holder) };
        Told::Answer(Answer::Found(Sighting { lock, etag: "seen".to_owned(), age: Duration::ZERO }))
    }

    fn written() -> Told {
        Told::Answer(Answer::Written("written".to_owned()))
    }

    fn lost() -> Told {
        Told::Answer(Answer::Unclear)
    }

    /// What each of `told` makes a claim do, where the first write is answered after so many seconds, in words.
    fn done(purpose: Purpose, late_s: u64, told: impl IntoIterator<Item = Told>) -> Vec<String> {
        let (mut claim, first) = Claim::new(purpose, holder("me"), TAKES);
        let at = Circumstances { sent_at: Duration::ZERO, now: Duration::from_secs(late_s), nonce: String::new() };
        std::iter::once(first)
            .chain(told.into_iter().map(|told| claim.next(told, &at)))
            .map(|next| word(&next))
            .collect()
    }

    fn word(next: &Do) -> String {
        match next {
            Do::Ask(Ask::Read) => "read".to_owned(),
            Do::Ask(Ask::Create(lock) | Ask::Replace(_, lock)) if lock.holder.is_none() => "unlock".to_owned(),
            Do::Ask(Ask::Create(_) | Ask::Replace(..)) => "lock".to_owned(),
            Do::Done(Ok(Ending::Claimed(_))) => "Claimed".to_owned(),
            Do::Done(Ok(Ending::Busy(_))) => "Busy".to_owned(),
            Do::Done(Ok(ending)) => format!("{ending:?}"),
            Do::Done(Err(LockError::Lost(_))) => "Lost".to_owned(),
            Do::Done(Err(error)) => format!("{error:?}"),
            other => format!("{other:?}").to_lowercase(),
        }
    }

    #[test]
    fn to_join_is_to_lock_and_look_and_to_keep_the_lock() {
        let told = [found(None), written(), Told::Looked(true)];
        assert_eq!(done(Purpose::Join, 1, told), ["read", "lock", "look", "Claimed"]);
    }

    #[test]
    fn to_end_is_to_lock_look_terminate_and_unlock() {
        let told = [found(None), written(), Told::Looked(true), Told::Acted(true), written()];
        assert_eq!(done(Purpose::End, 1, told), ["read", "lock", "look", "act", "unlock", "Acted"]);
    }

    #[test]
    fn to_add_is_to_renew_the_claim_add_check_and_unlock() {
        let told = [found(Some("me")), written(), Told::Acted(true), Told::Checked(true), written()];
        assert_eq!(done(Purpose::Add, 1, told), ["read", "lock", "act", "check", "unlock", "Acted"]);
    }

    #[test]
    fn what_is_not_free_is_given_back_untouched() {
        for purpose in [Purpose::Join, Purpose::End] {
            let told = [found(None), written(), Told::Looked(false), written()];
            assert_eq!(done(purpose, 1, told), ["read", "lock", "look", "unlock", "NotFree"]);
        }
    }

    #[test]
    fn nothing_is_asked_of_emr_when_its_answer_could_come_after_the_lease() {
        let looked = || [found(None), written(), Told::Looked(true), written()];
        for purpose in [Purpose::Join, Purpose::End] {
            assert_eq!(done(purpose, 36, looked())[3..], ["unlock", "NotFree"]);
        }
        assert_eq!(done(Purpose::End, 35, looked())[3..], ["act", "Unsure"], "a told that was not asked for ends it");
        assert_eq!(done(Purpose::Add, 36, [found(Some("me")), written(), written()])[2..], ["unlock", "NotFree"]);
        assert_eq!(done(Purpose::Add, 35, [found(Some("me")), written()])[2..], ["act"]);
    }

    #[test]
    fn steps_that_came_second_are_cancelled() {
        let told = [found(Some("me")), written(), Told::Acted(true), Told::Checked(false), Told::Undone, written()];
        assert_eq!(done(Purpose::Add, 1, told)[3..], ["check", "undo", "unlock", "TooLate"]);
    }

    #[test]
    fn what_could_not_be_done_is_unlocked_all_the_same() {
        let told = [found(Some("me")), written(), Told::Acted(false), written()];
        assert_eq!(done(Purpose::Add, 1, told)[3..], ["unlock", "Failed"]);
    }

    #[test]
    fn what_was_done_was_done_although_unlocking_failed() {
        let told = [found(None), written(), Told::Looked(true), Told::Acted(true), lost(), found(Some("other"))];
        assert_eq!(done(Purpose::End, 1, told)[4..], ["unlock", "read", "Acted"]);
    }

    #[test]
    fn what_another_holds_is_busy_and_a_claim_that_is_another_s_is_lost() {
        assert_eq!(done(Purpose::Join, 1, [found(Some("other"))]), ["read", "Busy"]);
        assert_eq!(done(Purpose::End, 1, [found(Some("other"))]), ["read", "Busy"]);
        assert_eq!(done(Purpose::Add, 1, [found(Some("other"))]), ["read", "Lost"]);
        assert_eq!(done(Purpose::Add, 1, [found(None)]), ["read", "Lost"]);
    }
}

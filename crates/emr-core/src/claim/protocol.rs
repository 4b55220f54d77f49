//! The claim's protocol: lock a cluster, look under the lock, act, unlock.
//!
//! Every tool that uses or terminates a pooled cluster follows it, so that two jobs never hold the same one and a
//! claimed one is never terminated. EMR does not know the locks. So no action is sent to EMR unless the lease lasts
//! until its answer, and after adding steps the claim checks that they run next.
//!
//! | purpose | actions |
//! |---|---|
//! | [`Join`](Purpose::Join) | lock, look; the lock stays held and is handed over |
//! | [`Add`](Purpose::Add) | renew the lock, act, check (undo if too late), unlock |
//! | [`End`](Purpose::End) | lock, look, act, unlock |

use std::time::Duration;

use crate::claim::lease::{
    Answer, Circumstances, Goal, Lease, LockAttempt, LockError, LockRequest, Next, Sighting, Verdict,
};
use crate::model::lock::Holder;

/// What a claim is for.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub enum Purpose {
    /// To hand the cluster over to the tool that adds steps (`find-pool`).
    Join,
    /// To add steps under a claim that was handed over (`add-step`).
    Add,
    /// To terminate the cluster (`terminate-idle-job-flows`).
    End,
}

/// The next action.
#[derive(Debug, Clone, PartialEq, Eq, Hash)]
pub enum Action {
    /// Send this request to the store of locks.
    Request(LockRequest),
    /// Look whether the cluster is free and still fits.
    Look,
    /// Add the steps or terminate the cluster.
    Act,
    /// Check that the added steps run next.
    Check,
    /// Cancel the added steps.
    Undo,
    /// Stop: the claim has a result, or there is no lock to rely on.
    Done(Result<ClaimOutcome, LockError>),
}

/// The result of an action.
#[derive(Debug, Clone, PartialEq, Eq, Hash)]
pub enum Event {
    /// The store answered a request.
    Answered(Answer),
    /// Whether the cluster is free and fits.
    Looked(bool),
    /// Whether the action succeeded.
    Acted(bool),
    /// Whether the added steps run next, without waiting for another job's.
    Checked(bool),
    /// The added steps were cancelled, as far as possible.
    Undone,
}

/// The result of a claim.
#[derive(Debug, Clone, PartialEq, Eq, Hash)]
pub enum ClaimOutcome {
    /// This holder has the cluster until the lease expires.
    Claimed(Lease),
    /// The steps were added or the cluster was terminated.
    Acted,
    /// The action failed.
    Failed,
    /// Another holder has the lock.
    Busy(Sighting),
    /// The cluster is not free or does not fit, or too little of the lease is left to act.
    NotFree,
    /// Another job's steps came first; ours were cancelled.
    TooLate,
}

#[derive(Debug, Clone, PartialEq, Eq, Hash)]
enum Stage {
    Locking(LockAttempt),
    Looking(Lease),
    Acting(Lease),
    Checking(Lease),
    Undoing(Lease),
    Unlocking(LockAttempt, ClaimOutcome),
    Over,
}

/// One attempt at a claim, as a state machine.
#[derive(Debug, Clone, PartialEq, Eq, Hash)]
pub struct ClaimAttempt {
    purpose: Purpose,
    /// How long one EMR call may take.
    takes: Duration,
    stage: Stage,
}

impl ClaimAttempt {
    /// Begins a claim by `holder`. One EMR call may take up to `takes`. Returns the claim and its first action.
    #[must_use]
    pub fn new(purpose: Purpose, holder: Holder, takes: Duration) -> (Self, Action) {
        let goal = if purpose == Purpose::Add { Goal::Keep } else { Goal::Hold };
        let (attempt, request) = LockAttempt::new(goal, holder);
        (Self { purpose, takes, stage: Stage::Locking(attempt) }, Action::Request(request))
    }

    /// Resumes a claim that was handed over as `lease`. Returns the claim and its first action, which renews the lease.
    #[must_use]
    pub fn resume(purpose: Purpose, lease: &Lease, takes: Duration, nonce: String) -> (Self, Action) {
        let (attempt, request) = LockAttempt::keep(lease, nonce);
        (Self { purpose, takes, stage: Stage::Locking(attempt) }, Action::Request(request))
    }

    /// Who holds the lock, or wants it; `None` when the claim is over.
    #[must_use]
    pub fn holder(&self) -> Option<&Holder> {
        match &self.stage {
            Stage::Locking(attempt) | Stage::Unlocking(attempt, _) => Some(attempt.holder()),
            _ => self.lease().map(|lease| &lease.holder),
        }
    }

    /// The time to live that each write gives the lock.
    #[must_use]
    pub fn ttl(&self) -> Duration {
        self.holder().map_or(Duration::ZERO, |holder| holder.ttl)
    }

    /// Whether [`Action::Act`] is under way.
    #[must_use]
    pub fn is_acting(&self) -> bool {
        matches!(self.stage, Stage::Acting(_))
    }

    /// The outcome that stands once the lock is released; `None` while it is open.
    #[must_use]
    pub fn decided(&self) -> Option<&ClaimOutcome> {
        match &self.stage {
            Stage::Unlocking(_, outcome) => Some(outcome),
            _ => None,
        }
    }

    /// Whether [`Action::Check`] is under way.
    #[must_use]
    pub fn is_checking(&self) -> bool {
        matches!(self.stage, Stage::Checking(_))
    }

    /// Inconclusive answers of the store so far; back off accordingly.
    #[must_use]
    pub fn unsettled(&self) -> u32 {
        match &self.stage {
            Stage::Locking(attempt) | Stage::Unlocking(attempt, _) => attempt.unsettled(),
            _ => 0,
        }
    }

    /// The lease that is held while an action other than a request is under way.
    #[must_use]
    pub fn lease(&self) -> Option<&Lease> {
        match &self.stage {
            Stage::Looking(lease) | Stage::Acting(lease) | Stage::Checking(lease) | Stage::Undoing(lease) => {
                Some(lease)
            }
            Stage::Locking(_) | Stage::Unlocking(..) | Stage::Over => None,
        }
    }

    /// Takes the lease that was renewed during an action.
    pub fn renewed(&mut self, renewed: Lease) {
        match &mut self.stage {
            Stage::Looking(lease) | Stage::Acting(lease) | Stage::Checking(lease) | Stage::Undoing(lease) => {
                *lease = renewed;
            }
            Stage::Locking(_) | Stage::Unlocking(..) | Stage::Over => {}
        }
    }

    /// Takes the result of the last action, and returns the next one.
    #[must_use]
    pub fn next(&mut self, event: Event, at: &Circumstances) -> Action {
        match (std::mem::replace(&mut self.stage, Stage::Over), event) {
            (Stage::Locking(mut attempt), Event::Answered(answer)) => match attempt.next(answer, at) {
                Next::Request(ask) => self.go(Stage::Locking(attempt), Action::Request(ask)),
                Next::Done(locked) => self.locked(locked, at),
            },
            (Stage::Looking(lease), Event::Looked(free)) => self.looked(lease, free, at),
            (Stage::Acting(lease), Event::Acted(true)) if self.purpose == Purpose::Add => {
                self.go(Stage::Checking(lease), Action::Check)
            }
            (Stage::Acting(lease), Event::Acted(done)) => {
                self.unlock(&lease, if done { ClaimOutcome::Acted } else { ClaimOutcome::Failed }, at)
            }
            (Stage::Checking(lease), Event::Checked(true)) => self.unlock(&lease, ClaimOutcome::Acted, at),
            (Stage::Checking(lease), Event::Checked(false)) => self.go(Stage::Undoing(lease), Action::Undo),
            (Stage::Undoing(lease), _) => self.unlock(&lease, ClaimOutcome::TooLate, at),
            (Stage::Unlocking(mut attempt, outcome), Event::Answered(answer)) => match attempt.next(answer, at) {
                Next::Request(request) => self.go(Stage::Unlocking(attempt, outcome), Action::Request(request)),
                // If unlocking fails the lease expires by itself.
                Next::Done(_) => Action::Done(Ok(outcome)),
            },
            // The event is not the result of the last action.
            _ => Action::Done(Err(LockError::Unsure)),
        }
    }

    fn locked(&mut self, locked: Result<Verdict, LockError>, at: &Circumstances) -> Action {
        match locked {
            Ok(Verdict::Held(lease)) if self.purpose == Purpose::Add => self.act(lease, at),
            Ok(Verdict::Held(lease)) => self.go(Stage::Looking(lease), Action::Look),
            Ok(Verdict::Busy(sighting)) => Action::Done(Ok(ClaimOutcome::Busy(sighting))),
            Ok(Verdict::GivenBack) => Action::Done(Err(LockError::Lost(None))),
            Err(error) => Action::Done(Err(error)),
        }
    }

    fn looked(&mut self, lease: Lease, free: bool, at: &Circumstances) -> Action {
        match self.purpose {
            _ if !free || lease.left(at.now) < self.takes => self.unlock(&lease, ClaimOutcome::NotFree, at),
            Purpose::Join => Action::Done(Ok(ClaimOutcome::Claimed(lease))),
            Purpose::Add | Purpose::End => self.act(lease, at),
        }
    }

    /// Acts, if the lease lasts until EMR's answer.
    fn act(&mut self, lease: Lease, at: &Circumstances) -> Action {
        if lease.left(at.now) < self.takes {
            return self.unlock(&lease, ClaimOutcome::NotFree, at);
        }
        self.go(Stage::Acting(lease), Action::Act)
    }

    fn unlock(&mut self, lease: &Lease, outcome: ClaimOutcome, at: &Circumstances) -> Action {
        let (attempt, request) = LockAttempt::give_back(lease, at.nonce.clone());
        self.go(Stage::Unlocking(attempt, outcome), Action::Request(request))
    }

    fn go(&mut self, stage: Stage, next: Action) -> Action {
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

    fn found(token: Option<&str>) -> Event {
        let lock = Lock { generation: 7, nonce: "before".to_owned(), holder: token.map(holder) };
        Event::Answered(Answer::Found(Sighting { lock, etag: "seen".to_owned(), age: Duration::ZERO }))
    }

    fn written() -> Event {
        Event::Answered(Answer::Written("written".to_owned()))
    }

    fn lost() -> Event {
        Event::Answered(Answer::Unclear)
    }

    /// The actions that `events` lead to, if the first write is answered after `late_s` seconds.
    fn done(purpose: Purpose, late_s: u64, events: impl IntoIterator<Item = Event>) -> Vec<String> {
        let (mut claim, first) = ClaimAttempt::new(purpose, holder("me"), TAKES);
        let at = Circumstances { sent_at: Duration::ZERO, now: Duration::from_secs(late_s), nonce: String::new() };
        std::iter::once(first)
            .chain(events.into_iter().map(|event| claim.next(event, &at)))
            .map(|next| word(&next))
            .collect()
    }

    fn word(next: &Action) -> String {
        match next {
            Action::Request(LockRequest::Read) => "read".to_owned(),
            Action::Request(LockRequest::Create(lock) | LockRequest::Replace(_, lock)) if lock.holder.is_none() => {
                "unlock".to_owned()
            }
            Action::Request(LockRequest::Create(_) | LockRequest::Replace(..)) => "lock".to_owned(),
            Action::Done(Ok(ClaimOutcome::Claimed(_))) => "Claimed".to_owned(),
            Action::Done(Ok(ClaimOutcome::Busy(_))) => "Busy".to_owned(),
            Action::Done(Ok(ending)) => format!("{ending:?}"),
            Action::Done(Err(LockError::Lost(_))) => "Lost".to_owned(),
            Action::Done(Err(error)) => format!("{error:?}"),
            other => format!("{other:?}").to_lowercase(),
        }
    }

    #[test]
    fn joining_locks_looks_and_keeps_the_lock() {
        let events = [found(None), written(), Event::Looked(true)];
        assert_eq!(done(Purpose::Join, 1, events), ["read", "lock", "look", "Claimed"]);
    }

    #[test]
    fn ending_locks_looks_terminates_and_unlocks() {
        let events = [found(None), written(), Event::Looked(true), Event::Acted(true), written()];
        assert_eq!(done(Purpose::End, 1, events), ["read", "lock", "look", "act", "unlock", "Acted"]);
    }

    #[test]
    fn adding_renews_the_claim_adds_checks_and_unlocks() {
        let events = [found(Some("me")), written(), Event::Acted(true), Event::Checked(true), written()];
        assert_eq!(done(Purpose::Add, 1, events), ["read", "lock", "act", "check", "unlock", "Acted"]);
    }

    #[test]
    fn a_cluster_that_is_not_free_is_released_untouched() {
        for purpose in [Purpose::Join, Purpose::End] {
            let events = [found(None), written(), Event::Looked(false), written()];
            assert_eq!(done(purpose, 1, events), ["read", "lock", "look", "unlock", "NotFree"]);
        }
    }

    #[test]
    fn nothing_is_sent_to_emr_when_its_answer_could_come_after_the_lease() {
        let looked = || [found(None), written(), Event::Looked(true), written()];
        for purpose in [Purpose::Join, Purpose::End] {
            assert_eq!(done(purpose, 36, looked())[3..], ["unlock", "NotFree"]);
        }
        assert_eq!(done(Purpose::End, 35, looked())[3..], ["act", "Unsure"], "an unexpected event ends it");
        assert_eq!(done(Purpose::Add, 36, [found(Some("me")), written(), written()])[2..], ["unlock", "NotFree"]);
        assert_eq!(done(Purpose::Add, 35, [found(Some("me")), written()])[2..], ["act"]);
    }

    #[test]
    fn steps_that_came_second_are_cancelled() {
        let events =
            [found(Some("me")), written(), Event::Acted(true), Event::Checked(false), Event::Undone, written()];
        assert_eq!(done(Purpose::Add, 1, events)[3..], ["check", "undo", "unlock", "TooLate"]);
    }

    #[test]
    fn after_a_failed_action_the_lock_is_released() {
        let events = [found(Some("me")), written(), Event::Acted(false), written()];
        assert_eq!(done(Purpose::Add, 1, events)[3..], ["unlock", "Failed"]);
    }

    #[test]
    fn a_finished_action_counts_although_unlocking_failed() {
        let events = [found(None), written(), Event::Looked(true), Event::Acted(true), lost(), found(Some("other"))];
        assert_eq!(done(Purpose::End, 1, events)[4..], ["unlock", "read", "Acted"]);
    }

    #[test]
    fn another_holder_s_lock_is_busy_and_another_holder_s_claim_is_lost() {
        assert_eq!(done(Purpose::Join, 1, [found(Some("other"))]), ["read", "Busy"]);
        assert_eq!(done(Purpose::End, 1, [found(Some("other"))]), ["read", "Busy"]);
        assert_eq!(done(Purpose::Add, 1, [found(Some("other"))]), ["read", "Lost"]);
        assert_eq!(done(Purpose::Add, 1, [found(None)]), ["read", "Lost"]);
    }
}

//! The store with the lock, and the job flow that it guards.

use std::time::Duration;

use emr_core::claim::lease::{Answer, LockRequest, Sighting};
use emr_core::model::lock::{Holder, Lock};

use crate::Flaw;

/// One object on S3, with conditional writes, times in whole seconds, and unique `ETag`s.
///
/// Here an `ETag` is the number of the write. On S3 it is unique because of the nonce in each lock.
#[derive(Debug, Clone, Default, PartialEq, Eq, Hash)]
pub(crate) struct Store {
    writes: u32,
    object: Option<(Lock, Duration)>,
    /// Whether a write ever lowered the generation, or kept it for a new holder.
    pub(crate) fell: bool,
}

impl Store {
    /// Carries out `request` and answers like S3, except for `flaw`.
    pub(crate) fn answer(&mut self, request: &LockRequest, now: Duration, flaw: Option<Flaw>) -> Answer {
        match request {
            LockRequest::Read => self.read(now, flaw),
            LockRequest::Create(_) if self.object.is_some() && !ignores_if_none_match(flaw) => Answer::Refused,
            LockRequest::Replace(etag, _) if self.etag(flaw).as_ref() != Some(etag) && !ignores_if_match(flaw) => {
                Answer::Refused
            }
            LockRequest::Create(lock) | LockRequest::Replace(_, lock) => self.write(lock, now, flaw),
            LockRequest::Prove(_) if flaw == Some(Flaw::Unproved) => Answer::Refused,
            LockRequest::Prove(lock) => match self.answer(&LockRequest::Create(lock.clone()), now, flaw) {
                Answer::Refused => self.answer(&LockRequest::Replace("another".to_owned(), lock.clone()), now, flaw),
                written => written,
            },
        }
    }

    /// Whether `agent` is the stored holder.
    pub(crate) fn is_of(&self, agent: &Holder) -> bool {
        self.object.as_ref().is_some_and(|(lock, _)| lock.holder.as_ref() == Some(agent))
    }

    /// Whether `request` can have an effect, now or later. `ETag`s are unique, and locks are never deleted.
    pub(crate) fn can_ever_do(&self, request: &LockRequest, flaw: Option<Flaw>) -> bool {
        match request {
            LockRequest::Create(_) => self.object.is_none() || flaw.is_some(),
            LockRequest::Replace(etag, _) => self.etag(flaw).as_ref() == Some(etag) || flaw.is_some(),
            LockRequest::Read | LockRequest::Prove(_) => false,
        }
    }

    fn read(&self, now: Duration, flaw: Option<Flaw>) -> Answer {
        let (Some((lock, written)), Some(etag)) = (&self.object, self.etag(flaw)) else {
            return Answer::Absent(now.as_secs());
        };
        let ahead = if let Some(Flaw::AgeAhead(ahead)) = flaw { ahead } else { Duration::ZERO };
        let age = Duration::from_secs(now.as_secs() - written.as_secs()) + ahead;
        Answer::Found(Sighting { lock: lock.clone(), etag, age })
    }

    fn write(&mut self, lock: &Lock, now: Duration, flaw: Option<Flaw>) -> Answer {
        if let Some((before, _)) = &self.object {
            let taken = lock.holder.is_some() && lock.holder != before.holder;
            self.fell |= lock.generation < before.generation + u64::from(taken);
        }
        self.writes += 1;
        self.object = Some((lock.clone(), now));
        Answer::Written(self.etag(flaw).unwrap_or_default())
    }

    fn etag(&self, flaw: Option<Flaw>) -> Option<String> {
        let (lock, _) = self.object.as_ref()?;
        let token = lock.holder.as_ref().map_or("nobody", |holder| &holder.token.0);
        let content = format!("{token} {}", lock.generation);
        Some(if flaw == Some(Flaw::NoNonce) { content } else { self.writes.to_string() })
    }
}

fn ignores_if_match(flaw: Option<Flaw>) -> bool {
    matches!(flaw, Some(Flaw::IgnoresConditions | Flaw::IgnoresIfMatch | Flaw::Unproved | Flaw::ReadsBack))
}

fn ignores_if_none_match(flaw: Option<Flaw>) -> bool {
    matches!(flaw, Some(Flaw::IgnoresConditions | Flaw::IgnoresIfNoneMatch | Flaw::Unproved | Flaw::ReadsBack))
}

/// A job flow: the agents with unfinished steps, in order, and whether it has ended.
#[derive(Debug, Clone, Default, PartialEq, Eq, Hash)]
pub(crate) struct JobFlow {
    pub(crate) steps: Vec<usize>,
    pub(crate) terminated: bool,
}

impl JobFlow {
    /// Whether it can be joined or terminated.
    pub(crate) fn is_free(&self) -> bool {
        self.steps.is_empty() && !self.terminated
    }

    /// Whether the steps of `agent` run next or are done.
    pub(crate) fn is_first(&self, agent: usize) -> bool {
        self.steps.first() == Some(&agent) || !self.steps.contains(&agent)
    }
}

//! Drives the lock protocol of emr-core on S3: sends its requests and backs off after inconclusive answers.

use std::time::Duration;

use emr_core::claim::backoff;
use emr_core::claim::lease::{
    Answer, Circumstances, Goal, Lease, LockAttempt, LockError, LockRequest, Next, Sighting, Verdict,
};
use emr_core::error::{CallErrorKind, Error, Result};
use emr_core::model::lock::{Holder, LONGEST_TTL, Lock, Token};
use emr_core::model::s3_uri::S3Uri;

use super::s3::{Condition, S3};
use super::trouble::Trouble;
use super::{call_time, monotonic};

/// Attempts to connect. A failed connection rarely recovers within seconds.
const CONNECTIONS: u32 = 3;

/// The outcome of [`LockAt::hold`].
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Hold {
    /// The lock is held by us.
    Held(Lease),
    /// Somebody else holds it.
    Busy(Sighting),
}

/// A lock on S3.
///
/// Every failure of the protocol is an error with a [`LockError`] as its cause.
#[derive(Clone, Copy)]
pub struct LockAt<'a> {
    pub(super) s3: &'a S3,
    pub(super) uri: &'a S3Uri,
}

impl S3 {
    /// The lock of the object at `uri`, which may not exist yet.
    #[must_use]
    pub fn lock<'a>(&'a self, uri: &'a S3Uri) -> LockAt<'a> {
        LockAt { s3: self, uri }
    }
}

impl LockAt<'_> {
    /// Tries to acquire the lock for `holder`.
    pub async fn hold(&self, holder: Holder) -> Result<Hold> {
        match self.drive(LockAttempt::new(Goal::Hold, holder)).await? {
            Verdict::Held(lease) => Ok(Hold::Held(lease)),
            Verdict::Busy(sighting) => Ok(Hold::Busy(sighting)),
            Verdict::GivenBack => Err(LockError::Unsure.at(self.uri)),
        }
    }

    /// Renews the lock that is held under `token`, with its previous time to live unless `ttl` is given.
    pub async fn keep(&self, token: &Token, ttl: Option<Duration>) -> Result<Lease> {
        let mut lease = self.lease_of(token).await?;
        lease.holder.ttl = ttl.unwrap_or(lease.holder.ttl);
        self.renew(&lease).await
    }

    /// Renews `lease`.
    pub async fn renew(&self, lease: &Lease) -> Result<Lease> {
        match self.drive(LockAttempt::keep(lease, nonce())).await? {
            Verdict::Held(renewed) => Ok(renewed),
            Verdict::Busy(_) | Verdict::GivenBack => Err(LockError::Unsure.at(self.uri)),
        }
    }

    /// Releases the lock that is held under `token`.
    pub async fn give_back(&self, token: &Token) -> Result<()> {
        let lease = self.lease_of(token).await?;
        self.drive(LockAttempt::give_back(&lease, nonce())).await.map(drop)
    }

    /// The stored lease of `token`, which may have expired.
    async fn lease_of(&self, token: &Token) -> Result<Lease> {
        let lost = |seen| LockError::Lost(seen).at(self.uri);
        let sighting = self.look().await?.ok_or_else(|| lost(None))?;
        match &sighting.lock.holder {
            Some(holder) if holder.token == *token => Ok(Lease {
                holder: holder.clone(),
                generation: sighting.lock.generation,
                etag: sighting.etag,
                until: Duration::ZERO,
            }),
            _ => Err(lost(Some(sighting))),
        }
    }

    /// Releases `lease`, and stops trying when it expires. An unclear answer is no error: the lease soon expires
    /// anyway.
    pub async fn release(&self, lease: &Lease) -> Result<()> {
        let giving_back = self.drive(LockAttempt::give_back(lease, nonce()));
        match tokio::time::timeout(lease.left(monotonic::now()), giving_back).await {
            Ok(Err(error)) if error.cause::<LockError>().is_none() => Err(error),
            _ => Ok(()),
        }
    }

    /// Reads the lock; `None` without an object.
    pub async fn look(&self) -> Result<Option<Sighting>> {
        let mut tries = 0;
        let mut trouble = Trouble::default();
        loop {
            match trouble.settle(self.read(call_time::LONGEST).await)? {
                Answer::Found(sighting) => return Ok(Some(sighting)),
                Answer::Absent(_) => return Ok(None),
                _ if tries > 5 => return Err(trouble.explain(LockError::Unsure, self.uri, LONGEST_TTL)),
                _ => tries += 1,
            }
            pause(tries).await;
        }
    }

    async fn drive(&self, (mut attempt, mut request): (LockAttempt, LockRequest)) -> Result<Verdict> {
        let mut trouble = Trouble::default();
        loop {
            let (answer, circumstances) = self.ask(&request, Some(attempt.holder()), &mut trouble).await?;
            let before = attempt.unsettled();
            match attempt.next(answer, &circumstances) {
                Next::Done(done) => return done.map_err(|error| trouble.explain(error, self.uri, attempt.ttl())),
                Next::Request(next) => request = next,
            }
            if attempt.unsettled() > before {
                pause(before).await;
            }
        }
    }

    /// Sends `request` for `holder`, and returns the answer with the times that the protocol needs. Notes in `trouble` why
    /// an answer was unclear.
    pub(super) async fn ask(
        &self,
        request: &LockRequest,
        holder: Option<&Holder>,
        trouble: &mut Trouble,
    ) -> Result<(Answer, Circumstances)> {
        let (ttl, token) = (holder.map_or(Duration::ZERO, |holder| holder.ttl), holder.map(|holder| &holder.token));
        let limit = call_time::of(ttl);
        let mut tries = 0;
        loop {
            let sent_at = monotonic::now();
            let answer = self.answer(request, token, limit, sent_at).await;
            let now = monotonic::now();
            if trouble.is_slow(&answer, now.saturating_sub(sent_at), ttl) && self.s3.is_first_slow_answer() {
                log::warn!("{}: {}; a longer time to live is safer", self.uri, trouble.slowness(ttl));
            }
            match answer {
                Err(error) if was_not_sent(&error) && tries + 1 < CONNECTIONS => tries += 1,
                answer => {
                    let answer = trouble.settle(answer)?;
                    return Ok((answer, Circumstances { sent_at, now, nonce: nonce() }));
                }
            }
            pause(tries).await;
        }
    }

    async fn answer(
        &self,
        request: &LockRequest,
        by: Option<&Token>,
        limit: Duration,
        sent_at: Duration,
    ) -> Result<Answer> {
        let write = |condition, lock| self.write(condition, lock, by, limit, sent_at);
        match request {
            LockRequest::Read => self.read(limit).await,
            LockRequest::Create(lock) => write(Condition::Absent, lock).await,
            LockRequest::Replace(etag, lock) => write(Condition::Is(etag), lock).await,
            // Two writes that the store must refuse, concurrently.
            LockRequest::Prove(lock) => {
                match tokio::join!(write(Condition::Absent, lock), write(Condition::Is(NO_ETAG), lock)) {
                    (Ok(Answer::Refused), Ok(Answer::Refused)) => Ok(Answer::Refused),
                    (Ok(written @ Answer::Written(_)), _) | (_, Ok(written @ Answer::Written(_))) => Ok(written),
                    (Err(error), _) | (_, Err(error)) => Err(error),
                    _ => Ok(Answer::Unclear),
                }
            }
        }
    }

    async fn read(&self, limit: Duration) -> Result<Answer> {
        let asked = self.s3.history().map(|history| history.reads(self.uri)).transpose()?;
        let answer = self.s3.read_lock(self.uri, limit).await;
        if let Some(asked) = asked {
            asked.answered(&answer);
        }
        answer
    }

    /// Writes `lock` for the holder of the token `by`. The lease that it makes counts from `sent_at`.
    async fn write(
        &self,
        condition: Condition<'_>,
        lock: &Lock,
        by: Option<&Token>,
        limit: Duration,
        sent_at: Duration,
    ) -> Result<Answer> {
        let history = self.s3.history();
        let asked = history.map(|history| history.writes(self.uri, condition, lock, by, sent_at)).transpose()?;
        let answer = self.s3.write_lock(self.uri, condition, lock, limit).await;
        if let Some(asked) = asked {
            asked.answered(&answer);
        }
        answer
    }
}

/// An `ETag` that no object has: an MD5 sum of zeros.
pub(super) const NO_ETAG: &str = "\"00000000000000000000000000000000\"";

fn was_not_sent(error: &Error) -> bool {
    error.call().is_some_and(|call| call.kind == CallErrorKind::NotSent)
}

/// A value that no other write has.
pub(super) fn nonce() -> String {
    format!("{:016x}", fastrand::u64(..))
}

pub(super) async fn pause(tries: u32) {
    tokio::time::sleep(backoff::quick_delay(tries, fastrand::f64())).await;
}

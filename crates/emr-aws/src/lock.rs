//! Carries the lock's protocol out on S3: asks what it says, waits where nothing was settled, keeps what is held.

use std::time::Duration;

use emr_core::claim::backoff;
use emr_core::claim::lease::{Answer, Circumstances, Goal, Lease, LockAttempt, LockRequest, Next, Sighting, Verdict};
use emr_core::error::{Error, Outcome, Result};
use emr_core::model::lock::{Holder, Lock, Token};
use emr_core::model::s3_uri::S3Uri;

use super::monotonic;
use super::s3::{Condition, S3};

/// How often a store is tried that cannot be reached. Who is not there now is rarely there a second later.
const CONNECTIONS: u32 = 3;

/// A call may take a fifth of the lease, so that there is time for others; but no less and no more than this.
const SHORTEST_CALL: Duration = Duration::from_secs(1);
const LONGEST_CALL: Duration = Duration::from_secs(10);

/// A lock on S3.
#[derive(Clone, Copy)]
pub struct LockAt<'a> {
    s3: &'a S3,
    uri: &'a S3Uri,
}

impl S3 {
    /// The lock whose object is, or will be, at `uri`.
    #[must_use]
    pub fn lock<'a>(&'a self, uri: &'a S3Uri) -> LockAt<'a> {
        LockAt { s3: self, uri }
    }
}

impl LockAt<'_> {
    /// Tries to get `holder` this lock.
    pub async fn hold(&self, holder: Holder) -> Result<Verdict> {
        self.drive(LockAttempt::new(Goal::Hold, holder)).await
    }

    /// Renews the lock that is held under `token`, as long as before or for `ttl` from now on.
    pub async fn keep(&self, token: &Token, ttl: Option<Duration>) -> Result<Verdict> {
        match self.lease_of(token).await? {
            Ok(mut lease) => {
                lease.holder.ttl = ttl.unwrap_or(lease.holder.ttl);
                self.renew(&lease).await
            }
            Err(other) => Ok(Verdict::Lost(other)),
        }
    }

    /// Renews `lease`.
    pub async fn renew(&self, lease: &Lease) -> Result<Verdict> {
        self.drive(LockAttempt::keep(lease, nonce())).await
    }

    /// Gives the lock that is held under `token` back.
    pub async fn give_back(&self, token: &Token) -> Result<Verdict> {
        match self.lease_of(token).await? {
            Ok(lease) => self.drive(LockAttempt::give_back(&lease, nonce())).await,
            Err(other) => Ok(Verdict::Lost(other)),
        }
    }

    /// What is stored of the lease under `token`, which may have run out; else whose the lock is.
    async fn lease_of(&self, token: &Token) -> Result<std::result::Result<Lease, Option<Sighting>>> {
        let Some(sighting) = self.look().await? else { return Ok(Err(None)) };
        match &sighting.lock.holder {
            Some(holder) if holder.token == *token => Ok(Ok(Lease {
                holder: holder.clone(),
                generation: sighting.lock.generation,
                etag: sighting.etag,
                until: Duration::ZERO,
            })),
            _ => Ok(Err(Some(sighting))),
        }
    }

    /// Gives `lease` back as long as it lasts: one that has run out is nobody's already.
    pub async fn release(&self, lease: &Lease) -> Result<Verdict> {
        let giving_back = self.drive(LockAttempt::give_back(lease, nonce()));
        let done = tokio::time::timeout(lease.left(monotonic::now()), giving_back).await;
        done.unwrap_or(Ok(Verdict::Unsure))
    }

    /// What the lock is; none where there is no object.
    pub async fn look(&self) -> Result<Option<Sighting>> {
        let mut tries = 0;
        loop {
            match self.answer(&LockRequest::Read, LONGEST_CALL).await? {
                Answer::Found(sighting) => return Ok(Some(sighting)),
                Answer::Absent(_) => return Ok(None),
                _ if tries > 5 => {
                    return Err(Error::new(Outcome::Unavailable, format!("{}: S3 gave no clear answer", self.uri)));
                }
                _ => tries += 1,
            }
            pause(tries).await;
        }
    }

    /// Renews `lease` over and over. Returns only when no more than `spare` of it is left, because it was lost or could
    /// not be renewed, and says why.
    pub async fn keep_on(&self, lease: &mut Lease, spare: Duration) -> Error {
        loop {
            let left = lease.left(monotonic::now()).saturating_sub(spare);
            tokio::time::sleep((lease.holder.ttl / 3).min(left)).await;
            if let Err(lost) = self.keep_once(lease, spare).await {
                return lost;
            }
        }
    }

    /// Renews `lease` once. Fails when no more than `spare` of it is left, or it was lost, and says why.
    pub async fn keep_once(&self, lease: &mut Lease, spare: Duration) -> Result<()> {
        let left = lease.left(monotonic::now()).saturating_sub(spare);
        if left.is_zero() {
            let text = format!("{}: the lock ran out before it could be renewed", self.uri);
            return Err(Error::new(Outcome::TryAgain, text));
        }
        let why = match tokio::time::timeout(left, self.renew(lease)).await {
            Ok(Ok(Verdict::Held(renewed))) => {
                *lease = renewed;
                return Ok(());
            }
            Ok(Ok(Verdict::Lost(now))) => return Err(lost(self.uri, now.as_ref())),
            Ok(Err(error)) => error.to_string(),
            Ok(Ok(_)) | Err(_) => "S3 gave no clear answer in time".to_owned(),
        };
        if lease.left(monotonic::now()) <= spare {
            let text = format!("{}: the lock could not be renewed: {why}", self.uri);
            return Err(Error::new(Outcome::Unavailable, text));
        }
        log::debug!("{}: not renewed yet: {why}", self.uri);
        pause(1).await;
        Ok(())
    }

    async fn drive(&self, (mut attempt, mut request): (LockAttempt, LockRequest)) -> Result<Verdict> {
        loop {
            let (answer, circumstances) = self.ask(&request, attempt.ttl()).await?;
            let before = attempt.unsettled();
            match attempt.next(answer, &circumstances) {
                Next::Done(verdict) => return Ok(verdict),
                Next::Request(next) => request = next,
            }
            if attempt.unsettled() > before {
                pause(before).await;
            }
        }
    }

    /// Asks the store, and says what the protocol wants to know of the circumstances.
    pub(super) async fn ask(&self, request: &LockRequest, ttl: Duration) -> Result<(Answer, Circumstances)> {
        let limit = (ttl / 5).clamp(SHORTEST_CALL, LONGEST_CALL);
        let mut tries = 0;
        loop {
            let sent_at = monotonic::now();
            match self.answer(request, limit).await {
                Ok(answer) => {
                    let circumstances = Circumstances { sent_at, now: monotonic::now(), nonce: nonce() };
                    return Ok((answer, circumstances));
                }
                Err(error) if error.outcome == Outcome::Unavailable && tries + 1 < CONNECTIONS => tries += 1,
                Err(error) => return Err(error),
            }
            pause(tries).await;
        }
    }

    async fn answer(&self, request: &LockRequest, limit: Duration) -> Result<Answer> {
        match request {
            LockRequest::Read => self.s3.read_lock(self.uri, limit).await,
            LockRequest::Create(lock) => self.s3.write_lock(self.uri, Condition::Absent, lock, limit).await,
            LockRequest::Replace(etag, lock) => self.s3.write_lock(self.uri, Condition::Is(etag), lock, limit).await,
            LockRequest::Prove(lock) => self.prove(lock, limit).await,
        }
    }

    /// Two writes that the store must refuse, side by side.
    async fn prove(&self, lock: &Lock, limit: Duration) -> Result<Answer> {
        let create = self.s3.write_lock(self.uri, Condition::Absent, lock, limit);
        let replace = self.s3.write_lock(self.uri, Condition::Is(NO_ETAG), lock, limit);
        match tokio::try_join!(create, replace)? {
            (Answer::Refused, Answer::Refused) => Ok(Answer::Refused),
            (written @ Answer::Written(_), _) | (_, written @ Answer::Written(_)) => Ok(written),
            _ => Ok(Answer::Unclear),
        }
    }
}

/// The `ETag` of no object: the MD5 sum that every bit of is zero.
pub(super) const NO_ETAG: &str = "\"00000000000000000000000000000000\"";

/// The lock at `uri` is not, or no longer, held under a token, but as it was seen `now`.
#[must_use]
pub fn lost(uri: &S3Uri, now: Option<&Sighting>) -> Error {
    let holder = now.and_then(|sighting| sighting.lock.holder.as_ref());
    let whose = holder.map_or_else(String::new, |holder| format!("; {} has it", holder.owner));
    Error::new(Outcome::TryAgain, format!("{uri}: the lock is not held under this token{whose}"))
}

/// The store at `uri` cannot lock anything.
#[must_use]
pub fn unsafe_store(uri: &S3Uri) -> Error {
    Error::config(format!("{uri}: the store ignores conditions of writes, so that two could hold one lock"))
        .advise("keep locks on Amazon S3, or on a store that s3-lock probe accepts")
}

/// S3 never said clearly whether the lock is held.
#[must_use]
pub fn unsure(uri: &S3Uri) -> Error {
    Error::new(Outcome::Unavailable, format!("{uri}: S3 gave no clear answer, however often it was asked"))
        .advise("if the lock was taken all the same, it runs out by itself")
}

/// What no other write says.
pub(super) fn nonce() -> String {
    format!("{:016x}", fastrand::u64(..))
}

pub(super) async fn pause(tries: u32) {
    tokio::time::sleep(backoff::quick_delay(tries, fastrand::f64())).await;
}

//! Terminates one job flow: under its lock, if it has one, and only if it is still idle.

use std::cell::RefCell;
use std::time::Duration;

use emr_aws::claim;
use emr_cli::{PoolLock, owner, random};
use emr_core::claim::protocol::{ClaimOutcome, Purpose};
use emr_core::error::{CallError, CallErrorKind, Error, Outcome, Result};
use emr_core::idle::Busy;
use emr_core::model::lock::Holder;
use emr_core::model::s3_uri::S3Uri;
use tokio::sync::{Notify, watch};

use crate::look::{Looking, Seen};

/// The time to live of the lock, renewed with each write. It is long enough to look at the job flow and terminate it.
const TTL: Duration = Duration::from_mins(1);

/// How old a look may be to terminate a job flow that nobody can claim.
const FRESH: Duration = Duration::from_secs(1);

/// A job flow that looked idle, and will be terminated.
pub(crate) struct Doomed<'a> {
    looking: Looking<'a>,
    /// The last look.
    seen: RefCell<Seen>,
    /// Whether the user wants the run to stop.
    stop: &'a watch::Sender<bool>,
    /// The lock of its pool, if the pool has a minimum.
    pool: Option<&'a PoolLock<'a>>,
    lease_is_lost: Notify,
}

impl<'a> Doomed<'a> {
    pub(crate) fn new(
        looking: Looking<'a>,
        seen: Seen,
        stop: &'a watch::Sender<bool>,
        pool: Option<&'a PoolLock<'a>>,
    ) -> Self {
        Self { looking, seen: RefCell::new(seen), stop, pool, lease_is_lost: Notify::new() }
    }

    /// Terminates it, unless a job has claimed it or begun to use it; then the result says why it was spared.
    pub(crate) async fn end(self) -> Result<Seen> {
        let lock = self.seen.borrow().lock.clone();
        let spared = match lock {
            Some(uri) => self.end_under(&uri).await?,
            // It has no lock that could be taken, so a recent look is all that can be done.
            None if self.is_fresh() || claim::Work::look(&self).await? => {
                claim::Work::act(&self).await?;
                None
            }
            None => Some(NOT_FREE.to_owned()),
        };
        let mut seen = self.seen.into_inner();
        seen.spared = seen.spared.or(spared);
        Ok(seen)
    }

    /// Whether the last look is recent enough. If mrjob's jobs can lock it, a new look right before the end is needed.
    fn is_fresh(&self) -> bool {
        let seen = self.seen.borrow();
        seen.member.is_none() && seen.as_of.elapsed() < FRESH && !*self.stop.borrow()
    }

    /// Waits until its lock or that of its pool is lost.
    async fn loses_a_lock(&self) {
        let pool = async {
            match self.pool {
                Some(pool) => pool.lost().await,
                None => std::future::pending().await,
            }
        };
        tokio::select! {
            () = self.lease_is_lost.notified() => {}
            () = pool => {}
        }
    }

    /// Terminates it under its lock, or returns why it is spared.
    async fn end_under(&self, uri: &S3Uri) -> Result<Option<String>> {
        let holder = Holder { token: random::token(), owner: owner::owner(), ttl: TTL };
        match self.looking.aws().s3.lock(uri).claim(Purpose::End, holder, self).await? {
            ClaimOutcome::Acted => Ok(None),
            ClaimOutcome::Busy(sighting) => Ok(Some(Busy::claimed_by(&sighting).to_string())),
            ClaimOutcome::NotFree | ClaimOutcome::Failed | ClaimOutcome::TooLate | ClaimOutcome::Claimed(_) => {
                Ok(Some(NOT_FREE.to_owned()))
            }
        }
    }
}

/// Checks whether a job has claimed the job flow, without taking a lock.
pub(crate) async fn peek(looking: Looking<'_>, mut seen: Seen) -> Result<Seen> {
    if let Some(uri) = seen.lock.as_ref().filter(|_| seen.spared.is_none()) {
        let sighting = looking.aws().s3.lock(uri).look().await?;
        seen.spared = Busy::of_lock(sighting.as_ref()).map(|busy| busy.to_string());
    }
    Ok(seen)
}

const NOT_FREE: &str = "it is no longer idle, or its lock was lost meanwhile";

/// The error of a call whose answer was not awaited: EMR may still get it.
fn lost_while_ending() -> Error {
    let text = "its lock, or that of its pool, was lost while it was being terminated; whether it was is unknown";
    let call = CallError::unanswered(CallErrorKind::Unclear, "TerminateJobFlows", "the answer was not waited for");
    Error::new(Outcome::Unavailable, text).caused_by(call)
}

impl claim::Work for Doomed<'_> {
    async fn look(&self) -> Result<bool> {
        if *self.stop.borrow() {
            return Ok(false);
        }
        let before = self.seen.borrow().clone();
        let seen = Box::pin(self.looking.look_again(&before)).await?;
        // If the lock is another one now, the one that is held protects nothing.
        let is_doomed = seen.spared.is_none() && seen.lock == before.lock;
        self.seen.replace(seen);
        Ok(is_doomed && !*self.stop.borrow())
    }

    async fn act(&self) -> Result<bool> {
        let id = self.seen.borrow().cluster.id.clone();
        // Without the lock of the pool, another run may have ended what the minimum was counted on.
        if let Some(pool) = self.pool {
            pool.check()?;
        }
        let terminate = self.looking.aws().emr.terminate_job_flows(std::slice::from_ref(&id));
        tokio::select! {
            biased;
            // A retry after the lease would terminate somebody else's job.
            () = self.loses_a_lock() => {
                Err(lost_while_ending().on(id))
            }
            done = terminate => done.map(|()| true),
        }
    }

    fn wind_up(&self) {
        self.lease_is_lost.notify_one();
    }
}

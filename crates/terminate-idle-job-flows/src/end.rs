//! Ending one job flow: under its lock, where it has one, and only if it is still idle then.

use std::cell::RefCell;
use std::time::Duration;

use emr_aws::claim;
use emr_cli::{owner, random};
use emr_core::claim::protocol::{ClaimOutcome, Purpose};
use emr_core::error::{CallError, CallErrorKind, Error, Outcome, Result};
use emr_core::idle::Busy;
use emr_core::model::lock::Holder;
use emr_core::model::s3_uri::S3Uri;
use tokio::sync::{Notify, watch};

use crate::look::{Looking, Seen};

/// How long the lock of a job flow is held after each write, to look at it and end it.
const TTL: Duration = Duration::from_mins(1);

/// How long what was seen of a job flow that nobody can claim is good enough to end it.
const FRESH: Duration = Duration::from_secs(1);

/// A job flow that was seen to be idle, and is to be ended.
pub(crate) struct Doomed<'a> {
    looking: Looking<'a>,
    /// What was seen last.
    seen: RefCell<Seen>,
    /// Whether the user wants no more to be ended.
    stop: &'a watch::Sender<bool>,
    lease_is_lost: Notify,
}

impl<'a> Doomed<'a> {
    pub(crate) fn new(looking: Looking<'a>, seen: Seen, stop: &'a watch::Sender<bool>) -> Self {
        Self { looking, seen: RefCell::new(seen), stop, lease_is_lost: Notify::new() }
    }

    /// Ends it, unless a job has claimed it or begun to use it. What was seen of it says why it was spared, if it was.
    pub(crate) async fn end(self) -> Result<Seen> {
        let lock = self.seen.borrow().lock.clone();
        let spared = match lock {
            Some(uri) => self.end_under(&uri).await?,
            // It has no lock that could be taken: to have looked just now is all that can be done.
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

    /// Whether what was seen is good enough. Where mrjob's jobs lock it, only what is seen right before the end is.
    fn is_fresh(&self) -> bool {
        let seen = self.seen.borrow();
        seen.member.is_none() && seen.as_of.elapsed() < FRESH && !*self.stop.borrow()
    }

    /// Ends it under its lock, or says why it is spared.
    async fn end_under(&self, uri: &S3Uri) -> Result<Option<String>> {
        let holder = Holder { token: random::token(), owner: owner::owner(), ttl: TTL };
        match self.looking.aws.s3.lock(uri).claim(Purpose::End, holder, self).await? {
            ClaimOutcome::Acted => Ok(None),
            ClaimOutcome::Busy(sighting) => Ok(Some(Busy::claimed_by(&sighting).to_string())),
            ClaimOutcome::NotFree | ClaimOutcome::Failed | ClaimOutcome::TooLate | ClaimOutcome::Claimed(_) => {
                Ok(Some(NOT_FREE.to_owned()))
            }
        }
    }
}

/// Looks whether a job has claimed what was seen, and takes no lock.
pub(crate) async fn peek(looking: Looking<'_>, mut seen: Seen) -> Result<Seen> {
    if let Some(uri) = seen.lock.as_ref().filter(|_| seen.spared.is_none()) {
        let sighting = looking.aws.s3.lock(uri).look().await?;
        seen.spared = Busy::of_lock(sighting.as_ref()).map(|busy| busy.to_string());
    }
    Ok(seen)
}

const NOT_FREE: &str = "it is no longer idle, or its lock was lost meanwhile";

/// The call is given up, and may still arrive.
fn lost_while_ending() -> Error {
    let text = "its lock was lost while it was being terminated; whether it was is unknown";
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
        // A lock that is another now is not the one that is held.
        let is_doomed = seen.spared.is_none() && seen.lock == before.lock;
        self.seen.replace(seen);
        Ok(is_doomed && !*self.stop.borrow())
    }

    async fn act(&self) -> Result<bool> {
        let id = self.seen.borrow().cluster.id.clone();
        let terminate = self.looking.aws.emr.terminate_job_flows(std::slice::from_ref(&id));
        tokio::select! {
            biased;
            // A call that is made again later could meet somebody else's job.
            () = self.lease_is_lost.notified() => {
                Err(lost_while_ending().on(id))
            }
            done = terminate => done.map(|()| true),
        }
    }

    fn wind_up(&self) {
        self.lease_is_lost.notify_one();
    }
}

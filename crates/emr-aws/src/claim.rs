//! Drives the claim protocol: sends its lock requests to S3 and does the work that a cluster is claimed for.

use std::cell::Cell;
use std::future::Future;
use std::time::Duration;

use emr_core::claim::lease::{Circumstances, Lease, LockRequest};
use emr_core::claim::protocol::{Action, ClaimAttempt, ClaimOutcome, Event, Purpose};
use emr_core::error::{Error, Result};
use emr_core::model::lock::Holder;

use super::lock::{LockAt, pause};
use super::tenure::Tenure;
use super::trouble::Trouble;
use super::{history, monotonic};

/// The time allowed for one EMR call, or half of the lease if that is less. The same as the time limit of a call to
/// EMR.
pub const CALL: Duration = Duration::from_secs(30);

/// The work that a cluster is claimed for. The protocol calls only the methods that its `Purpose` needs.
pub trait Work {
    /// Whether the cluster is free and still fits.
    fn look(&self) -> impl Future<Output = Result<bool>>;

    /// Adds the steps or terminates the cluster. Returns whether that was done.
    fn act(&self) -> impl Future<Output = Result<bool>> {
        async { Ok(false) }
    }

    /// Whether the added steps come before everybody else's.
    fn check(&self) -> impl Future<Output = Result<bool>> {
        async { Ok(true) }
    }

    /// Cancels the added steps.
    fn undo(&self) -> impl Future<Output = Result<()>> {
        async { Ok(()) }
    }

    /// Begins no more costly calls, because the lease is lost.
    fn wind_up(&self) {}
}

impl LockAt<'_> {
    /// Claims the cluster of this lock for `holder` and does `work`.
    pub async fn claim(&self, purpose: Purpose, holder: Holder, work: &impl Work) -> Result<ClaimOutcome> {
        let takes = takes(holder.ttl);
        Box::pin(self.drive_claim(ClaimAttempt::new(purpose, holder, takes), work)).await
    }

    /// Continues the claim that was handed over as `lease` and does `work`.
    pub async fn resume(&self, purpose: Purpose, lease: &Lease, work: &impl Work) -> Result<ClaimOutcome> {
        let takes = takes(lease.holder.ttl);
        let claim = ClaimAttempt::resume(purpose, lease, takes, super::lock::nonce());
        Box::pin(self.drive_claim(claim, work)).await
    }

    async fn drive_claim(
        &self,
        (mut claim, mut next): (ClaimAttempt, Action),
        work: &impl Work,
    ) -> Result<ClaimOutcome> {
        let mut failed = None;
        let mut looked = None;
        let mut trouble = Trouble::default();
        loop {
            let before = claim.unsettled();
            let (event, circumstances) = match next {
                // The lock is written. Testing the store's conditional writes and looking at the cluster run side by
                // side.
                Action::Request(request @ LockRequest::Prove(_)) if looked.is_none() => {
                    let (proved, seen) = tokio::join!(self.ask(&request, claim.holder(), &mut trouble), work.look());
                    looked = Some(seen);
                    let (answer, circumstances) = proved?;
                    (Event::Answered(answer), circumstances)
                }
                Action::Request(ask) => {
                    // Another holder may have had the lock since, and used the cluster.
                    looked = looked.filter(|_| matches!(ask, LockRequest::Prove(_)));
                    match self.ask(&ask, claim.holder(), &mut trouble).await {
                        Ok((answer, circumstances)) => (Event::Answered(answer), circumstances),
                        Err(error) => return request_failed(error, failed, claim.decided()),
                    }
                }
                Action::Look => {
                    let look = look(looked.take(), work);
                    self.perform(&mut claim, work, look, Event::Looked, &mut failed).await
                }
                Action::Act => self.perform(&mut claim, work, work.act(), Event::Acted, &mut failed).await,
                Action::Check => self.perform(&mut claim, work, work.check(), Event::Checked, &mut failed).await,
                Action::Undo => {
                    let undo = async { work.undo().await.map(|()| true) };
                    self.perform(&mut claim, work, undo, |_| Event::Undone, &mut failed).await
                }
                Action::Done(done) => {
                    let done = done.map_err(|error| trouble.explain(error, self.uri, claim.ttl()));
                    return failed.map_or(done, Err);
                }
            };
            // The call may still take effect. Leave the lease to expire, so that it cannot hit the next holder.
            if claim.is_acting()
                && let Some(error) = failed.take_if(|error| error.may_have_happened())
            {
                return Err(error);
            }
            next = claim.next(event, &circumstances);
            if claim.unsettled() > before {
                pause(before).await;
            }
        }
    }

    /// Awaits `doing` while the lease is renewed. An error counts as false and is returned once the lock is released.
    async fn perform(
        &self,
        claim: &mut ClaimAttempt,
        work: &impl Work,
        doing: impl Future<Output = Result<bool>>,
        event: impl Fn(bool) -> Event,
        failed: &mut Option<Error>,
    ) -> (Event, Circumstances) {
        let sent_at = monotonic::now();
        let done = match claim.lease().cloned() {
            Some(mut lease) => {
                let is_lost = Cell::new(false);
                let wind_up = || {
                    is_lost.set(true);
                    work.wind_up();
                };
                let done = self.keep_while(&mut lease, &Tenure::new(Duration::ZERO), doing, wind_up).await;
                if is_lost.get() {
                    // Another may hold the lock by now, whatever time was left.
                    lease.until = Duration::ZERO;
                }
                claim.renewed(lease);
                done
            }
            None => doing.await,
        };
        let done = done.unwrap_or_else(|error| {
            if claim.is_checking() {
                log::warn!("could not check whether the steps come first: {error}");
                return true;
            }
            failed.get_or_insert(error);
            false
        });
        (event(done), Circumstances { sent_at, now: monotonic::now(), nonce: super::lock::nonce() })
    }

    /// Awaits `work` and renews `lease` meanwhile, of which `work` sees the `tenure`. If the lease is lost, or has no more
    /// than the spare time of the tenure left, calls `wind_up` and lets `work` finish.
    pub async fn keep_while<T>(
        &self,
        lease: &mut Lease,
        tenure: &Tenure,
        work: impl Future<Output = T>,
        wind_up: impl FnOnce(),
    ) -> T {
        let work = history::under(self.s3.history(), self.uri, &lease.holder.token, work);
        let mut work = std::pin::pin!(work);
        let lost = tokio::select! {
            // The lease first: after the process was suspended, nothing may be sent under an expired lease.
            biased;
            lost = self.keep_on_for(lease, tenure) => lost,
            done = &mut work => return done,
        };
        log::warn!("{lost}");
        wind_up();
        work.await
    }
}

/// The result of a look, unless it was `looked` before.
async fn look(looked: Option<Result<bool>>, work: &impl Work) -> Result<bool> {
    match looked {
        Some(seen) => seen,
        None => work.look().await,
    }
}

/// The time allowed for one EMR call under a lease of `ttl`.
fn takes(ttl: Duration) -> Duration {
    CALL.min(ttl / 2)
}

/// The outcome of a claim whose next lock request failed.
///
/// An earlier failure matters more than this one. Work that is done stays done although the release failed: the lease
/// expires by itself.
fn request_failed(error: Error, failed: Option<Error>, decided: Option<&ClaimOutcome>) -> Result<ClaimOutcome> {
    match (failed, decided) {
        (Some(failed), _) => Err(failed),
        (None, Some(outcome)) => {
            log::warn!("the lock could not be given back, and expires by itself: {error}");
            Ok(outcome.clone())
        }
        (None, None) => Err(error),
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use emr_core::error::Outcome;

    #[test]
    fn work_stays_done_when_the_release_fails() {
        let error = |text: &str| Error::new(Outcome::Denied, text);
        assert_eq!(request_failed(error("unlock"), None, Some(&ClaimOutcome::Acted)).unwrap(), ClaimOutcome::Acted);
        let earlier = request_failed(error("unlock"), Some(error("act")), Some(&ClaimOutcome::Failed));
        assert_eq!(earlier.unwrap_err().to_string(), "act");
        assert_eq!(request_failed(error("lock"), None, None).unwrap_err().to_string(), "lock");
    }
}

//! Carries the claim on a job flow out: asks S3 what the protocol says, and does what it is claimed for.

use std::future::Future;
use std::time::Duration;

use emr_core::claim::lease::{Circumstances, Lease, LockRequest};
use emr_core::claim::protocol::{Action, ClaimAttempt, ClaimOutcome, Event, Purpose};
use emr_core::error::{Error, Result};
use emr_core::model::lock::Holder;

use super::lock::{LockAt, pause};
use super::monotonic;
use super::trouble::Trouble;

/// How long EMR's answer to one call may take, unless that is more than half of the lease.
const CALL: Duration = Duration::from_secs(30);

/// What a job flow is claimed for. What is not done for a purpose is never asked.
pub trait Work {
    /// Looks whether the job flow is free, and still what it is wanted for.
    fn look(&self) -> impl Future<Output = Result<bool>>;

    /// Adds the steps, or terminates the job flow; whether that was done.
    fn act(&self) -> impl Future<Output = Result<bool>> {
        async { Ok(false) }
    }

    /// Looks whether the steps that were added are the first.
    fn check(&self) -> impl Future<Output = Result<bool>> {
        async { Ok(true) }
    }

    /// Cancels the steps that were added.
    fn undo(&self) -> impl Future<Output = Result<()>> {
        async { Ok(()) }
    }

    /// Begins nothing more that costs: the lease is lost.
    fn wind_up(&self) {}
}

impl LockAt<'_> {
    /// Claims what this is the lock of for `holder`, and does the `work` that it is claimed for.
    pub async fn claim(&self, purpose: Purpose, holder: Holder, work: &impl Work) -> Result<ClaimOutcome> {
        let takes = takes(holder.ttl);
        Box::pin(self.drive_claim(ClaimAttempt::new(purpose, holder, takes), work)).await
    }

    /// Goes on with the claim that was handed on as `lease`, and does the `work` that it is for.
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
                // The lock is written: whether the store is to be trusted turns out while the job flow is looked at.
                Action::Request(request @ LockRequest::Prove(_)) if looked.is_none() => {
                    let (proved, seen) = tokio::join!(self.ask(&request, claim.ttl(), &mut trouble), work.look());
                    looked = Some(seen);
                    let (answer, circumstances) = proved?;
                    (Event::Answered(answer), circumstances)
                }
                Action::Request(ask) => match self.ask(&ask, claim.ttl(), &mut trouble).await {
                    Ok((answer, circumstances)) => (Event::Answered(answer), circumstances),
                    Err(error) => return unasked(error, failed, claim.decided()),
                },
                Action::Look => {
                    let look = async {
                        match looked.take() {
                            Some(seen) => seen,
                            None => work.look().await,
                        }
                    };
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
            // What may still arrive must not meet somebody else: the lease is left to run out.
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

    /// What came of `doing`, while which the lease is kept. An error is a no, and told in the end.
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
                let done = self.keep_while(&mut lease, doing, || work.wind_up()).await;
                claim.renewed(lease);
                done
            }
            None => doing.await,
        };
        let done = done.unwrap_or_else(|error| {
            if claim.is_checking() {
                log::warn!("nobody could look whether the steps are the first: {error}");
                return true;
            }
            failed.get_or_insert(error);
            false
        });
        (event(done), Circumstances { sent_at, now: monotonic::now(), nonce: super::lock::nonce() })
    }

    /// Does `work`, and renews `lease` meanwhile. When the lease is lost `wind_up` is called, and what is under way is
    /// seen through.
    pub async fn keep_while<T>(&self, lease: &mut Lease, work: impl Future<Output = T>, wind_up: impl FnOnce()) -> T {
        let mut work = std::pin::pin!(work);
        let lost = tokio::select! {
            // First the lease: after a pause of the whole process nothing must be sent that it no longer covers.
            biased;
            lost = self.keep_on(lease, Duration::ZERO) => lost,
            done = &mut work => return done,
        };
        log::warn!("{lost}");
        wind_up();
        work.await
    }
}

/// How long the answer to what is asked of EMR may take within a lease of `ttl`.
fn takes(ttl: Duration) -> Duration {
    CALL.min(ttl / 2)
}

/// What a claim comes to whose next request the store did not take.
///
/// An earlier failure matters more than this one. What was done before an unlock that fails is done all the same: the
/// lease expires by itself.
fn unasked(error: Error, failed: Option<Error>, decided: Option<&ClaimOutcome>) -> Result<ClaimOutcome> {
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
    fn what_was_done_before_an_unlock_that_fails_is_done() {
        let error = |text: &str| Error::new(Outcome::Denied, text);
        assert_eq!(unasked(error("unlock"), None, Some(&ClaimOutcome::Acted)).unwrap(), ClaimOutcome::Acted);
        let earlier = unasked(error("unlock"), Some(error("act")), Some(&ClaimOutcome::Failed));
        assert_eq!(earlier.unwrap_err().to_string(), "act");
        assert_eq!(unasked(error("lock"), None, None).unwrap_err().to_string(), "lock");
    }
}

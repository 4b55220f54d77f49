//! Renews a lease while work goes on under it, for `s3-lock run` and for claims.

use std::time::Duration;

use emr_core::claim::backoff;
use emr_core::claim::lease::{Lease, LockError};
use emr_core::error::{Error, Outcome, Result};

use super::lock::LockAt;
use super::monotonic;
use super::tenure::Tenure;

/// Why a lease was not renewed.
enum NotRenewed {
    /// The lease has no time left.
    Late,
    /// Another holder has the lock, or its object is gone.
    Lost(Error),
    /// The renewal failed or its result is unclear. Retried while the lease lasts.
    Failed(Error),
}

impl LockAt<'_> {
    /// Renews `lease` at every third of its time to live. Returns the reason once it is lost, or could not be renewed
    /// until no more than `spare` of it is left.
    pub async fn keep_on(&self, lease: &mut Lease, spare: Duration) -> Error {
        self.keep_on_for(lease, &Tenure::new(spare)).await
    }

    /// The same with the spare time of `tenure`, which is kept up to date.
    pub(super) async fn keep_on_for(&self, lease: &mut Lease, tenure: &Tenure) -> Error {
        tenure.goes_on(lease);
        let lost = self.renewals(lease, tenure).await;
        tenure.ends();
        lost
    }

    async fn renewals(&self, lease: &mut Lease, tenure: &Tenure) -> Error {
        let spare = tenure.spare();
        let (mut failures, mut why) = (0, None);
        loop {
            let wait =
                if failures == 0 { lease.holder.ttl / 3 } else { backoff::quick_delay(failures, fastrand::f64()) };
            tokio::time::sleep(wait.min(left(lease, spare))).await;
            match self.renew_within(lease, spare).await {
                Ok(()) => {
                    tenure.goes_on(lease);
                    (failures, why) = (0, None);
                }
                Err(NotRenewed::Late) => return self.too_late(why),
                Err(NotRenewed::Lost(lost)) => return lost,
                Err(NotRenewed::Failed(error)) => {
                    // Warn of a transient failure only when it repeats, of others at once.
                    if failures == u32::from(error.may_pass()) {
                        log::warn!("{}", error.clone().on("the lock is not renewed yet"));
                    }
                    (failures, why) = (failures + 1, Some(error));
                }
            }
        }
    }

    /// Checks by a renewal that `lease` is still held, after a time without renewals. Fails if it is lost or has no
    /// more than `spare` left.
    pub async fn confirm(&self, lease: &mut Lease, spare: Duration) -> Result<()> {
        match self.renew_within(lease, spare).await {
            Err(NotRenewed::Late) => Err(self.too_late(None)),
            Err(NotRenewed::Lost(lost)) => Err(lost),
            Err(NotRenewed::Failed(why)) if left(lease, spare).is_zero() => Err(self.too_late(Some(why))),
            Ok(()) | Err(NotRenewed::Failed(_)) => Ok(()),
        }
    }

    async fn renew_within(&self, lease: &mut Lease, spare: Duration) -> std::result::Result<(), NotRenewed> {
        let left = left(lease, spare);
        if left.is_zero() {
            return Err(NotRenewed::Late);
        }
        match tokio::time::timeout(left, self.renew(lease)).await {
            Ok(Ok(renewed)) => {
                *lease = renewed;
                Ok(())
            }
            Ok(Err(error)) if matches!(error.cause(), Some(LockError::Lost(_))) => Err(NotRenewed::Lost(error)),
            Ok(Err(error)) => Err(NotRenewed::Failed(error)),
            Err(_) => Err(NotRenewed::Failed(self.unanswered(left, lease.holder.ttl))),
        }
    }

    fn unanswered(&self, left: Duration, ttl: Duration) -> Error {
        let (left, ttl) = (left.as_secs_f64(), ttl.as_secs());
        let text =
            format!("S3 gave no clear answer within {left:.1} s, which is what a time to live of {ttl} s leaves");
        Error::new(Outcome::Unavailable, text).on(self.uri)
    }

    /// The error for a lease that expires because renewals failed for the reason `why`.
    fn too_late(&self, why: Option<Error>) -> Error {
        let unasked = || Error::new(Outcome::TryAgain, "the lock ran out before it could be renewed").on(self.uri);
        why.map_or_else(unasked, |why| why.on("the lock could not be renewed"))
    }
}

/// The time left to renew `lease`.
fn left(lease: &Lease, spare: Duration) -> Duration {
    lease.left(monotonic::now()).saturating_sub(spare)
}

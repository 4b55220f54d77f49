//! Looking at one job flow: is it free, and does it fit?

use std::cell::RefCell;
use std::time::Duration;

use emr_core::aws::{Emr, claim};
use emr_core::error::{Error, Outcome, Result};
use emr_core::model::cluster::ClusterDetail;
use emr_core::model::id::JobFlowId;
use emr_core::model::job_flow::Software;
use emr_core::policy::pool::{self, Demand, Offer, Reason};
use tokio::sync::watch;

/// How a job flow is to be looked at.
#[derive(Clone)]
pub(crate) struct Looking<'a> {
    pub(crate) emr: &'a Emr,
    pub(crate) demand: &'a Demand,
    /// Steps that will be added.
    pub(crate) num_steps: u32,
    pub(crate) software: &'a Software,
    /// Whether it is likely to have fleets.
    pub(crate) has_fleets: bool,
    /// How long to wait before looking.
    pub(crate) sync_wait: Duration,
    /// Whether the user wants all of this to end.
    pub(crate) stop: &'a watch::Sender<bool>,
}

/// What was seen of a job flow.
#[derive(Debug, Clone)]
pub(crate) struct Seen {
    pub(crate) detail: ClusterDetail,
    pub(crate) offer: Offer,
    /// Why it takes no job now.
    pub(crate) occupied: Vec<Reason>,
    /// Why its instances, or its release, are not what the job needs.
    pub(crate) misfits: Vec<Reason>,
    /// Whether it will do once EMR has provided what was asked for.
    pub(crate) will_do: bool,
}

impl Seen {
    pub(crate) fn is_free(&self) -> bool {
        self.occupied.is_empty() && self.misfits.is_empty()
    }
}

/// A look at one job flow.
pub(crate) struct Look<'a> {
    looking: Looking<'a>,
    job_flow: &'a JobFlowId,
    seen: RefCell<Option<Seen>>,
}

impl<'a> Looking<'a> {
    pub(crate) fn at(&self, job_flow: &'a JobFlowId) -> Look<'a> {
        Look { looking: self.clone(), job_flow, seen: RefCell::default() }
    }
}

impl Look<'_> {
    /// Looks, three calls side by side.
    pub(crate) async fn take(&self) -> Result<Seen> {
        let Looking { emr, has_fleets, .. } = self.looking;
        let steps = async {
            if pool::counts_every_step(self.looking.software) {
                emr.all_steps(self.job_flow).await
            } else {
                emr.unfinished_steps(self.job_flow).await
            }
        };
        let offer = emr.offer(self.job_flow, has_fleets);
        let (detail, steps, offer) =
            tokio::join!(Box::pin(emr.describe_cluster(self.job_flow)), Box::pin(steps), Box::pin(offer));
        let detail = detail?;
        // EMR refuses to list the groups of what has fleets, and the other way round.
        let offer = match offer {
            Err(error) if error.outcome == Outcome::Usage => {
                Box::pin(emr.offer(self.job_flow, !has_fleets)).await.map_err(|_| error)?
            }
            offer => offer?,
        };
        let occupied = pool::occupied(&detail, &steps?, self.looking.num_steps);
        let mut misfits = pool::misfits(self.looking.demand, &offer);
        let other_release = pool::other_release(self.looking.software, &detail);
        let will_do = other_release.is_none() && pool::misfits(self.looking.demand, &offer.once_provided()).is_empty();
        misfits.extend(other_release);
        Ok(Seen { detail, offer, occupied, misfits, will_do })
    }

    /// What was seen under the lock.
    pub(crate) fn seen(self) -> Option<Seen> {
        self.seen.into_inner()
    }
}

impl claim::Work for Look<'_> {
    async fn look(&self) -> Result<bool> {
        tokio::time::sleep(self.looking.sync_wait).await;
        if *self.looking.stop.borrow() {
            return Err(interrupted());
        }
        let seen = self.take().await?;
        let is_free = seen.is_free();
        self.seen.replace(Some(seen));
        Ok(is_free && !*self.looking.stop.borrow())
    }
}

pub(crate) fn interrupted() -> Error {
    Error::new(Outcome::TryAgain, "interrupted")
}

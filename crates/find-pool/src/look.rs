//! A look at one job flow, usually under its lock: is it free, and does it fit?

use std::cell::RefCell;
use std::future::Future;
use std::time::Duration;

use emr_aws::{Emr, claim};
use emr_cli::pool_lock::interrupted;
use emr_core::error::Result;
use emr_core::model::cluster::ClusterDetail;
use emr_core::model::id::JobFlowId;
use emr_core::model::job_flow::Software;
use emr_core::pool::{self, Candidate, Demand, Offer, Power, Reason};
use tokio::sync::watch;

/// What a look needs to know about the job.
#[derive(Clone)]
pub(crate) struct Looking<'a> {
    pub(crate) emr: &'a Emr,
    pub(crate) demand: &'a Demand,
    /// The number of steps that the job will add.
    pub(crate) num_steps: u32,
    pub(crate) software: &'a Software,
    /// Whether the job asks for fleets; then the clusters of its pool usually have fleets.
    pub(crate) has_fleets: bool,
    /// The pause between lock and look: `s3_sync_wait_time`.
    pub(crate) sync_wait: Duration,
    /// Set when the user wants the search to end.
    pub(crate) stop: &'a watch::Sender<bool>,
}

/// What a look saw.
#[derive(Debug, Clone)]
pub(crate) struct Seen {
    pub(crate) detail: ClusterDetail,
    pub(crate) offer: Offer,
    /// Whether its Name is wrong about its instances. Then other Names may be wrong, too.
    pub(crate) is_misnamed: bool,
    /// Whether the next candidate turned out better, now that this one's instances are known.
    pub(crate) is_second: bool,
    /// Why it accepts no steps now.
    pub(crate) occupied: Vec<Reason>,
    /// Why its instances or its release do not fit.
    pub(crate) misfits: Vec<Reason>,
    /// Whether it will fit once EMR has provided the requested instances.
    pub(crate) will_fit: bool,
}

/// A look at one job flow.
pub(crate) struct Look<'a> {
    looking: Looking<'a>,
    job_flow: &'a JobFlowId,
    guess: Option<Guess<'a>>,
    believes_name: bool,
    seen: RefCell<Option<Seen>>,
}

impl<'a> Looking<'a> {
    /// A look at `job_flow`, which also tests the `guess`, if there is one. Without `believes_name` it compares the
    /// release as well, which the Name of a clone does not show.
    pub(crate) fn at(&self, job_flow: &'a JobFlowId, guess: Option<Guess<'a>>, believes_name: bool) -> Look<'a> {
        Look { looking: self.clone(), job_flow, guess, believes_name, seen: RefCell::default() }
    }

    /// The result of `asking`, which must not change anything on AWS; an error if the user ends the search first.
    pub(crate) async fn unless_stopped<T>(&self, asking: impl Future<Output = T>) -> Result<T> {
        let mut stop = self.stop.subscribe();
        tokio::select! {
            biased;
            _ = stop.wait_for(|stop| *stop) => Err(interrupted()),
            answer = asking => Ok(answer),
        }
    }
}

impl Looking<'_> {
    /// The instances of `job_flow`.
    pub(crate) async fn offer(&self, job_flow: &JobFlowId) -> Result<Offer> {
        self.emr.offer_of_either(job_flow, self.has_fleets).await
    }
}

/// A candidate known only by its Name. The guess is that the Name is right, and that it beats the `next`.
pub(crate) struct Guess<'a> {
    pub(crate) first: &'a Candidate,
    pub(crate) next: Option<&'a Candidate>,
}

impl Guess<'_> {
    /// Whether its Name is wrong, and whether the next candidate is better, given its real instances.
    fn fails(&self, offer: &Offer) -> (bool, bool) {
        let is_misnamed = self.first.named.as_ref().is_some_and(|named| !offer.is_as_named(named));
        let rank = self.first.rank.with(Power::of(offer));
        (is_misnamed, self.next.is_some_and(|next| next.rank < rank))
    }
}

impl Seen {
    /// Whether to claim it: it is free and fits, and the guess was right.
    pub(crate) fn will_do(&self) -> bool {
        self.occupied.is_empty() && self.misfits.is_empty() && !self.is_misnamed && !self.is_second
    }
}

impl Look<'_> {
    /// Looks at state, steps and instances, with three calls at once.
    pub(crate) async fn take(&self) -> Result<Seen> {
        let emr = self.looking.emr;
        let steps = async {
            if pool::counts_every_step(self.looking.software) {
                emr.all_steps(self.job_flow).await
            } else {
                emr.unfinished_steps(self.job_flow).await
            }
        };
        let offer = self.looking.offer(self.job_flow);
        let (detail, steps, offer) =
            tokio::join!(Box::pin(emr.describe_cluster(self.job_flow)), Box::pin(steps), Box::pin(offer));
        let (detail, offer) = (detail?, offer?);
        let occupied = pool::occupied(&detail, &steps?, self.looking.num_steps);
        let mut misfits = pool::misfits(self.looking.demand, &offer);
        let other_release = pool::other_release(self.looking.software, &detail).filter(|_| !self.believes_name);
        let will_fit = other_release.is_none() && pool::misfits(self.looking.demand, &offer.once_provided()).is_empty();
        misfits.extend(other_release);
        let (is_misnamed, is_second) = self.guess.as_ref().map_or((false, false), |guess| guess.fails(&offer));
        Ok(Seen { detail, offer, is_misnamed, is_second, occupied, misfits, will_fit })
    }

    /// What was seen under the lock, if the claim got that far.
    pub(crate) fn seen(self) -> Option<Seen> {
        self.seen.into_inner()
    }
}

impl claim::Work for Look<'_> {
    async fn look(&self) -> Result<bool> {
        let look = async {
            tokio::time::sleep(self.looking.sync_wait).await;
            self.take().await
        };
        let seen = self.looking.unless_stopped(look).await??;
        let is_free = seen.will_do();
        self.seen.replace(Some(seen));
        Ok(is_free)
    }
}

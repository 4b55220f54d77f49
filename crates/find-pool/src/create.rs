//! `--or-create`: starts a job flow in the pool, under the pool's lock.
//!
//! The lock makes a crowd of jobs that find nothing start one job flow: each searches again once it has the lock, and
//! finds what the one before it started.

use std::time::Duration;

use emr_aws::Hold;
use emr_cli::{owner, random};
use emr_core::claim::lease::Lease;
use emr_core::claim::pause;
use emr_core::error::{Error, Outcome, Result};
use emr_core::launch::self_termination;
use emr_core::model::cluster::Cluster;
use emr_core::model::job_flow::JobFlow;
use emr_core::model::lock::Holder;
use emr_core::model::record::JobFlowRecord;
use emr_core::pool::locks;
use tokio::time::Instant;

use crate::look::interrupted;
use crate::round::Nothing;
use crate::search::{RoundResult, Search, claimed};

/// The time to live of the pool's lock. It is renewed while the job flow is started; a run that dies blocks the others
/// for a minute.
const TTL: Duration = Duration::from_mins(1);

/// How long to queue for the pool's lock. Its holder starts a job flow, which takes seconds, so ten minutes are the
/// turns of some hundred jobs.
const QUEUE: Duration = Duration::from_mins(10);

/// The longest pause between two tries of the pool's lock, and between two looks at EMR's list.
const LOOKS: Duration = Duration::from_secs(2);

/// How often to look whether EMR lists what was started: about six seconds in all, while its lists usually lag by one.
const LISTED: u32 = 6;

/// The result of an attempt to start a job flow.
pub(crate) enum Created {
    /// Another job flow was found after all, and claimed.
    Found(Box<JobFlowRecord>),
    /// This one was started, and claimed unless S3 failed.
    Started(Box<JobFlowRecord>),
    /// None was started: another run just did, or the pool is full.
    Nothing(Nothing),
}

/// Whether a job flow may be started, given why nothing was found.
pub(crate) type MayStart<'a> = &'a dyn Fn(&Nothing) -> bool;

impl Search<'_> {
    /// Starts `job_flow` under the lock of the pool, unless another is found by then or `may_start` says no.
    pub(crate) async fn create(&mut self, job_flow: &JobFlow, may_start: MayStart<'_>) -> Result<Created> {
        // Before the lock, which others wait for.
        emr_cli::upload(&self.aws.s3, &job_flow.uploads, self.stopped()).await?;
        let uri = locks::of_pool(self.locks, &self.request.pool_name);
        let (aws, mut lease) = (self.aws, self.queue().await?);
        let lock = aws.s3.lock(&uri);
        let created =
            lock.keep_while(&mut lease, Box::pin(self.create_alone(job_flow, may_start)), || aws.emr.wind_up()).await;
        if created.as_ref().is_err_and(Error::may_have_happened) {
            // It may have been started and show up later. Until the lock runs out nobody counts the pool without it.
            return created;
        }
        if let Err(error) = lock.release(&lease).await {
            emr_cli::warn(&format!("{error}"));
        }
        created
    }

    /// Waits for the lock of the pool.
    async fn queue(&self) -> Result<Lease> {
        let uri = locks::of_pool(self.locks, &self.request.pool_name);
        let lock = self.aws.s3.lock(&uri);
        let holder = Holder { token: random::token(), owner: owner::owner(), ttl: TTL };
        let began = Instant::now();
        for longest in pause::pauses(LOOKS) {
            match lock.hold(holder.clone()).await? {
                Hold::Held(lease) => return Ok(lease),
                Hold::Busy(_) if began.elapsed() < QUEUE => {}
                Hold::Busy(_) => break,
            }
            if self.stopped_within(longest.mul_f64(random::share())).await {
                return Err(interrupted());
            }
        }
        Err(Error::new(Outcome::TryAgain, format!("{uri}: others have been starting job flows for too long")))
    }

    async fn create_alone(&mut self, job_flow: &JobFlow, may_start: MayStart<'_>) -> Result<Created> {
        loop {
            let nothing = match self.round().await? {
                RoundResult::JobFlow(record) => return Ok(Created::Found(record)),
                RoundResult::Nothing(nothing) => nothing,
            };
            if *self.looking.stop.borrow() {
                return Err(interrupted());
            }
            if !may_start(&nothing) {
                return Ok(Created::Nothing(nothing));
            }
            let run = random::run_id();
            emr_cli::detail(&format!("asking EMR for {}", job_flow.name_of(&run)));
            let cluster = self.aws.emr.run_job_flow(job_flow, &run).await?;
            emr_cli::announce(&format!("Job flow created with ID: {}", cluster.id));
            if let Some(unending) = self_termination::unending(job_flow) {
                emr_cli::say(unending);
            }
            let (claimed, ()) = tokio::join!(self.claim_new(&cluster), self.wait_until_listed(&cluster));
            match claimed {
                Some(record) => return Ok(Created::Started(Box::new(record))),
                None => emr_cli::say(&format!("{} was claimed by another job at once; looking again", cluster.id)),
            }
        }
    }

    /// The record of a job flow that was just started, with a claim on it. `None` if another job claimed it first; it
    /// serves the pool all the same, and this job looks for another.
    async fn claim_new(&self, cluster: &Cluster) -> Option<JobFlowRecord> {
        let uri = locks::of_job_flow(self.locks, &cluster.id);
        let holder = Holder { token: random::token(), owner: owner::owner(), ttl: self.ttl };
        match self.aws.s3.lock(&uri).hold(holder).await {
            Ok(Hold::Held(lease)) => Some(claimed(cluster.clone(), uri, &lease)),
            Ok(Hold::Busy(_)) => None,
            Err(why) => {
                emr_cli::warn(&format!("{} is started, but not claimed: {why}", cluster.id));
                Some(cluster.clone().into())
            }
        }
    }

    /// Waits until EMR lists the new job flow, so that the next run that gets the lock sees it.
    async fn wait_until_listed(&self, new: &Cluster) {
        for pause in pause::pauses(LOOKS).take(LISTED as usize) {
            match self.aws.emr.is_listed(new).await {
                Ok(true) => return,
                Ok(false) => tokio::time::sleep(pause).await,
                Err(error) => return emr_cli::detail(&format!("not looking for {} in EMR's list: {error}", new.id)),
            }
        }
    }

    /// Waits until the user interrupts.
    async fn stopped(&self) -> Error {
        let _ = self.looking.stop.subscribe().wait_for(|stop| *stop).await;
        interrupted()
    }

    /// Waits, and returns whether the user interrupted.
    pub(crate) async fn stopped_within(&self, wait: Duration) -> bool {
        let mut stop = self.looking.stop.subscribe();
        tokio::time::timeout(wait, stop.wait_for(|stop| *stop)).await.is_ok()
    }
}

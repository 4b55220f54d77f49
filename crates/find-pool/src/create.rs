//! `--or-create`: starts a job flow in the pool, under the pool's lock.
//!
//! Many jobs may find nothing at once. The lock makes them start a single job flow: each searches again once it holds
//! the lock, and finds the one that another has started.

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
use emr_core::pool::{self, locks};
use tokio::time::Instant;

use crate::look::interrupted;
use crate::round::Nothing;
use crate::search::{RoundResult, Search, claimed};

/// The time to live of the pool's lock. It is renewed while the job flow starts; a run that dies blocks the others for
/// a minute.
const TTL: Duration = Duration::from_mins(1);

/// How long to wait for the pool's lock. Starting a job flow takes its holder seconds, so ten minutes are enough for
/// some hundred jobs in turn.
const QUEUE: Duration = Duration::from_mins(10);

/// The longest pause between two tries of the pool's lock, and between two looks at EMR's list.
const LOOKS: Duration = Duration::from_secs(2);

/// How often to check whether EMR lists the new job flow: about six seconds in all, as its lists usually lag by one.
const LISTED: u32 = 6;

/// The result of an attempt to start a job flow.
pub(crate) enum Created {
    /// Another job flow was found in the meantime, and claimed.
    Found(Box<JobFlowRecord>),
    /// It was started, and claimed unless S3 failed.
    Started(Box<JobFlowRecord>),
    /// None was started: another run has just started one, or the pool is full.
    Nothing(Nothing),
}

/// Whether a job flow may be started, given why nothing was found.
pub(crate) type MayStart<'a> = &'a dyn Fn(&Nothing) -> bool;

impl Search<'_> {
    /// Starts `job_flow` under the pool's lock, unless another is found in the meantime or `may_start` is false.
    pub(crate) async fn create(&mut self, job_flow: &JobFlow, may_start: MayStart<'_>) -> Result<Created> {
        // Before taking the lock, because others wait for it.
        emr_cli::upload(&self.aws.s3, &job_flow.uploads, self.stopped()).await?;
        let uri = locks::of_pool(self.locks, &self.request.pool_name);
        let (aws, mut lease) = (self.aws, self.queue().await?);
        let lock = aws.s3.lock(&uri);
        let created =
            lock.keep_while(&mut lease, Box::pin(self.create_alone(job_flow, may_start)), || aws.emr.wind_up()).await;
        if created.as_ref().is_err_and(Error::may_have_happened) {
            // It may have started and show up later. The lock is left to expire, so that nobody counts the pool without
            // it.
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
        Err(Error::new(
            Outcome::TryAgain,
            format!("{uri}: other runs have held this lock for {} minutes", QUEUE.as_secs() / 60),
        ))
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
            if let Some(unending) = self_termination::unending(job_flow, false) {
                emr_cli::say(&unending);
            }
            let (claimed, ()) = tokio::join!(self.claim_new(&cluster), self.wait_until_listed(&cluster));
            match claimed {
                Some(record) => return Ok(Created::Started(Box::new(record))),
                None => emr_cli::say(&format!("{} was claimed by another job immediately; looking again", cluster.id)),
            }
        }
    }

    /// Claims a job flow that was just started, and returns its record. `None` if another job claimed it first: the
    /// pool still gains a job flow, and this job looks for another.
    async fn claim_new(&self, cluster: &Cluster) -> Option<JobFlowRecord> {
        let uri = locks::of_job_flow(self.locks, &cluster.id);
        let holder = Holder { token: random::token(), owner: owner::owner(), ttl: self.ttl };
        match self.aws.s3.lock(&uri).hold(holder).await {
            Ok(Hold::Held(lease)) => Some(claimed(cluster.clone(), uri, &lease)),
            Ok(Hold::Busy(_)) => None,
            Err(why) => {
                emr_cli::warn(&format!("{} is started but not claimed: {why}", cluster.id));
                Some(pool::record(cluster.clone()))
            }
        }
    }

    /// Waits until EMR lists the new job flow, so that the next holder of the pool's lock sees it.
    async fn wait_until_listed(&self, new: &Cluster) {
        for pause in pause::pauses(LOOKS).take(LISTED as usize) {
            match self.aws.emr.is_listed(new).await {
                Ok(true) => return,
                Ok(false) => tokio::time::sleep(pause).await,
                Err(error) => return emr_cli::detail(&format!("cannot check whether EMR lists {}: {error}", new.id)),
            }
        }
    }

    /// Waits until the user interrupts.
    async fn stopped(&self) -> Error {
        let _ = self.looking.stop.subscribe().wait_for(|stop| *stop).await;
        interrupted()
    }

    /// Waits for at most `wait`, and returns whether the user interrupted.
    pub(crate) async fn stopped_within(&self, wait: Duration) -> bool {
        let mut stop = self.looking.stop.subscribe();
        tokio::time::timeout(wait, stop.wait_for(|stop| *stop)).await.is_ok()
    }
}

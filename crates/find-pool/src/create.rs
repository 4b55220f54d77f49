//! `--or-create`: starts a job flow in the pool, under the pool's lock.
//!
//! Many jobs may find nothing at once. The lock makes them start a single job flow: each searches again once it holds
//! the lock, and finds the one that another has started.

use emr_aws::Hold;
use emr_cli::pool_lock::{self, interrupted};
use emr_cli::{PoolLock, owner, random};
use emr_core::error::Result;
use emr_core::launch::self_termination;
use emr_core::model::cluster::Cluster;
use emr_core::model::job_flow::JobFlow;
use emr_core::model::lock::Holder;
use emr_core::model::record::JobFlowRecord;
use emr_core::pool::{self, locks};

use crate::round::Nothing;
use crate::search::{RoundResult, Search, claimed};

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
        let stop = self.looking.stop;
        // Before taking the lock, because others wait for it.
        emr_cli::upload(&self.aws.s3, &job_flow.uploads, pool_lock::stopped(stop)).await?;
        let lock = PoolLock::new(self.aws, self.locks, &self.request.pool_name, stop);
        lock.under(Box::pin(self.create_alone(&lock, job_flow, may_start))).await
    }

    async fn create_alone(
        &mut self,
        lock: &PoolLock<'_>,
        job_flow: &JobFlow,
        may_start: MayStart<'_>,
    ) -> Result<Created> {
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
            let cluster = lock.start(job_flow).await?;
            if let Some(unending) = self_termination::unending(job_flow, false) {
                emr_cli::say(&unending);
            }
            let listed = pool_lock::wait_until_listed(self.aws, &cluster);
            let (claimed, ()) = tokio::join!(self.claim_new(&cluster), listed);
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
}

//! The lock of a pool: whoever holds it may count the pool's job flows and start some.
//!
//! Many runs may find at once that a job flow is missing. The lock makes them count one after the other, each with what
//! the one before has started.
//!
//! A job flow starts or ends under the lock only if the call is sure to end before the lease does, as with
//! the claim of a job flow. So nobody counts the pool while such a call is under way.

use std::time::Duration;

use emr_aws::{Aws, Hold, Tenure, claim};
use emr_core::claim::lease::Lease;
use emr_core::claim::pause;
use emr_core::error::{Error, Outcome, Result};
use emr_core::model::cluster::Cluster;
use emr_core::model::job_flow::JobFlow;
use emr_core::model::lock::Holder;
use emr_core::model::pool::PoolName;
use emr_core::model::s3_uri::S3Uri;
use emr_core::pool::locks;
use tokio::sync::{Notify, watch};
use tokio::time::Instant;

use crate::{owner, random};

/// The time to live of the lock. It is renewed while job flows start. A third of it is for a call, and a third for
/// renewals that fail; a run that dies blocks the others for all of it.
const TTL: Duration = claim::CALL.saturating_mul(3);

/// How long to wait for the lock. Starting a job flow takes its holder seconds, so ten minutes are enough for some
/// hundred jobs in turn.
const QUEUE: Duration = Duration::from_mins(10);

/// The longest pause between two tries of the lock, and between two looks at EMR's list.
const LOOKS: Duration = Duration::from_secs(2);

/// How often to check whether EMR lists the new job flow: about six seconds in all, as its lists usually lag by one.
const LISTED: u32 = 6;

/// The lock of a pool.
pub struct PoolLock<'a> {
    aws: &'a Aws,
    uri: S3Uri,
    /// Set when the user wants the run to end.
    stop: &'a watch::Sender<bool>,
    tenure: Tenure,
    is_lost: Notify,
}

impl<'a> PoolLock<'a> {
    /// The lock of the pool `name` in the folder `locks`.
    #[must_use]
    pub fn new(aws: &'a Aws, locks: &S3Uri, name: &PoolName, stop: &'a watch::Sender<bool>) -> Self {
        let (tenure, is_lost) = (Tenure::new(claim::CALL), Notify::new());
        Self { aws, uri: locks::of_pool(locks, name), stop, tenure, is_lost }
    }

    /// Waits for the lock, and does `work` under it. Once the lock is lost or about to run out, no costly call begins any
    /// more.
    pub async fn under<T>(&self, work: impl Future<Output = Result<T>>) -> Result<T> {
        let lease = self.queue().await?;
        self.keep_while(lease, work, || self.aws.emr.wind_up()).await
    }

    /// Does `work` under the lock, unless somebody else has it; then the result is `None`. `work` is told
    /// by [`PoolLock::check`] and [`PoolLock::lost`] that the lock is lost, and is finished.
    pub async fn at_once<T>(&self, work: impl Future<Output = Result<T>>) -> Result<Option<T>> {
        match self.aws.s3.lock(&self.uri).hold(holder()).await? {
            Hold::Held(lease) => self.keep_while(lease, work, || {}).await.map(Some),
            Hold::Busy(_) => Ok(None),
        }
    }

    async fn keep_while<T>(
        &self,
        mut lease: Lease,
        work: impl Future<Output = Result<T>>,
        wind_up: impl FnOnce(),
    ) -> Result<T> {
        let lock = self.aws.s3.lock(&self.uri);
        let wind_up = || {
            self.is_lost.notify_one();
            wind_up();
        };
        let done = lock.keep_while(&mut lease, &self.tenure, work, wind_up).await;
        if done.as_ref().is_err_and(Error::may_have_happened) {
            // A job flow may have started or ended, and show that later. The lock is left to expire, so that nobody
            // counts the pool without it.
            return done;
        }
        if let Err(error) = lock.release(&lease).await {
            crate::warn(&format!("{error}"));
        }
        done
    }

    /// An error unless the lock is held, and for long enough that a call to EMR ends under it.
    pub fn check(&self) -> Result<()> {
        if self.tenure.has_time() {
            return Ok(());
        }
        let text = "the lock of the pool is lost, or has too little time left to change the pool";
        Err(Error::new(Outcome::TryAgain, text).on(&self.uri))
    }

    /// Waits until the lock is lost, or has too little time left.
    pub async fn lost(&self) {
        self.is_lost.notified().await;
    }

    /// Starts `job_flow` under the lock.
    pub async fn start(&self, job_flow: &JobFlow) -> Result<Cluster> {
        self.check()?;
        let run = random::run_id();
        crate::detail(&format!("asking EMR for {}", job_flow.name_of(&run)));
        let cluster = self.aws.emr.run_job_flow(job_flow, &run).await?;
        crate::announce(&format!("Job flow created with ID: {}", cluster.id));
        Ok(cluster)
    }

    /// Waits for the lock.
    async fn queue(&self) -> Result<Lease> {
        let lock = self.aws.s3.lock(&self.uri);
        let holder = holder();
        let began = Instant::now();
        for longest in pause::pauses(LOOKS) {
            match lock.hold(holder.clone()).await? {
                Hold::Held(lease) => return Ok(lease),
                Hold::Busy(_) if began.elapsed() < QUEUE => {}
                Hold::Busy(_) => break,
            }
            if stopped_within(self.stop, longest.mul_f64(random::share())).await {
                return Err(interrupted());
            }
        }
        Err(Error::new(
            Outcome::TryAgain,
            format!("{}: other runs have held this lock for {} minutes", self.uri, QUEUE.as_secs() / 60),
        ))
    }
}

fn holder() -> Holder {
    Holder { token: random::token(), owner: owner::owner(), ttl: TTL }
}

/// Waits until EMR lists the `new` job flow, so that the next holder of the pool's lock sees it.
pub async fn wait_until_listed(aws: &Aws, new: &Cluster) {
    for pause in pause::pauses(LOOKS).take(LISTED as usize) {
        match aws.emr.is_listed(new).await {
            Ok(true) => return,
            Ok(false) => tokio::time::sleep(pause).await,
            Err(error) => return crate::detail(&format!("cannot check whether EMR lists {}: {error}", new.id)),
        }
    }
}

/// The error of a run that the user ends before its work has begun.
#[must_use]
pub fn interrupted() -> Error {
    Error::new(Outcome::TryAgain, "interrupted")
}

/// Waits until `stop` is set.
pub async fn stopped(stop: &watch::Sender<bool>) -> Error {
    let _ = stop.subscribe().wait_for(|stop| *stop).await;
    interrupted()
}

/// Waits for at most `wait`, and returns whether `stop` is set.
pub async fn stopped_within(stop: &watch::Sender<bool>, wait: Duration) -> bool {
    tokio::time::timeout(wait, stopped(stop)).await.is_ok()
}

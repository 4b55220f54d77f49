//! The minimums of pools: which idle job flows must stay, because their pool keeps that many free.
//!
//! A minimum is read when the first job flow of its pool would end: one request to S3 for each pool with something to
//! end. What it keeps is counted then, once and without a lock, and spared. Right before another of the pool ends, the
//! minimum is read anew, because it may have been written meanwhile. A pool with one is then counted again, under its
//! lock: so two sweeps do not both end what the other kept, and `fill-pool` does not count what is about to end.

use std::cell::RefCell;
use std::collections::{BTreeMap, BTreeSet};

use emr_aws::{Aws, PoolAt};
use emr_cli::PoolLock;
use emr_core::error::Result;
use emr_core::model::id::JobFlowId;
use emr_core::model::pool::Marker;
use emr_core::model::s3_uri::S3Uri;
use emr_core::pool::locks;
use emr_core::pool::minimum::{Minimum, Wanted};
use tokio::sync::watch;

use crate::look::Seen;

/// The minimums of the pools of an account.
pub(crate) struct Minimums<'a> {
    aws: &'a Aws,
    stop: &'a watch::Sender<bool>,
    known: RefCell<BTreeMap<S3Uri, Known>>,
}

/// What is known of the minimum of a pool.
#[derive(Clone)]
enum Known {
    /// There is none at this time.
    None,
    /// How many it keeps, and which.
    Keeps(u32, BTreeSet<JobFlowId>),
    /// It could not be read, which has been reported.
    Unreadable,
}

impl<'a> Minimums<'a> {
    pub(crate) fn new(aws: &'a Aws, stop: &'a watch::Sender<bool>) -> Self {
        Self { aws, stop, known: RefCell::default() }
    }

    /// Does `end`, unless a minimum keeps the job flow that was `seen`. If `end` `changes` something, a pool with a
    /// minimum is locked meanwhile, and `end` must change nothing without that lock.
    ///
    /// Job flows of a pool whose minimum cannot be read are kept: to end them might leave jobs without any, and the error
    /// is reported once.
    pub(crate) async fn unless_kept(
        &self,
        seen: Seen,
        changes: bool,
        end: impl AsyncFnOnce(Seen, Option<&PoolLock<'_>>) -> Result<Seen>,
    ) -> Result<Seen> {
        let Some((marker, folder)) = Marker::read(&seen.cluster.name).zip(seen.locks.clone()) else {
            return end(seen, None).await;
        };
        let pool = PoolAt { marker: &marker, locks: &folder };
        let uri = locks::of_minimum(&folder, &marker.pool_name, &marker.hash, self.aws.region());
        match self.known(pool, &uri).await? {
            Known::Unreadable => return Ok(spared(seen, "the minimum of its pool cannot be read".to_owned())),
            Known::Keeps(min_idle, kept) if kept.contains(&seen.cluster.id) => {
                return Ok(spared(seen, kept_by(pool, min_idle)));
            }
            _ if !changes => return end(seen, None).await,
            _ => {}
        }
        let Some(minimum) = self.read(&uri).await? else { return end(seen, None).await };
        let Some(wanted) = minimum.wanted_at(self.aws.emr.now()) else { return end(seen, None).await };
        let unchanged = seen.clone();
        let lock = PoolLock::new(self.aws, &folder, &marker.pool_name, self.stop);
        let counted = Box::pin(self.count(pool, (&uri, wanted), seen, async |seen| end(seen, Some(&lock)).await));
        let busy = || format!("another run has the lock of its pool '{}'", marker.pool_name);
        Ok(lock.at_once(counted).await?.unwrap_or_else(|| spared(unchanged, busy())))
    }

    /// Does `end`, unless the job flow that was `seen` is one of those that `wanted`, the minimum at `uri`, keeps.
    async fn count(
        &self,
        pool: PoolAt<'_>,
        (uri, wanted): (&S3Uri, &Wanted),
        seen: Seen,
        end: impl AsyncFnOnce(Seen) -> Result<Seen>,
    ) -> Result<Seen> {
        let kept = self.aws.kept(pool, wanted).await?;
        let keeps = kept.contains(&seen.cluster.id);
        self.note(uri, Known::Keeps(wanted.min_idle, kept));
        if keeps {
            return Ok(spared(seen, kept_by(pool, wanted.min_idle)));
        }
        end(seen).await
    }

    /// What is known of the minimum at `uri`, which is read and counted once.
    async fn known(&self, pool: PoolAt<'_>, uri: &S3Uri) -> Result<Known> {
        if let Some(known) = self.known.borrow().get(uri) {
            return Ok(known.clone());
        }
        let minimum = self.read(uri).await?;
        let known = match minimum.as_ref().and_then(|minimum| minimum.wanted_at(self.aws.emr.now())) {
            Some(wanted) => Known::Keeps(wanted.min_idle, Box::pin(self.aws.kept(pool, wanted)).await?),
            None => Known::None,
        };
        self.note(uri, known.clone());
        Ok(known)
    }

    /// Reads the minimum at `uri`, and notes if that fails.
    async fn read(&self, uri: &S3Uri) -> Result<Option<Minimum>> {
        let read = self.aws.s3.minimum(uri).await.and_then(|stored| stored.content.transpose());
        if read.is_err() {
            self.note(uri, Known::Unreadable);
        }
        read
    }

    fn note(&self, uri: &S3Uri, known: Known) {
        self.known.borrow_mut().insert(uri.clone(), known);
    }
}

fn kept_by(pool: PoolAt<'_>, min_idle: u32) -> String {
    format!("kept by the minimum of the pool '{}', which is {min_idle}", pool.marker.pool_name)
}

fn spared(seen: Seen, why: String) -> Seen {
    Seen { spared: Some(why), ..seen }
}

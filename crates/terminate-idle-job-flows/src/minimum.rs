//! The minimums of pools: which idle job flows must stay, because their pool keeps that many free.
//!
//! A minimum is read when the first job flow of its pool would end: one request to S3 for each pool with something to
//! end. Only a pool with a minimum is counted, and under its lock: so two sweeps do not both end what the other kept, and
//! `fill-pool` does not count what is about to end.

use std::cell::RefCell;
use std::collections::BTreeMap;
use std::rc::Rc;

use emr_aws::{Aws, PoolAt};
use emr_cli::PoolLock;
use emr_core::error::Result;
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
    None,
    Minimum(Rc<Minimum>),
    /// It could not be read, which has been reported.
    Unreadable,
}

impl<'a> Minimums<'a> {
    pub(crate) fn new(aws: &'a Aws, stop: &'a watch::Sender<bool>) -> Self {
        Self { aws, stop, known: RefCell::default() }
    }

    /// Does `end`, unless a minimum keeps the job flow that was `seen`. If `end` `changes` something, the pool is locked
    /// meanwhile, and `end` must change nothing without that lock.
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
        let pool = PoolAt { name: &marker.pool_name, hash: &marker.hash, locks: &folder };
        let minimum = match self.known(&locks::of_minimum(&folder, pool.name, pool.hash)).await? {
            Known::None => return end(seen, None).await,
            Known::Unreadable => return Ok(spared(seen, "the minimum of its pool cannot be read".to_owned())),
            Known::Minimum(minimum) => minimum,
        };
        let Some(wanted) = minimum.wanted_at(self.aws.emr.now()) else { return end(seen, None).await };
        let unchanged = seen.clone();
        if !changes {
            return self.count(pool, wanted, seen, async |seen| end(seen, None).await).await;
        }
        let lock = PoolLock::new(self.aws, &folder, pool.name, self.stop);
        let counted = Box::pin(self.count(pool, wanted, seen, async |seen| end(seen, Some(&lock)).await));
        let busy = || format!("another run has the lock of its pool '{}'", pool.name);
        Ok(lock.at_once(counted).await?.unwrap_or_else(|| spared(unchanged, busy())))
    }

    /// Does `end`, unless the job flow that was `seen` is one of those that `wanted` keeps.
    async fn count(
        &self,
        pool: PoolAt<'_>,
        wanted: &Wanted,
        seen: Seen,
        end: impl AsyncFnOnce(Seen) -> Result<Seen>,
    ) -> Result<Seen> {
        let stock = self.aws.stock(pool).await?;
        if self.aws.keeps(pool, wanted, &stock, &seen.cluster).await? {
            let why = format!("kept by the minimum of the pool '{}', which is {}", pool.name, wanted.min_idle);
            return Ok(spared(seen, why));
        }
        end(seen).await
    }

    /// The minimum at `uri`, which is read once.
    async fn known(&self, uri: &S3Uri) -> Result<Known> {
        if let Some(known) = self.known.borrow().get(uri) {
            return Ok(known.clone());
        }
        let read = self.aws.s3.minimum(uri).await.and_then(|stored| stored.content.transpose());
        let known = match &read {
            Ok(None) => Known::None,
            Ok(Some(minimum)) => Known::Minimum(Rc::new(minimum.clone())),
            Err(_) => Known::Unreadable,
        };
        self.known.borrow_mut().insert(uri.clone(), known.clone());
        read.map(|_| known)
    }
}

fn spared(seen: Seen, why: String) -> Seen {
    Seen { spared: Some(why), ..seen }
}

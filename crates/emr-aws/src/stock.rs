//! Looks at the stock of a pool: which of its clusters are free, and which will be.

use std::collections::BTreeSet;

use emr_core::claim::lease::is_held;
use emr_core::error::Result;
use emr_core::model::cluster::{Cluster, ClusterState};
use emr_core::model::id::JobFlowId;
use emr_core::model::pool::Marker;
use emr_core::model::s3_uri::S3Uri;
use emr_core::pool::minimum::Wanted;
use emr_core::pool::minimum::failed_starts::{FailedStarts, RECENT};
use emr_core::pool::minimum::stock::{Candidate, Count, Keep, Look, Standing, Stock, standing};
use emr_core::pool::{Want, counts_every_step, locks};
use futures_util::{Stream, StreamExt, stream};

use crate::Aws;
use crate::emr::ClusterFilter;

/// Clusters that are looked at together. Each takes three calls, and EMR answers about ten at once.
const LOOKS_AT_ONCE: usize = 4;

/// A pool whose clusters are looked at.
#[derive(Debug, Clone, Copy)]
pub struct PoolAt<'a> {
    /// What the Names of its clusters say: the pool, their content hash, and their instances in short.
    pub marker: &'a Marker,
    /// The folder of its locks.
    pub locks: &'a S3Uri,
}

impl Aws {
    /// The stock of `pool`, from one list of clusters.
    pub async fn stock(&self, pool: PoolAt<'_>) -> Result<Stock> {
        let alive = ClusterFilter { states: ClusterState::ALIVE.to_vec(), ..Default::default() };
        Ok(Stock::new(&pool.marker.pool_name, &pool.marker.hash, self.listed(alive).await?))
    }

    /// The clusters like `pool` that failed to come up lately, if none came up since. It costs a list, so it is asked for
    /// only before something is started.
    pub async fn failed_starts(&self, pool: PoolAt<'_>, stock: &Stock) -> Result<Option<FailedStarts>> {
        let states = vec![ClusterState::Terminating, ClusterState::Terminated, ClusterState::TerminatedWithErrors];
        let created_after = Some(self.emr.now() - RECENT);
        let ended = self.listed(ClusterFilter { states, created_after, ..Default::default() }).await?;
        Ok(FailedStarts::of(pool.marker, ended, stock.came_up(pool.marker), self.emr.now()))
    }

    async fn listed(&self, filter: ClusterFilter) -> Result<Vec<Cluster>> {
        let mut pages = self.emr.clusters(filter);
        let mut clusters = Vec::new();
        while let Some(page) = pages.next().await? {
            clusters.extend(page);
        }
        Ok(clusters)
    }

    /// Counts what `stock` has for `wanted`. Looks no further once that is enough.
    pub async fn count(&self, pool: PoolAt<'_>, wanted: &Wanted, stock: &Stock) -> Result<Count> {
        let mut count = Count::default();
        let mut looks = std::pin::pin!(self.standings(pool, wanted, &stock.candidates));
        while count.missing(wanted.min_idle) > 0
            && let Some((_, standing)) = looks.next().await.transpose()?
        {
            count.add(standing);
        }
        Ok(count)
    }

    /// Those that the minimum `wanted` keeps: the first free ones of what `pool` has now.
    pub async fn kept(&self, pool: PoolAt<'_>, wanted: &Wanted) -> Result<BTreeSet<JobFlowId>> {
        let stock = self.stock(pool).await?;
        let (mut keep, mut kept) = (Keep::new(wanted.min_idle), BTreeSet::new());
        let mut looks = std::pin::pin!(self.standings(pool, wanted, &stock.candidates));
        while !keep.is_full()
            && let Some((candidate, standing)) = looks.next().await.transpose()?
        {
            if keep.keeps(standing) {
                kept.insert(candidate.cluster.id.clone());
            }
        }
        Ok(kept)
    }

    /// What each of `candidates` counts as for `wanted`, in this order.
    fn standings<'a>(
        &'a self,
        pool: PoolAt<'a>,
        wanted: &'a Wanted,
        candidates: &'a [Candidate],
    ) -> impl Stream<Item = Result<(&'a Candidate, Standing)>> {
        let looks = candidates.iter().map(move |candidate| async move {
            let look = Box::pin(self.look_at(pool, wanted, candidate)).await?;
            Ok((candidate, look.map_or(Standing::Taken, |look| standing(wanted, candidate, &look, self.emr.now()))))
        });
        stream::iter(looks).buffered(LOOKS_AT_ONCE.min(wanted.min_idle.max(1) as usize))
    }

    /// Looks at `candidate`, with four calls at once. `None` if EMR cannot describe it, or no longer.
    async fn look_at(&self, pool: PoolAt<'_>, wanted: &Wanted, candidate: &Candidate) -> Result<Option<Look>> {
        let id = &candidate.cluster.id;
        let uri = locks::of_job_flow(pool.locks, id);
        let steps = async {
            if counts_every_step(&wanted.software) {
                self.emr.all_steps(id).await
            } else {
                self.emr.unfinished_steps(id).await
            }
        };
        let has_fleets = wanted.demand.wants.iter().any(Want::is_of_fleet);
        let looked = tokio::try_join!(
            Box::pin(self.emr.describe_cluster(id)),
            Box::pin(steps),
            Box::pin(self.emr.offer_of_either(id, has_fleets)),
            async { self.s3.lock(&uri).look().await },
        );
        match looked {
            Ok((detail, steps, offer, lock)) => {
                Ok(Some(Look { detail, steps, offer, is_claimed: lock.is_some_and(|sighting| is_held(&sighting)) }))
            }
            Err(error) if error.is_refused() => {
                log::debug!("{error}");
                Ok(None)
            }
            Err(error) => Err(error),
        }
    }
}

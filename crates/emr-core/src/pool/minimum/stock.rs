//! The stock of a pool: which of its clusters are free or will be, how many to start, and which of them a sweep keeps.
//!
//! A minimum has two sides, and both go through the clusters in the same order, by the same rule of what is free:
//!
//! - `fill-pool` counts ([`Count`]) what is free and what starts, until that is enough, and starts what is missing.
//! - A sweep keeps ([`Keep`]) the first free ones, as many as the minimum asks for, and ends others that are idle.
//!
//! Both do this under the pool's own lock, so that two of them never act on the same count. The order is by what a
//! cluster's Name and list entry say, which never changes: the fewest virtual CPUs first, because those wait for the
//! least money; of equals the oldest; then the smallest id. So two sweeps keep the same ones.

use std::cmp::Reverse;
use std::collections::BTreeMap;

use chrono::{DateTime, TimeDelta, Utc};

use super::Wanted;
use crate::model::cluster::{Cluster, ClusterDetail, ClusterState};
use crate::model::pool::{Marker, PoolHash, PoolName};
use crate::model::step::Step;
use crate::pool::vacancy::{may_be_free, unfit_for_steps};
use crate::pool::{CopiedNames, Offer, Power, misfits, other_release, shape};

/// How long after a cluster came up EMR may still provide what it lacks. What is lacking later, such as spot instances that
/// were taken away, may never come.
const PROVIDES: TimeDelta = TimeDelta::hours(1);

/// A cluster of the pool with the same content, which may count.
#[derive(Debug, Clone, PartialEq)]
pub struct Candidate {
    /// The cluster, as listed.
    pub cluster: Cluster,
    /// Whether another cluster has the same Name: one of them is a clone and may differ in anything.
    pub is_copied: bool,
}

/// The clusters of a pool.
#[derive(Debug, Clone, Default, PartialEq)]
pub struct Stock {
    /// Those that may count: first those that may be free, then those that start.
    pub candidates: Vec<Candidate>,
    /// The number of all clusters in the pool that have not ended, whatever their content.
    pub in_pool: usize,
    /// When the last cluster with the same content came up, by its instances in short.
    came_up: BTreeMap<Option<String>, DateTime<Utc>>,
}

impl Stock {
    /// The stock of the pool `name` with the content `hash`, among the `clusters` of an account.
    #[must_use]
    pub fn new(name: &PoolName, hash: &PoolHash, clusters: Vec<Cluster>) -> Self {
        let copied = CopiedNames::of(&clusters);
        let (mut ranked, mut in_pool, mut came_up) = (Vec::new(), 0, BTreeMap::new());
        for cluster in clusters.into_iter().filter(|cluster| !cluster.state.has_ended()) {
            let Some(marker) = Marker::read(&cluster.name).filter(|marker| marker.pool_name == *name) else { continue };
            in_pool += 1;
            if let Some(ready_at) = cluster.ready_at.filter(|_| marker.hash == *hash) {
                let latest = came_up.entry(marker.shape.clone()).or_insert(ready_at);
                *latest = ready_at.max(*latest);
            }
            let is_free = may_be_free(&cluster.state, marker.step_concurrency);
            if marker.hash == *hash && (is_free || is_coming(&cluster.state)) {
                let power = marker.shape.as_deref().and_then(shape::offer).map(|offer| Power::of(&offer).all_mvcpu());
                let rank = (Reverse(is_free), power.unwrap_or(u64::MAX), cluster.created_at, cluster.id.clone());
                ranked.push((rank, Candidate { is_copied: copied.has(&cluster), cluster }));
            }
        }
        ranked.sort_by(|(one, _), (other, _)| one.cmp(other));
        Self { candidates: ranked.into_iter().map(|(_, candidate)| candidate).collect(), in_pool, came_up }
    }

    /// When the last one came up of those like `pool`; `None` if none is up.
    #[must_use]
    pub fn came_up(&self, pool: &Marker) -> Option<DateTime<Utc>> {
        self.came_up.get(&pool.shape).copied()
    }

    /// How many are not up yet.
    #[must_use]
    pub fn starting(&self) -> usize {
        self.candidates.iter().filter(|candidate| is_coming(&candidate.cluster.state)).count()
    }
}

/// What a look at a cluster of the stock shows.
#[derive(Debug, Clone, PartialEq)]
pub struct Look {
    /// Its description.
    pub detail: ClusterDetail,
    /// Its unfinished steps, or all if its software counts every step.
    pub steps: Vec<Step>,
    /// Its instances.
    pub offer: Offer,
    /// Whether a job holds its lock.
    pub is_claimed: bool,
}

/// What a cluster counts as.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub enum Standing {
    /// A job could have it now.
    Free,
    /// A job could have it once it is up, or once EMR has provided its instances.
    Coming,
    /// It is in use or claimed, or does not fit.
    Taken,
}

/// What `candidate` counts as for `wanted` at `now`, after a `look` at it.
///
/// One that starts counts unless a job has claimed it or added steps: then it will work and not wait when it is up.
#[must_use]
pub fn standing(wanted: &Wanted, candidate: &Candidate, look: &Look, now: DateTime<Utc>) -> Standing {
    let Look { detail, steps, offer, is_claimed } = look;
    let may_grow = detail.cluster.ready_at.is_none_or(|ready_at| now < ready_at + PROVIDES);
    let is_other = candidate.is_copied && other_release(&wanted.software, detail).is_some();
    let fits = misfits(&wanted.demand, offer).is_empty();
    let will_fit = fits || may_grow && misfits(&wanted.demand, &offer.once_provided()).is_empty();
    let state = &detail.cluster.state;
    let (is_up, is_coming) = (may_be_free(state, detail.step_concurrency), is_coming(state));
    let has_room = unfit_for_steps(detail, steps, 1).is_empty();
    let counts = !is_claimed && !is_other && will_fit && has_room && (is_up || is_coming);
    if counts && is_up && fits {
        Standing::Free
    } else if counts {
        Standing::Coming
    } else {
        Standing::Taken
    }
}

fn is_coming(state: &ClusterState) -> bool {
    matches!(state, ClusterState::Starting | ClusterState::Bootstrapping)
}

/// The count of what a minimum already has.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, Hash)]
pub struct Count {
    /// Those that are free.
    pub free: u32,
    /// Those that will be.
    pub coming: u32,
}

impl Count {
    /// Counts one more.
    pub fn add(&mut self, standing: Standing) {
        match standing {
            Standing::Free => self.free += 1,
            Standing::Coming => self.coming += 1,
            Standing::Taken => {}
        }
    }

    /// How many are missing to `min_idle`.
    #[must_use]
    pub fn missing(&self, min_idle: u32) -> u32 {
        min_idle.saturating_sub(self.free + self.coming)
    }
}

/// How many of `missing` may be started in a pool that has `in_pool` clusters and may have `most`.
#[must_use]
pub fn room(missing: u32, in_pool: usize, most: Option<u32>) -> u32 {
    let in_pool = u32::try_from(in_pool).unwrap_or(u32::MAX);
    most.map_or(missing, |most| missing.min(most.saturating_sub(in_pool)))
}

/// What a sweep keeps for a minimum: the first free ones.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub struct Keep {
    left: u32,
}

impl Keep {
    /// Keeps `min_idle`.
    #[must_use]
    pub fn new(min_idle: u32) -> Self {
        Self { left: min_idle }
    }

    /// Whether to keep the next cluster, in the order of [`Stock::candidates`].
    pub fn keeps(&mut self, standing: Standing) -> bool {
        let keeps = standing == Standing::Free && self.left > 0;
        self.left -= u32::from(keeps);
        keeps
    }

    /// Whether the minimum is kept, so that all others may end.
    #[must_use]
    pub fn is_full(&self) -> bool {
        self.left == 0
    }
}

#[cfg(test)]
mod tests;

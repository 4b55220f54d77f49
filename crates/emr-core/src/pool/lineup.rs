//! The lineup: the clusters of a pool in the order in which to try them.
//!
//! `ListClusters` returns 50 clusters a call, with Names but without instances. `ListInstanceGroups` returns the
//! instances of one cluster, and EMR allows it once a second. So the lineup starts from Names, which carry the shape
//! that a cluster was started with, and takes each Name as a hint:
//!
//! - A Name with a shape that is large enough gives [`Hint::Fits`]; one that is too small gives [`Hint::Misfit`].
//! - A Name without a shape gives [`Hint::Unknown`]. So does a Name of two clusters: EMR's console copies the Name when
//!   it clones a cluster, and lets the user change everything else.
//! - Instances that were listed ([`Knowledge::seen`]) override the Name.
//! - After a Name proves wrong ([`Knowledge::weigh`]), no Name is believed until others prove right.
//!
//! Example: a job wants a master and five core instances of `m5.xlarge`. The pool has
//!
//! | cluster | its Name says | hint |
//! |---|---|---|
//! | `j-BIG` | 9 core | fits |
//! | `j-B` | 5 core | fits, with less power |
//! | `j-OLD`, `j-CLONE` | 9 core, the same Name twice | unknown |
//! | `j-SMALL` | 4 core | misfit |
//! | `j-RUN`, which runs a step | 5 core | not a candidate: occupied, so worth waiting for |
//!
//! and the lineup is `j-BIG`, `j-B`, then `j-CLONE`, `j-OLD`, then `j-SMALL`. Their instances show that `j-OLD` has
//! seven and `j-CLONE` three core instances: now the lineup is `j-BIG`, `j-OLD`, `j-B`, then `j-SMALL`, `j-CLONE`.
//!
//! A wrong Name never leads to a wrong claim, because the claim looks again. A Name that promises too much costs a lock
//! and a look in vain. One that promises too little hides its cluster; at worst, another cluster is started.

use std::collections::{HashMap, HashSet};

use chrono::{DateTime, Utc};

use super::vacancy::may_be_free;
use super::{Demand, Offer, Power, Rank, misfits, shape};
use crate::model::cluster::Cluster;
use crate::model::id::JobFlowId;
use crate::model::pool::{Marker, PoolHash, PoolName};
use crate::model::run_id::RunId;

/// What a job needs from a pool.
#[derive(Debug, Clone, PartialEq)]
pub struct Request {
    /// The pool.
    pub pool_name: PoolName,
    /// The content hash, which must be equal.
    pub hash: PoolHash,
    /// The instances, which must suffice.
    pub demand: Demand,
}

/// Whether a cluster probably fits: by its instances if they were listed, else by its Name.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub enum Hint {
    /// It has enough.
    Fits,
    /// Its Name has no shape, or is not believed.
    Unknown,
    /// It has too little.
    Misfit,
}

/// A cluster that may be free and fit.
#[derive(Debug, Clone, PartialEq)]
pub struct Candidate {
    /// The cluster.
    pub cluster: Cluster,
    /// Whether it is likely to fit.
    pub hint: Hint,
    /// Whether another cluster has the same Name: one of them is a clone and may differ in anything.
    pub is_copied: bool,
    /// The instances in its Name; `None` if the Name is copied or has no shape.
    pub named: Option<Offer>,
    /// Its rank among candidates with the same hint.
    pub rank: Rank,
}

/// What is known about the instances of clusters, and whether Names are believed.
#[derive(Debug, Clone, Default, PartialEq)]
pub struct Knowledge {
    /// The instances that were listed, by cluster.
    pub seen: HashMap<JobFlowId, Offer>,
    /// Rises with each Name that proves wrong and falls with each that proves right.
    doubt: i32,
}

/// The doubt from which no Name is believed. One Name with a wrong request reaches it. So do two clusters whose Names
/// are right but whose instances EMR has not provided: one may lack an instance for a moment, two suggest an outage.
const DISBELIEF: i32 = 2;

/// The highest doubt: after at most 19 right Names in a row, Names are believed again.
const MOST_DOUBT: i32 = 20;

impl Knowledge {
    /// Compares the Name of `candidate` with its actual `offer`. `fits` says whether that suffices for the job.
    ///
    /// Clusters of one pool are often resized together. So after one wrong Name, instances of the others are listed
    /// first, until enough Names prove right.
    pub fn weigh(&mut self, candidate: &Candidate, offer: &Offer, fits: bool) {
        let Some(named) = &candidate.named else { return };
        let step = match (offer.is_as_named(named), fits) {
            (false, _) => DISBELIEF,
            (true, false) if candidate.hint == Hint::Fits => 1,
            (true, _) => -1,
        };
        self.doubt = (self.doubt + step).clamp(-DISBELIEF, MOST_DOUBT);
    }

    /// Whether Names are currently not believed.
    #[must_use]
    pub fn doubts_names(&self) -> bool {
        self.doubt >= DISBELIEF
    }
}

/// The clusters of a pool.
#[derive(Debug, Clone, Default, PartialEq)]
pub struct Lineup {
    /// Clusters that may be free, most promising first.
    pub candidates: Vec<Candidate>,
    /// Clusters with the same hash that work, start, or wait for instances from EMR: worth waiting for.
    pub occupied: Vec<JobFlowId>,
    /// The number of clusters in the pool with another hash: other software or settings.
    pub of_other_content: usize,
    /// The number of all clusters in the pool that have not ended.
    pub in_pool: usize,
}

impl Lineup {
    /// Lines up the clusters of the requested pool, by what is `known` and by their Names, at `now` (AWS's clock).
    #[must_use]
    pub fn new(request: &Request, clusters: &[Cluster], known: &Knowledge, now: DateTime<Utc>) -> Self {
        let copied = CopiedNames::of(clusters);
        let mut lineup = Self::default();
        for cluster in clusters.iter().filter(|cluster| !cluster.state.has_ended()) {
            let Some(marker) = Marker::read(&cluster.name) else { continue };
            if marker.pool_name != request.pool_name {
                continue;
            }
            lineup.in_pool += 1;
            if marker.hash != request.hash {
                lineup.of_other_content += 1;
                continue;
            }
            let is_copied = copied.has(cluster);
            let named = marker.shape.as_deref().filter(|_| !is_copied).and_then(shape::offer);
            let believed = named.as_ref().filter(|_| !known.doubts_names());
            let offer = known.seen.get(&cluster.id).or(believed);
            let hint = hint(&request.demand, offer);
            let will_fit = offer.is_some_and(|offer| misfits(&request.demand, &offer.once_provided()).is_empty());
            if may_be_free(&cluster.state, marker.step_concurrency) && !(hint == Hint::Misfit && will_fit) {
                let power = offer.map(Power::of).unwrap_or_default();
                let rank = Rank::new(power, cluster.created_at, now, cluster.id.clone());
                lineup.candidates.push(Candidate { cluster: cluster.clone(), hint, is_copied, named, rank });
            } else if hint != Hint::Misfit || will_fit {
                lineup.occupied.push(cluster.id.clone());
            }
        }
        lineup.candidates.sort_by(|a, b| (a.hint, &a.rank).cmp(&(b.hint, &b.rank)));
        lineup
    }

    /// The candidates with this hint, most promising first.
    pub fn of_hint(&self, hint: Hint) -> impl Iterator<Item = &Candidate> {
        self.candidates.iter().filter(move |candidate| candidate.hint == hint)
    }
}

fn hint(demand: &Demand, offer: Option<&Offer>) -> Hint {
    match offer {
        None => Hint::Unknown,
        Some(offer) if misfits(demand, offer).is_empty() => Hint::Fits,
        Some(_) => Hint::Misfit,
    }
}

/// The Names that several clusters have, identified by their run ids.
#[derive(Debug, Clone, Default)]
pub struct CopiedNames(HashSet<RunId>);

impl CopiedNames {
    /// The copied Names among `clusters`.
    #[must_use]
    pub fn of(clusters: &[Cluster]) -> Self {
        let mut seen = HashSet::new();
        let runs = clusters.iter().filter_map(|cluster| RunId::split(&cluster.name).1);
        Self(runs.filter(|run| !seen.insert(run.clone())).collect())
    }

    /// Whether the Name of `cluster` is copied.
    #[must_use]
    pub fn has(&self, cluster: &Cluster) -> bool {
        RunId::split(&cluster.name).1.is_some_and(|run| self.0.contains(&run))
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::model::cluster::{ClusterState, example};
    use crate::model::instances::{InstanceGroup, Instances, Market, Role};

    fn instances(core: u32) -> Instances {
        let group = |role, count| InstanceGroup::new(role, "m5.xlarge".to_owned(), count, Market::OnDemand);
        Instances::Groups(vec![group(Role::Master, 1), group(Role::Core, core)])
    }

    fn request() -> Request {
        let hash = PoolHash::from_digest(7);
        Request { pool_name: "etl".parse().unwrap(), hash, demand: Demand::of(&instances(5)) }
    }

    fn cluster(id: &str, core: u32, run: u64, state: ClusterState, step_concurrency: u32) -> Cluster {
        let Request { pool_name, hash, .. } = request();
        let marker = Marker { pool_name, hash, shape: shape::of(&instances(core)), step_concurrency };
        let name = RunId::from_random(run).name_with("nightly", &marker.write());
        Cluster { name, ..example::cluster(id, state) }
    }

    fn waiting(id: &str, core: u32, run: u64) -> Cluster {
        cluster(id, core, run, ClusterState::Waiting, 1)
    }

    fn line_up(clusters: &[Cluster], known: &Knowledge) -> Vec<(String, Hint)> {
        let lineup = Lineup::new(&request(), clusters, known, DateTime::UNIX_EPOCH);
        lineup.candidates.into_iter().map(|candidate| (candidate.cluster.id.to_string(), candidate.hint)).collect()
    }

    fn expected(order: &[(&str, Hint)]) -> Vec<(String, Hint)> {
        order.iter().map(|(id, hint)| ((*id).to_owned(), *hint)).collect()
    }

    #[test]
    fn the_example_of_the_module_holds() {
        let clusters = [
            waiting("j-BIG", 9, 1),
            waiting("j-B", 5, 2),
            waiting("j-OLD", 9, 3),
            waiting("j-CLONE", 9, 3),
            waiting("j-SMALL", 4, 4),
            cluster("j-RUN", 5, 5, ClusterState::Running, 1),
        ];
        let ids = |known: &Knowledge| line_up(&clusters, known).into_iter().map(|(id, _)| id).collect::<Vec<_>>();
        let mut known = Knowledge::default();
        assert_eq!(ids(&known), ["j-BIG", "j-B", "j-CLONE", "j-OLD", "j-SMALL"]);
        for (id, core) in [("j-OLD", 7), ("j-CLONE", 3)] {
            known.seen.insert(id.parse().unwrap(), Offer::of(&instances(core)));
        }
        assert_eq!(ids(&known), ["j-BIG", "j-OLD", "j-B", "j-SMALL", "j-CLONE"]);
    }

    #[test]
    fn the_most_powerful_that_fits_comes_first_and_misfits_last() {
        let clusters = [waiting("j-SMALL", 4, 1), waiting("j-B", 5, 2), waiting("j-A", 5, 3), waiting("j-BIG", 9, 4)];
        let order = [("j-BIG", Hint::Fits), ("j-A", Hint::Fits), ("j-B", Hint::Fits), ("j-SMALL", Hint::Misfit)];
        assert_eq!(line_up(&clusters, &Knowledge::default()), expected(&order));
    }

    #[test]
    fn instances_that_were_listed_override_the_name() {
        let clusters = [waiting("j-LESS", 9, 1), waiting("j-MORE", 4, 2)];
        let offer = |core| Offer::of(&instances(core));
        let seen = HashMap::from([("j-LESS".parse().unwrap(), offer(4)), ("j-MORE".parse().unwrap(), offer(5))]);
        let order = [("j-MORE", Hint::Fits), ("j-LESS", Hint::Misfit)];
        assert_eq!(line_up(&clusters, &Knowledge { seen, doubt: 0 }), expected(&order));
    }

    #[test]
    fn a_copied_name_is_not_believed_until_its_instances_are_listed() {
        let clusters = [waiting("j-A", 9, 1), waiting("j-B", 9, 1), waiting("j-C", 5, 2)];
        let order = [("j-C", Hint::Fits), ("j-A", Hint::Unknown), ("j-B", Hint::Unknown)];
        assert_eq!(line_up(&clusters, &Knowledge::default()), expected(&order));
        let seen = HashMap::from([("j-B".parse().unwrap(), Offer::of(&instances(7)))]);
        let mut known = Knowledge { seen, doubt: 0 };
        let order = [("j-B", Hint::Fits), ("j-C", Hint::Fits), ("j-A", Hint::Unknown)];
        assert_eq!(line_up(&clusters, &known), expected(&order));
        known.doubt = DISBELIEF;
        let order = [("j-B", Hint::Fits), ("j-A", Hint::Unknown), ("j-C", Hint::Unknown)];
        assert_eq!(line_up(&clusters, &known), expected(&order));
    }

    #[test]
    fn one_wrong_name_raises_doubt_and_right_names_lower_it() {
        let clusters = [waiting("j-A", 9, 1)];
        let lineup = Lineup::new(&request(), &clusters, &Knowledge::default(), DateTime::UNIX_EPOCH);
        let candidate = &lineup.candidates[0];
        let (as_named, other) = (Offer::of(&instances(9)), Offer::of(&instances(8)));
        let mut known = Knowledge::default();
        known.weigh(candidate, &as_named, false);
        assert!(!known.doubts_names(), "it may lack instances for a while");
        known.weigh(candidate, &as_named, false);
        assert!(known.doubts_names(), "a second one does, too");
        known.weigh(candidate, &as_named, true);
        assert!(!known.doubts_names());
        known.weigh(candidate, &other, true);
        assert!(known.doubts_names());
    }

    #[test]
    fn working_and_starting_clusters_are_worth_waiting_for() {
        let clusters = [
            cluster("j-RUN", 5, 1, ClusterState::Running, 1),
            cluster("j-SHARED", 5, 2, ClusterState::Running, 4),
            cluster("j-START", 5, 3, ClusterState::Starting, 1),
            cluster("j-TINY", 1, 4, ClusterState::Starting, 1),
            cluster("j-GONE", 5, 5, ClusterState::Terminating, 1),
        ];
        let lineup = Lineup::new(&request(), &clusters, &Knowledge::default(), DateTime::UNIX_EPOCH);
        assert_eq!(lineup.candidates.len(), 1);
        assert_eq!(lineup.occupied, ["j-RUN".parse().unwrap(), "j-START".parse().unwrap()]);
        assert_eq!(lineup.in_pool, 4);
    }

    #[test]
    fn other_pools_and_other_contents_are_ignored() {
        let other = Request { hash: PoolHash::from_digest(8), ..request() };
        let clusters = [waiting("j-A", 5, 1)];
        let lineup = Lineup::new(&other, &clusters, &Knowledge::default(), DateTime::UNIX_EPOCH);
        assert_eq!((lineup.candidates.len(), lineup.of_other_content, lineup.in_pool), (0, 1, 1));
        let other = Request { pool_name: "other".parse().unwrap(), ..request() };
        assert_eq!(Lineup::new(&other, &clusters, &Knowledge::default(), DateTime::UNIX_EPOCH), Lineup::default());
    }
}

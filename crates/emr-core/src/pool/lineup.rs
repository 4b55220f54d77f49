//! Who may be asked in a pool, best first, as far as a list of clusters tells.

use std::collections::{HashMap, HashSet};

use chrono::{DateTime, Utc};

use super::{Demand, Offer, Power, Rank, misfits, shape};
use crate::model::cluster::{Cluster, ClusterState};
use crate::model::id::JobFlowId;
use crate::model::pool::{Marker, PoolHash, PoolName};
use crate::model::run_id::RunId;

/// What a job asks of a pool.
#[derive(Debug, Clone, PartialEq)]
pub struct Request {
    /// The pool.
    pub pool_name: PoolName,
    /// What must be the same.
    pub hash: PoolHash,
    /// What there must be enough of.
    pub demand: Demand,
}

/// What a cluster's Name says of whether it fits. A Name tells what the cluster was started with, not what it has now.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub enum Hint {
    /// It was started with enough.
    Fits,
    /// It says nothing, or is not to be believed.
    Unknown,
    /// It was started with too little.
    Misfit,
}

/// A cluster that may be free and fit.
#[derive(Debug, Clone, PartialEq)]
pub struct Candidate {
    /// What it is.
    pub cluster: Cluster,
    /// Whether it is likely to fit.
    pub hint: Hint,
    /// Whether another has its Name, too: then one of the two was cloned, and may differ in anything.
    pub is_copied: bool,
    /// What its Name says that it was started with, where it is its own.
    pub named: Option<Offer>,
    /// Its place among those of the same hint.
    pub rank: Rank,
}

/// What is known of the instances of clusters, and how far to believe Names that tell of them.
#[derive(Debug, Clone, Default, PartialEq)]
pub struct Knowledge {
    /// What those have that were looked at.
    pub seen: HashMap<JobFlowId, Offer>,
    doubt: i32,
}

/// With so much doubt no Name is believed.
const DISBELIEF: i32 = 2;

impl Knowledge {
    /// Notes that `candidate` turned out to have `offer`, which `fits` or does not. One Name that is wrong is reason
    /// enough to look at others; when these are right, Names are believed again.
    pub fn weigh(&mut self, candidate: &Candidate, offer: &Offer, fits: bool) {
        let Some(named) = &candidate.named else { return };
        let step = match (offer.is_as_named(named), fits) {
            (false, _) => DISBELIEF,
            (true, false) if candidate.hint == Hint::Fits => 1,
            (true, _) => -1,
        };
        self.doubt = (self.doubt + step).clamp(-DISBELIEF, 10 * DISBELIEF);
    }

    /// Whether Names are not believed.
    #[must_use]
    pub fn doubts_names(&self) -> bool {
        self.doubt >= DISBELIEF
    }
}

/// The clusters of a pool.
#[derive(Debug, Clone, Default, PartialEq)]
pub struct Lineup {
    /// Those that may be free, the most promising first.
    pub candidates: Vec<Candidate>,
    /// Those of the same content that do not seem to be too small, but work, or are not all there yet.
    pub occupied: Vec<JobFlowId>,
    /// Those of the pool that are of other content.
    pub of_other_content: usize,
    /// All of the pool that have not ended.
    pub in_pool: usize,
}

impl Lineup {
    /// Lines up those of `clusters` that are in the pool of `request` at `now`, by what is `known` of their instances.
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

    /// Those of this hint, the most promising first.
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

fn may_be_free(state: &ClusterState, step_concurrency: u32) -> bool {
    *state == ClusterState::Waiting || (*state == ClusterState::Running && step_concurrency > 1)
}

/// Names that several clusters have: EMR's console clones a cluster with its Name, and lets all else be changed.
#[derive(Debug, Clone, Default)]
pub struct CopiedNames(HashSet<RunId>);

impl CopiedNames {
    /// Those among the Names of `clusters`.
    #[must_use]
    pub fn of(clusters: &[Cluster]) -> Self {
        let mut seen = HashSet::new();
        let runs = clusters.iter().filter_map(|cluster| RunId::split(&cluster.name).1);
        Self(runs.filter(|run| !seen.insert(run.clone())).collect())
    }

    /// Whether that of `cluster` is one of them.
    #[must_use]
    pub fn has(&self, cluster: &Cluster) -> bool {
        RunId::split(&cluster.name).1.is_some_and(|run| self.0.contains(&run))
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::model::cluster::example;
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
    fn the_most_powerful_that_fits_comes_first_and_what_seems_too_small_last() {
        let clusters = [waiting("j-SMALL", 4, 1), waiting("j-B", 5, 2), waiting("j-A", 5, 3), waiting("j-BIG", 9, 4)];
        let order = [("j-BIG", Hint::Fits), ("j-A", Hint::Fits), ("j-B", Hint::Fits), ("j-SMALL", Hint::Misfit)];
        assert_eq!(line_up(&clusters, &Knowledge::default()), expected(&order));
    }

    #[test]
    fn what_a_copied_name_says_is_not_believed_until_it_was_seen() {
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
    fn one_wrong_name_is_reason_to_doubt_and_others_that_are_right_to_believe_again() {
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
    fn those_that_work_or_start_are_no_candidates_but_worth_waiting_for() {
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
    fn other_pools_and_other_contents_do_not_matter() {
        let other = Request { hash: PoolHash::from_digest(8), ..request() };
        let clusters = [waiting("j-A", 5, 1)];
        let lineup = Lineup::new(&other, &clusters, &Knowledge::default(), DateTime::UNIX_EPOCH);
        assert_eq!((lineup.candidates.len(), lineup.of_other_content, lineup.in_pool), (0, 1, 1));
        let other = Request { pool_name: "other".parse().unwrap(), ..request() };
        assert_eq!(Lineup::new(&other, &clusters, &Knowledge::default(), DateTime::UNIX_EPOCH), Lineup::default());
    }
}

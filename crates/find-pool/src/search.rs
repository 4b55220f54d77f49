//! Searching a pool: who may be free, best first, and the claim on the first that is.

use std::collections::{HashMap, HashSet, VecDeque};

use emr_core::aws::emr::ClusterFilter;
use emr_core::aws::{Aws, lock};
use emr_core::cli::{self, chance, owner};
use emr_core::error::{Error, Result};
use emr_core::model::claim::Claim;
use emr_core::model::cluster::{Cluster, ClusterState};
use emr_core::model::id::JobFlowId;
use emr_core::model::lock::Holder;
use emr_core::model::record::JobFlowRecord;
use emr_core::model::s3_uri::S3Uri;
use emr_core::policy::claim::{Ending, Purpose};
use emr_core::policy::lease::{Lease, is_held};
use emr_core::policy::pool::{Candidate, Hint, Lineup, Offer, Rank, Request, locks};
use futures_util::{StreamExt, stream};

use crate::look::{Looking, interrupted};

/// Job flows of which the instances are looked at before any is claimed, because their Names say nothing of them.
const UNKNOWN: usize = 10;

/// Job flows that seem too small and are looked at all the same, once, for they may have grown.
const SECOND_CHANCES: usize = 5;

/// A search for a job flow in a pool.
pub(crate) struct Search<'a> {
    pub(crate) aws: &'a Aws,
    pub(crate) request: &'a Request,
    /// The place of the pool's locks.
    pub(crate) locks: &'a S3Uri,
    pub(crate) looking: Looking<'a>,
    pub(crate) ttl: std::time::Duration,
    /// Whether to claim what is found.
    pub(crate) claims: bool,
    /// What job flows have, where that was looked at.
    offers: HashMap<JobFlowId, Offer>,
    gave_second_chances: bool,
}

/// What a round of the search came to.
pub(crate) enum Found {
    /// This one, with the claim on it.
    JobFlow(Box<JobFlowRecord>),
    /// None.
    Nothing(Nothing),
}

/// Why nothing was found.
#[derive(Debug, Clone, Default)]
pub(crate) struct Nothing {
    /// Job flows in the pool.
    pub(crate) in_pool: usize,
    claimed: usize,
    occupied: usize,
    misfits: usize,
    of_other_content: usize,
}

impl Nothing {
    /// Whether a job flow may become free that would do.
    pub(crate) fn is_worth_waiting(&self) -> bool {
        self.claimed + self.occupied > 0
    }
}

impl std::fmt::Display for Nothing {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        let parts = [
            (self.occupied, "at work or not up yet"),
            (self.claimed, "claimed by others"),
            (self.misfits, "with too little or other instances"),
            (self.of_other_content, "with other software or settings"),
        ];
        let parts: Vec<_> = parts.iter().filter(|(n, _)| *n > 0).map(|(n, what)| format!("{n} {what}")).collect();
        f.write_str(&if parts.is_empty() { "there is none in it".to_owned() } else { parts.join(", ") })
    }
}

impl<'a> Search<'a> {
    pub(crate) fn new(
        aws: &'a Aws,
        (request, locks): (&'a Request, &'a S3Uri),
        looking: Looking<'a>,
        ttl: std::time::Duration,
        claims: bool,
    ) -> Self {
        Self { aws, request, locks, looking, ttl, claims, offers: HashMap::new(), gave_second_chances: false }
    }

    /// Looks through the pool once, and claims the best that is free.
    pub(crate) async fn round(&mut self) -> Result<Found> {
        let clusters = self.alive().await?;
        let mut lineup = self.line_up(&clusters);
        if self.look_at(&lineup, Hint::Unknown, UNKNOWN).await? {
            lineup = self.line_up(&clusters);
        }
        let mut nothing = Nothing {
            in_pool: lineup.in_pool,
            occupied: lineup.occupied.len(),
            of_other_content: lineup.of_other_content,
            ..Nothing::default()
        };
        if let Some(record) = self.claim_best(&lineup, &mut nothing).await? {
            return Ok(Found::JobFlow(record));
        }
        if !self.gave_second_chances && self.look_at(&lineup, Hint::Misfit, SECOND_CHANCES).await? {
            self.gave_second_chances = true;
            let grown: HashSet<_> = of_hint(&lineup, Hint::Misfit).map(|candidate| &candidate.cluster.id).collect();
            let mut lineup = self.line_up(&clusters);
            lineup.candidates.retain(|candidate| grown.contains(&candidate.cluster.id));
            nothing.misfits = 0;
            if let Some(record) = self.claim_best(&lineup, &mut nothing).await? {
                return Ok(Found::JobFlow(record));
            }
        }
        Ok(Found::Nothing(nothing))
    }

    /// The clusters that are there or will be.
    pub(crate) async fn alive(&self) -> Result<Vec<Cluster>> {
        let mut pages =
            self.aws.emr.clusters(ClusterFilter { states: ClusterState::ALIVE.to_vec(), ..Default::default() });
        let mut clusters = Vec::new();
        while let Some(page) = pages.next().await? {
            clusters.extend(page);
            if *self.looking.stop.borrow() {
                return Err(interrupted());
            }
        }
        Ok(clusters)
    }

    fn line_up(&self, clusters: &[Cluster]) -> Lineup {
        Lineup::new(self.request, clusters, &self.offers, self.aws.emr.now())
    }

    /// Looks at the instances of the first few of this `hint`, side by side. Returns whether there was any.
    async fn look_at(&mut self, lineup: &Lineup, hint: Hint, at_most: usize) -> Result<bool> {
        let unseen = of_hint(lineup, hint).map(|candidate| &candidate.cluster.id);
        let unseen: Vec<_> = unseen.filter(|id| !self.offers.contains_key(id)).take(at_most).cloned().collect();
        let looking = &self.looking;
        let looks = unseen.iter().map(async |id| match looking.emr.offer(id, looking.has_fleets).await {
            Ok(offer) => Ok(offer),
            // It may have the other kind, which EMR answers with a refusal.
            Err(_) => looking.emr.offer(id, !looking.has_fleets).await,
        });
        let offers: Vec<_> = stream::iter(looks).buffered(at_most).collect().await;
        for (id, offer) in unseen.iter().zip(offers) {
            self.offers.insert(id.clone(), offer?);
        }
        Ok(!unseen.is_empty())
    }

    /// Claims the first of the lineup that is free and fits. Who is found to be claimed is not asked again: one list
    /// of the locks tells which others are.
    async fn claim_best(&mut self, lineup: &Lineup, nothing: &mut Nothing) -> Result<Option<Box<JobFlowRecord>>> {
        nothing.misfits += of_hint(lineup, Hint::Misfit).count();
        let mut held: Option<HashSet<String>> = None;
        let mut queue: VecDeque<_> =
            lineup.candidates.iter().filter(|candidate| candidate.hint != Hint::Misfit).cloned().collect();
        while let Some(candidate) = queue.pop_front() {
            let id = &candidate.cluster.id;
            if held.as_ref().is_some_and(|held| held.contains(id.as_str())) {
                nothing.claimed += 1;
                continue;
            }
            match self.claim(&candidate, queue.front()).await? {
                Tried::Claimed(record) => return Ok(Some(record)),
                Tried::Behind(rank) => {
                    let place = queue.partition_point(|other| (other.hint, &other.rank) < (candidate.hint, &rank));
                    queue.insert(place, Candidate { rank, ..candidate });
                }
                Tried::Occupied => nothing.occupied += 1,
                Tried::Misfit => nothing.misfits += 1,
                Tried::Busy => {
                    nothing.claimed += 1;
                    if held.is_none() {
                        held = Some(self.held().await);
                    }
                }
            }
        }
        Ok(None)
    }

    /// The job flows that are claimed, as far as a list of the locks tells; none where it cannot be had.
    async fn held(&self) -> HashSet<String> {
        let listed = self.aws.s3.list_locks(&locks::of_job_flows(self.locks)).await.unwrap_or_else(|error| {
            cli::detail(&format!("not listing the locks: {error}"));
            Vec::new()
        });
        let held = listed.into_iter().filter(|lock| lock.is_held && lock.age_s <= self.ttl.as_secs());
        held.map(|lock| lock.name).collect()
    }

    /// Claims `candidate`, unless it turns out to be worse than the `next`.
    async fn claim(&mut self, candidate: &Candidate, next: Option<&Candidate>) -> Result<Tried> {
        let cluster = &candidate.cluster;
        let uri = locks::of_job_flow(self.locks, &cluster.id);
        if !self.claims {
            return self.peek(candidate, next, &uri).await;
        }
        let holder = Holder { token: chance::token(), owner: owner::owner(), ttl: self.ttl };
        let looking = self.looking.clone();
        let look = looking.at(&cluster.id);
        let ending = self.aws.s3.lock(&uri).claim(Purpose::Join, holder, &look).await?;
        let seen = look.seen();
        match ending {
            Ending::Claimed(lease) => {
                let behind = seen.as_ref().and_then(|seen| candidate.falls_behind(&seen.offer, next));
                let cluster = seen.map_or_else(|| cluster.clone(), |seen| seen.detail.cluster);
                let record = Box::new(claimed(cluster, uri, &lease));
                let Some(rank) = behind else { return Ok(Tried::Claimed(record)) };
                self.give_back(&record).await;
                Ok(Tried::Behind(rank))
            }
            Ending::Busy(_) | Ending::Lost => Ok(Tried::Busy),
            Ending::Unsafe => Err(lock::unsafe_store(&uri)),
            Ending::Unsure => Err(lock::unsure(&uri)),
            Ending::NotFree | Ending::Acted | Ending::Failed | Ending::TooLate => match seen {
                Some(seen) if !seen.will_do => {
                    self.offers.insert(cluster.id.clone(), seen.offer);
                    Ok(Tried::Misfit)
                }
                _ => Ok(Tried::Occupied),
            },
        }
    }

    /// What [`Search::claim`] would come to, without the claim.
    async fn peek(&self, candidate: &Candidate, next: Option<&Candidate>, uri: &S3Uri) -> Result<Tried> {
        if self.aws.s3.lock(uri).look().await?.is_some_and(|sighting| is_held(&sighting)) {
            return Ok(Tried::Busy);
        }
        let seen = self.looking.at(&candidate.cluster.id).take().await?;
        if !seen.is_free() {
            return Ok(if seen.will_do { Tried::Occupied } else { Tried::Misfit });
        }
        let behind = candidate.falls_behind(&seen.offer, next);
        Ok(behind.map_or_else(|| Tried::Claimed(Box::new(seen.detail.cluster.into())), Tried::Behind))
    }

    /// Gives back the claim of a record that nobody gets.
    pub(crate) async fn give_back(&self, record: &JobFlowRecord) {
        let Some(claim) = &record.claim else { return };
        if let Err(error) = self.aws.s3.lock(&claim.lock_uri).give_back(&claim.token).await {
            cli::complain(&Error::on(error, &record.job_flow_id));
        }
    }
}

/// What the try at one job flow came to.
enum Tried {
    Claimed(Box<JobFlowRecord>),
    /// It is free, but has less than its Name says, and another has more: its place among the others.
    Behind(Rank),
    Busy,
    /// It is at work, or lacks instances that EMR is about to provide.
    Occupied,
    Misfit,
}

/// The record of `cluster` with the claim on it.
pub(crate) fn claimed(cluster: Cluster, lock_uri: S3Uri, lease: &Lease) -> JobFlowRecord {
    let Lease { holder, generation, .. } = lease;
    let claim = Claim { lock_uri, token: holder.token.clone(), generation: *generation, ttl_s: holder.ttl.as_secs() };
    JobFlowRecord { claim: Some(claim), ..cluster.into() }
}

fn of_hint(lineup: &Lineup, hint: Hint) -> impl Iterator<Item = &Candidate> {
    lineup.candidates.iter().filter(move |candidate| candidate.hint == hint)
}

//! Searching a pool: who may be free, best first, and the claim on the first that is.

use std::collections::HashSet;

use emr_aws::Aws;
use emr_aws::emr::ClusterFilter;
use emr_cli::{owner, random};
use emr_core::claim::lease::{Lease, is_held};
use emr_core::claim::protocol::{ClaimOutcome, Purpose};
use emr_core::error::Result;
use emr_core::model::claim::Claim;
use emr_core::model::cluster::{Cluster, ClusterState};
use emr_core::model::lock::Holder;
use emr_core::model::record::JobFlowRecord;
use emr_core::model::s3_uri::S3Uri;
use emr_core::pool::{self, Candidate, Hint, Knowledge, Lineup, Offer, Request, locks};
use futures_util::{StreamExt, stream};

use crate::look::{Guess, Looking, Seen};
use crate::round::{Nothing, Round};

/// Job flows of which the instances are looked at before any is claimed, because their Names say nothing of them.
const AT_FIRST: usize = 10;

/// Job flows of which the instances are looked at side by side, once none is left that seems to fit.
const AT_ONCE: usize = 8;

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
    known: Knowledge,
    gave_second_chances: bool,
}

/// What a round of the search came to.
pub(crate) enum RoundResult {
    /// This one, with the claim on it.
    JobFlow(Box<JobFlowRecord>),
    /// None.
    Nothing(Nothing),
}

impl<'a> Search<'a> {
    pub(crate) fn new(
        aws: &'a Aws,
        (request, locks): (&'a Request, &'a S3Uri),
        looking: Looking<'a>,
        ttl: std::time::Duration,
        claims: bool,
    ) -> Self {
        Self { aws, request, locks, looking, ttl, claims, known: Knowledge::default(), gave_second_chances: false }
    }

    /// Looks through the pool once, and claims the best that is free.
    pub(crate) async fn round(&mut self) -> Result<RoundResult> {
        let clusters = self.alive().await?;
        self.known.seen.clear();
        let mut round = Round::default();
        let mut at_once = AT_FIRST;
        loop {
            let has_looked = self.look_at(&self.line_up(&clusters), Hint::Unknown, at_once).await?;
            let lineup = self.line_up(&clusters);
            if let Some(record) = self.claim_best(&lineup, &mut round).await? {
                return Ok(RoundResult::JobFlow(record));
            }
            let reconsiders = std::mem::take(&mut round.reconsiders);
            if !has_looked && !reconsiders && !self.give_second_chances(&lineup).await? {
                return Ok(RoundResult::Nothing(round.nothing(&lineup)));
            }
            at_once = if reconsiders { AT_FIRST } else { AT_ONCE };
        }
    }

    /// Looks at a few that seem too small, once.
    async fn give_second_chances(&mut self, lineup: &Lineup) -> Result<bool> {
        Ok(!std::mem::replace(&mut self.gave_second_chances, true)
            && self.look_at(lineup, Hint::Misfit, SECOND_CHANCES).await?)
    }

    /// The clusters that are there or will be.
    pub(crate) async fn alive(&self) -> Result<Vec<Cluster>> {
        let mut pages =
            self.aws.emr.clusters(ClusterFilter { states: ClusterState::ALIVE.to_vec(), ..Default::default() });
        let mut clusters = Vec::new();
        while let Some(page) = self.looking.unless_stopped(pages.next()).await?? {
            clusters.extend(page);
        }
        Ok(clusters)
    }

    fn line_up(&self, clusters: &[Cluster]) -> Lineup {
        Lineup::new(self.request, clusters, &self.known, self.aws.emr.now())
    }

    /// Looks at the instances of the first few of this `hint`, side by side. Returns whether there was any.
    async fn look_at(&mut self, lineup: &Lineup, hint: Hint, at_most: usize) -> Result<bool> {
        let unseen = lineup.of_hint(hint).filter(|candidate| !self.known.seen.contains_key(&candidate.cluster.id));
        let unseen: Vec<_> = unseen.take(at_most).collect();
        let looks = unseen.iter().map(|candidate| self.looking.offer(&candidate.cluster.id));
        let offers = self.looking.unless_stopped(stream::iter(looks).buffered(at_most).collect::<Vec<_>>()).await?;
        for (candidate, offer) in unseen.iter().zip(offers) {
            let id = &candidate.cluster.id;
            let offer = match offer {
                // One that is not what EMR's other answers say must not keep the job from the others.
                Err(error) if error.is_refused() => {
                    emr_cli::detail(&format!("{error}"));
                    Offer::default()
                }
                offer => offer?,
            };
            self.known.weigh(candidate, &offer, pool::misfits(&self.request.demand, &offer).is_empty());
            self.known.seen.insert(id.clone(), offer);
        }
        Ok(!unseen.is_empty())
    }

    /// Claims the first that is free and fits, of those that seem to. Who is found to be claimed is not asked again: one
    /// list of the locks tells which others are.
    async fn claim_best(&mut self, lineup: &Lineup, round: &mut Round) -> Result<Option<Box<JobFlowRecord>>> {
        let mut fitting =
            lineup.of_hint(Hint::Fits).filter(|candidate| !round.tried.contains(&candidate.cluster.id)).peekable();
        let mut tried = Vec::new();
        while let Some(candidate) = fitting.next() {
            let id = &candidate.cluster.id;
            if round.held.as_ref().is_some_and(|held| held.contains(id.as_str())) {
                round.claimed += 1;
                tried.push(id.clone());
                continue;
            }
            let came_to = self.claim(candidate, fitting.peek().copied()).await?;
            if !matches!(came_to, Tried::Reconsider) {
                tried.push(id.clone());
            }
            match came_to {
                Tried::Claimed(record) => return Ok(Some(record)),
                Tried::Reconsider => {
                    round.reconsiders = true;
                    break;
                }
                Tried::Misfit => {}
                Tried::Occupied => round.occupied += 1,
                Tried::Busy => {
                    round.claimed += 1;
                    if round.held.is_none() {
                        round.held = Some(self.held().await);
                    }
                }
            }
        }
        drop(fitting);
        round.tried.extend(tried);
        Ok(None)
    }

    /// The job flows that are claimed, as far as a list of the locks tells; none where it cannot be had.
    async fn held(&self) -> HashSet<String> {
        let listed = self.aws.s3.list_locks(&locks::of_job_flows(self.locks)).await.unwrap_or_else(|error| {
            emr_cli::detail(&format!("not listing the locks: {error}"));
            Vec::new()
        });
        listed.into_iter().filter(|lock| lock.seems_held(self.ttl)).map(|lock| lock.name).collect()
    }

    /// Claims `candidate`, unless it turns out not to be what is hoped for of the first, before the `next`.
    async fn claim(&mut self, candidate: &Candidate, next: Option<&Candidate>) -> Result<Tried> {
        let cluster = &candidate.cluster;
        let uri = locks::of_job_flow(self.locks, &cluster.id);
        if !self.claims {
            return self.peek(candidate, next, &uri).await;
        }
        let holder = Holder { token: random::token(), owner: owner::owner(), ttl: self.ttl };
        let looking = self.looking.clone();
        let look = looking.at(&cluster.id, self.guess(candidate, next), !candidate.is_copied);
        let outcome = self.aws.s3.lock(&uri).claim(Purpose::Join, holder, &look).await?;
        let seen = look.seen();
        match outcome {
            ClaimOutcome::Claimed(lease) => {
                let cluster = seen.map_or_else(|| cluster.clone(), |seen| seen.detail.cluster);
                Ok(Tried::Claimed(Box::new(claimed(cluster, uri, &lease))))
            }
            ClaimOutcome::Busy(_) => Ok(Tried::Busy),
            ClaimOutcome::NotFree | ClaimOutcome::Acted | ClaimOutcome::Failed | ClaimOutcome::TooLate => {
                Ok(match seen {
                    Some(seen) => self.rejected(candidate, seen),
                    None => Tried::Occupied,
                })
            }
        }
    }

    /// Guess is for those that are known by their Names alone.
    fn guess<'c>(&self, first: &'c Candidate, next: Option<&'c Candidate>) -> Option<Guess<'c>> {
        (!self.known.seen.contains_key(&first.cluster.id)).then_some(Guess { first, next })
    }

    /// What it means that `candidate` was seen like this and not claimed.
    fn rejected(&mut self, candidate: &Candidate, seen: Seen) -> Tried {
        let doubted_names = self.known.doubts_names();
        self.known.weigh(candidate, &seen.offer, seen.misfits.is_empty());
        let doubts_names = self.known.doubts_names() && !doubted_names;
        let tried = match &seen {
            seen if seen.is_misnamed || seen.is_second || doubts_names => Tried::Reconsider,
            seen if seen.will_fit => return Tried::Occupied,
            _ => Tried::Misfit,
        };
        self.known.seen.insert(candidate.cluster.id.clone(), seen.offer);
        tried
    }

    /// What [`Search::claim`] would come to, without the claim.
    async fn peek(&mut self, candidate: &Candidate, next: Option<&Candidate>, uri: &S3Uri) -> Result<Tried> {
        if self.aws.s3.lock(uri).look().await?.is_some_and(|sighting| is_held(&sighting)) {
            return Ok(Tried::Busy);
        }
        let id = &candidate.cluster.id;
        let look = self.looking.at(id, self.guess(candidate, next), !candidate.is_copied);
        let seen = self.looking.unless_stopped(look.take()).await??;
        if seen.will_do() {
            return Ok(Tried::Claimed(Box::new(seen.detail.cluster.into())));
        }
        Ok(self.rejected(candidate, seen))
    }

    /// Gives back the claim of a record that nobody gets.
    pub(crate) async fn give_back(&self, record: &JobFlowRecord) {
        let Some(claim) = &record.claim else { return };
        if let Err(error) = self.aws.s3.lock(&claim.lock_uri).give_back(&claim.token).await {
            emr_cli::report(&error.on(&record.job_flow_id));
        }
    }
}

/// What the try at one job flow came to.
enum Tried {
    Claimed(Box<JobFlowRecord>),
    Busy,
    /// It is at work, or lacks instances that EMR is about to provide.
    Occupied,
    Misfit,
    /// Another may be better, now that it is known what it has.
    Reconsider,
}

/// The record of `cluster` with the claim on it.
pub(crate) fn claimed(cluster: Cluster, lock_uri: S3Uri, lease: &Lease) -> JobFlowRecord {
    let Lease { holder, generation, .. } = lease;
    let claim = Claim { lock_uri, token: holder.token.clone(), generation: *generation, ttl_s: holder.ttl.as_secs() };
    JobFlowRecord { claim: Some(claim), ..cluster.into() }
}

//! The search of a pool: tries clusters in the order of the [`Lineup`], and claims the first that is free and fits.
//!
//! The aim is to find the best of hundreds of clusters with few calls, because EMR's quotas are small:
//! `ListInstanceGroups` has a burst of ten and then one a second, `ListSteps` ten and then one in two seconds. One list
//! of clusters (a call for each 50) shows Names, which say what each cluster was started with. A round uses these
//! hints:
//!
//! 1. List the clusters, and line up those of the pool.
//! 2. Look at the instances of those whose Names say nothing, up to [`FIRST_LOOKS`] at once. Line up again.
//! 3. Claim the best that seems to fit: take its lock, look at its state, steps and instances (three calls at once),
//!    and keep the lock if everything is as expected. If another job holds the lock, list the locks once, skip all
//!    that are held, and try the next. If the Name was wrong, release the lock, and go to 2 with what was learned.
//! 4. If none is left that seems to fit, look at the instances of the next [`MORE_LOOKS`] unknown ones, and go to 3.
//! 5. If none is unknown, look once at up to [`SECOND_CHANCES`] that seem too small, as they may have grown, and go
//!    to 3. Otherwise the round has found nothing.
//!
//! Example: a job asks for five core instances. By its Name `j-BIG` has nine, `j-A` seven, `j-B` five, and `j-SMALL`
//! four. Usually the job lists the clusters, locks `j-BIG`, finds it free and as large as its Name says, and is done:
//! one list, three looks, one lock.
//!
//! Now suppose that somebody has resized the clusters: `j-BIG` has six core instances and `j-SMALL` eight. Under the
//! lock of `j-BIG` the job sees that its Name is wrong. It releases the lock and trusts no Name for now, because
//! whoever resizes one cluster often resizes several. It looks at the instances of the other three, and the lineup
//! becomes `j-SMALL`, `j-A`, `j-BIG`, `j-B`. It claims `j-SMALL`. The wrong Name has cost a lock and six calls.
//!
//! If only `j-SMALL` had been resized, the job would have claimed `j-BIG` and never known. That is the price of few
//! calls: the job gets a cluster that fits, but not always the largest.

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

/// Unknown clusters that are looked at before the first claim. EMR answers a burst of ten `ListInstanceGroups`, so
/// these cost no waiting.
const FIRST_LOOKS: usize = 10;

/// Unknown clusters in each later batch. By then EMR answers one a second, so a larger batch takes longer, and other
/// jobs claim what was found.
const MORE_LOOKS: usize = 8;

/// Clusters that seem too small but are looked at once in a search, because they may have grown. Few ever do, so the
/// chance is worth five calls, which is also the burst of `ListInstanceFleets`.
const SECOND_CHANCES: usize = 5;

/// A search for a job flow in a pool.
pub(crate) struct Search<'a> {
    pub(crate) aws: &'a Aws,
    pub(crate) request: &'a Request,
    /// The folder of the pool's locks.
    pub(crate) locks: &'a S3Uri,
    pub(crate) looking: Looking<'a>,
    pub(crate) ttl: std::time::Duration,
    /// Whether to claim what is found. A dry run does not.
    pub(crate) claims: bool,
    known: Knowledge,
    /// Whether those that seem too small have been looked at.
    gave_second_chances: bool,
}

/// The result of a round.
pub(crate) enum RoundResult {
    /// The record of the job flow that was found, with its claim.
    JobFlow(Box<JobFlowRecord>),
    /// No job flow, and why.
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

    /// Goes through the pool once, and claims the best cluster that is free and fits.
    pub(crate) async fn round(&mut self) -> Result<RoundResult> {
        let clusters = self.alive().await?;
        self.known.seen.clear();
        let mut round = Round::default();
        let mut at_most = FIRST_LOOKS;
        loop {
            let has_looked = self.look_at(&self.line_up(&clusters), Hint::Unknown, at_most).await?;
            let lineup = self.line_up(&clusters);
            if let Some(record) = self.claim_best(&lineup, &mut round).await? {
                return Ok(RoundResult::JobFlow(record));
            }
            let reconsiders = std::mem::take(&mut round.reconsiders);
            if !has_looked && !reconsiders && !self.give_second_chances(&lineup).await? {
                return Ok(RoundResult::Nothing(round.nothing(&lineup)));
            }
            at_most = if reconsiders { FIRST_LOOKS } else { MORE_LOOKS };
        }
    }

    /// Looks at a few that seem too small, once in a search. Returns whether there were any.
    async fn give_second_chances(&mut self, lineup: &Lineup) -> Result<bool> {
        Ok(!std::mem::replace(&mut self.gave_second_chances, true)
            && self.look_at(lineup, Hint::Misfit, SECOND_CHANCES).await?)
    }

    /// The clusters that are up or starting.
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

    /// Looks at the instances of the first `at_most` unseen clusters with this `hint`, at once. Returns whether there
    /// were any.
    async fn look_at(&mut self, lineup: &Lineup, hint: Hint, at_most: usize) -> Result<bool> {
        let unseen = lineup.of_hint(hint).filter(|candidate| !self.known.seen.contains_key(&candidate.cluster.id));
        let unseen: Vec<_> = unseen.take(at_most).collect();
        let looks = unseen.iter().map(|candidate| self.looking.offer(&candidate.cluster.id));
        let offers = self.looking.unless_stopped(stream::iter(looks).buffered(at_most).collect::<Vec<_>>()).await?;
        for (candidate, offer) in unseen.iter().zip(offers) {
            let id = &candidate.cluster.id;
            let offer = match offer {
                // A cluster that EMR cannot describe must not keep the job from the others.
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

    /// Claims the first cluster that is free and fits, among those that seem to fit. When the first turns out to be
    /// claimed, one list of the locks shows which others are, instead of a call for each.
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

    /// The ids of claimed job flows, from a list of the locks. Empty if that fails: then each lock is tried.
    async fn held(&self) -> HashSet<String> {
        let listed = self.aws.s3.list_locks(&locks::of_job_flows(self.locks)).await.unwrap_or_else(|error| {
            emr_cli::detail(&format!("cannot list the locks: {error}"));
            Vec::new()
        });
        listed.into_iter().filter(|lock| lock.seems_held(self.ttl)).map(|lock| lock.name).collect()
    }

    /// Claims `candidate`, unless a look under the lock shows that it does not fit or that `next` is better.
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

    /// Only clusters known by Name alone are guesses.
    fn guess<'c>(&self, first: &'c Candidate, next: Option<&'c Candidate>) -> Option<Guess<'c>> {
        (!self.known.seen.contains_key(&first.cluster.id)).then_some(Guess { first, next })
    }

    /// Learns from `candidate`, which was looked at but not claimed.
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

    /// The result of [`Search::claim`], without claiming.
    async fn peek(&mut self, candidate: &Candidate, next: Option<&Candidate>, uri: &S3Uri) -> Result<Tried> {
        if self.aws.s3.lock(uri).look().await?.is_some_and(|sighting| is_held(&sighting)) {
            return Ok(Tried::Busy);
        }
        let id = &candidate.cluster.id;
        let look = self.looking.at(id, self.guess(candidate, next), !candidate.is_copied);
        let seen = self.looking.unless_stopped(look.take()).await??;
        if seen.will_do() {
            return Ok(Tried::Claimed(Box::new(pool::record(seen.detail.cluster))));
        }
        Ok(self.rejected(candidate, seen))
    }

    /// Releases the claim of a record that nobody reads.
    pub(crate) async fn give_back(&self, record: &JobFlowRecord) {
        let Some(claim) = &record.claim else { return };
        if let Err(error) = self.aws.s3.lock(&claim.lock_uri).give_back(&claim.token).await {
            emr_cli::report(&error.on(&record.job_flow_id));
        }
    }
}

/// The result of trying one job flow.
enum Tried {
    Claimed(Box<JobFlowRecord>),
    /// Another job holds its lock.
    Busy,
    /// It is busy, or lacks instances that EMR is about to provide.
    Occupied,
    Misfit,
    /// Its Name is wrong, or a better one may follow: line up again.
    Reconsider,
}

/// The record of `cluster` with its claim.
pub(crate) fn claimed(cluster: Cluster, lock_uri: S3Uri, lease: &Lease) -> JobFlowRecord {
    let Lease { holder, generation, .. } = lease;
    let claim = Claim { lock_uri, token: holder.token.clone(), generation: *generation, ttl_s: holder.ttl.as_secs() };
    JobFlowRecord { claim: Some(claim), ..pool::record(cluster) }
}

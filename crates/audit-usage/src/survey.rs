//! Asks EMR what the report needs, the dearest first, and within half of the account's quotas.
//!
//! The list is read to its end, and then job flows are looked at side by side: what may have cost most comes first. So
//! whenever the time is up, as little as possible is unknown.

use std::collections::{BTreeMap, HashSet};

use chrono::{DateTime, Utc};
use emr_aws::Emr;
use emr_aws::emr::ClusterFilter;
use emr_cli::progress::Bar;
use emr_cli::{Failures, Side};
use emr_core::error::{Error, Outcome, Result};
use emr_core::model::cluster::Cluster;
use emr_core::model::id::JobFlowId;
use emr_core::usage::{JobFlow, Life, Window};
use futures_util::stream::FuturesUnordered;
use futures_util::{StreamExt, future};
use tokio::time::{Instant, timeout_at};

/// How many job flows are looked at side by side: enough to use up the quota, and few that the end of a budget cuts short.
const LOOKS_AT_ONCE: usize = 4;

/// Of how many parts of the account's quotas this tool takes one. Others in the account have the other.
pub(crate) const PARTS_OF_QUOTA: u32 = 2;

/// How many `ListSteps` EMR answers at once within that part, and how many seconds each further one takes.
///
/// Source: <https://docs.aws.amazon.com/general/latest/gr/emr.html>
const BURST: usize = 5;
const SECONDS_PER_CALL: usize = 4;

/// Job flows that wait for a look, by what they may have cost.
pub(crate) type Waiting = BTreeMap<(u128, JobFlowId), JobFlow>;

/// What came of the looks at the job flows of a region.
pub(crate) struct Looked {
    pub(crate) outcome: Outcome,
    /// How many looks failed.
    pub(crate) failed: u64,
}

/// How a region is looked at.
pub(crate) struct Survey<'a> {
    emr: &'a Emr,
    window: Window,
    /// Shared by the surveys of all regions.
    bar: &'a Bar,
}

impl<'a> Survey<'a> {
    /// A survey of what is in `window`.
    pub(crate) fn new(emr: &'a Emr, window: Window, bar: &'a Bar) -> Self {
        Self { emr, window, bar }
    }

    /// Looks at the job flows that are `waiting` until the `deadline`, and hands each to `each` as it comes, with its
    /// steps if it was looked at. One that cannot be looked at, or be taken by `each`, is said, and the rest goes on.
    pub(crate) async fn run(
        &self,
        mut waiting: Waiting,
        deadline: Option<Instant>,
        mut each: impl FnMut(JobFlow) -> Result<()>,
        side: &Side,
    ) -> Looked {
        let mut failures = Failures::first_few();
        let mut take = |job_flow: JobFlow, failures: &mut Failures| {
            if let Err(error) = each(job_flow) {
                failures.add(&error);
            }
        };
        let mut looks = FuturesUnordered::new();
        let (mut begun, mut succeeded, mut failed) = (0_u64, 0_u64, 0_u64);
        loop {
            while looks.len() < LOOKS_AT_ONCE
                && deadline.is_none_or(|deadline| Instant::now() < deadline)
                && let Some((_, job_flow)) = waiting.pop_last()
            {
                begun += 1;
                looks.push(self.look(job_flow, deadline));
            }
            let Some((job_flow, failure)) = looks.next().await else { break };
            self.bar.inc(1);
            if let Some(error) = failure {
                failures.add(&side.blame(error));
                failed += 1;
            }
            succeeded += u64::from(job_flow.steps.is_some());
            take(job_flow, &mut failures);
        }
        if begun > 0 && succeeded == 0 && failures.is_empty() {
            failures.add(&side.blame(unanswered(begun)));
            failed = begun;
        }
        for job_flow in waiting.into_values() {
            take(job_flow, &mut failures);
        }
        failures.rest(|text| side.said(text));
        Looked { outcome: failures.outcome(), failed }
    }

    /// The time by AWS's clock.
    pub(crate) fn now(&self) -> DateTime<Utc> {
        self.emr.now()
    }

    /// Reads the whole list, and returns every job flow of the window that `is_wanted`. EMR cannot leave out what ended
    /// before the window.
    pub(crate) async fn list(&self, is_wanted: impl Fn(&Cluster) -> bool) -> Result<Waiting> {
        let filter = ClusterFilter { created_before: self.window.until, ..ClusterFilter::default() };
        let mut pages = self.emr.clusters(filter);
        let mut waiting = Waiting::new();
        // What changes its state while EMR lists may be on two pages.
        let mut seen = HashSet::new();
        while let Some(page) = pages.next().await? {
            let page = page.into_iter().filter(|cluster| is_wanted(cluster) && seen.insert(cluster.id.clone()));
            self.await_looks(page, &mut waiting);
        }
        Ok(waiting)
    }

    /// Has those of `clusters` wait that lived within the window.
    fn await_looks(&self, clusters: impl Iterator<Item = Cluster>, waiting: &mut Waiting) {
        for cluster in clusters {
            let job_flow = JobFlow::listed(cluster);
            let lived = Life::of(&job_flow, self.emr.now());
            if let Some((from, to)) = lived.and_then(|life| self.window.cut(life.created, life.end)) {
                let stake = job_flow.stake(u128::try_from(to - from).unwrap_or(0));
                waiting.insert((stake, job_flow.job_flow_id.clone()), job_flow);
                self.bar.add_length(1);
            }
        }
    }

    /// Looks at `job_flow`, and returns it with what that told, or as it was: if the look failed, or the time is up.
    async fn look(&self, job_flow: JobFlow, deadline: Option<Instant>) -> (JobFlow, Option<Error>) {
        let asked = self.ask(&job_flow);
        let asked = match deadline {
            Some(deadline) => timeout_at(deadline, asked).await.ok(),
            None => Some(asked.await),
        };
        match asked {
            Some(Ok(known)) => (known, None),
            Some(Err(error)) => (job_flow, Some(error)),
            None => (job_flow, None),
        }
    }

    async fn ask(&self, job_flow: &JobFlow) -> Result<JobFlow> {
        let id = &job_flow.job_flow_id;
        // Steps come after the description: what has ended by then begins no other step, and has all of these for good.
        let detail = self.emr.describe_cluster(id).await?;
        // What was never ready has run no step.
        let ready_at = detail.cluster.ready_at.or(job_flow.ready_at);
        let ran = ready_at.is_some() || !detail.cluster.state.has_ended();
        let steps = async { if ran { self.emr.all_steps(id).await } else { Ok(Vec::new()) } };
        let (offer, steps) = Box::pin(future::try_join(self.emr.offer(id, detail.has_fleets), steps)).await?;
        let known = job_flow.clone().looked_at(&detail, &offer, steps);
        if known.instances.is_some() {
            return Ok(known);
        }
        // Of a fleet of several types only its instances tell how many of each it got.
        let has_ended = known.state.has_ended();
        if has_ended && known.ready_at.is_none() {
            // They came and went, and at no time is it sure that all were there.
            return Ok(known);
        }
        let at = known.ready_at.filter(|_| has_ended);
        let types = Box::pin(self.emr.instance_types(id, at)).await?;
        Ok(known.with_types(types))
    }
}

/// Says how long the looks at so many job flows of each region will take, where that is long. Each region has quotas of
/// its own.
pub(crate) fn foretell(looks: &[usize]) {
    let (most, all) = (looks.iter().copied().max().unwrap_or_default(), looks.iter().sum::<usize>());
    if most > BURST {
        let minutes = (most * SECONDS_PER_CALL).div_ceil(60);
        let less = "--budget looks at the dearest only, --list-only at none";
        emr_cli::foretell(&format!("asking for the steps of {all} job flows, for {minutes} min or so; {less}"));
    }
}

/// The error of a budget within which no look came to its end.
fn unanswered(looks: u64) -> Error {
    let looks = if looks == 1 { "one job flow".to_owned() } else { format!("any of {looks} job flows") };
    Error::new(Outcome::TryAgain, format!("EMR did not answer for {looks} within --budget"))
        .advise("-vv shows what it answers to each attempt; a longer budget leaves more of them")
}

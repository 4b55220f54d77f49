//! The sweep: lists job flows that may be idle page by page, looks at several at once, and terminates one at a time.

use std::future::Future;

use emr_aws::emr::ClusterFilter;
use emr_cli::{Failures, Printer, Report};
use emr_core::error::{Error, Outcome, Result};
use emr_core::idle::{Class, Explanation};
use emr_core::model::cluster::{Cluster, ClusterState};
use emr_core::model::record::TerminatedRecord;
use emr_core::model::time;
use emr_core::pool::Membership;
use futures_util::{StreamExt, stream};
use tokio::sync::watch;

use crate::args::Args;
use crate::end::{Doomed, peek};
use crate::gauges::{Fate, Tally};
use crate::look::{Looking, Seen};
use crate::minimum::Minimums;

/// The number of job flows that are looked at at once. The quota of `ListSteps` is the bottleneck, and a look made long
/// before its turn must be repeated.
const LOOKS_AT_ONCE: usize = 2;

/// Waiting job flows come first. Of the running ones only those are idle whose steps EMR never begins, which is rare.
const SWEPT: [ClusterState; 2] = [ClusterState::Waiting, ClusterState::Running];

pub(crate) struct Sweep<'a> {
    looking: Looking<'a>,
    minimums: Minimums<'a>,
    stop: &'a watch::Sender<bool>,
    dry_run: bool,
    /// How many more may be terminated.
    left: usize,
    terminated: Printer<TerminatedRecord>,
    /// Prints the reasons, with `--explain`.
    explained: Option<Printer<Explanation>>,
    failures: Failures,
    tally: Tally,
}

impl<'a> Sweep<'a> {
    pub(crate) fn new(looking: Looking<'a>, args: &Args, report: &Report, stop: &'a watch::Sender<bool>) -> Self {
        Self {
            looking,
            minimums: Minimums::new(looking.aws, stop),
            stop,
            dry_run: args.dry_run,
            left: args.limit.unwrap_or(usize::MAX),
            terminated: report.printer(),
            explained: args.explain.then(|| report.printer()),
            failures: Failures::default(),
            tally: Tally::default(),
        }
    }

    /// Sweeps, and returns the outcome: that of the first failure with a job flow, if there was one.
    pub(crate) async fn run(&mut self) -> Result<Outcome> {
        let states = if self.explained.is_some() { ClusterState::ALIVE.to_vec() } else { SWEPT.to_vec() };
        let swept = self.sweep(states).await;
        self.terminated.finish()?;
        self.explained.as_mut().map_or(Ok(()), Printer::finish)?;
        swept.map(|()| self.failures.outcome())
    }

    async fn sweep(&mut self, states: Vec<ClusterState>) -> Result<()> {
        let emr = &self.looking.aws.emr;
        for state in states {
            let mut pages = emr.clusters(ClusterFilter { states: vec![state], ..ClusterFilter::default() });
            while self.goes_on()
                && let Some(page) = self.unless_stopped(pages.next()).await.transpose()?.flatten()
            {
                self.sweep_page(page).await?;
            }
        }
        Ok(())
    }

    async fn sweep_page(&mut self, page: Vec<Cluster>) -> Result<()> {
        let (looking, looks_at_all) = (self.looking, self.explained.is_some());
        let is_spared = |cluster: &Cluster| !looks_at_all && looking.spare_unseen(cluster).is_some();
        let (spared, candidates): (Vec<_>, Vec<_>) = page.into_iter().partition(is_spared);
        for cluster in &spared {
            self.keep(cluster, Membership::of_name(&cluster.name).as_ref());
        }
        let looks = candidates.into_iter().map(|cluster| async move {
            let look = Box::pin(looking.look(&cluster)).await;
            (cluster, look)
        });
        let mut looks = stream::iter(looks).buffered(LOOKS_AT_ONCE);
        while self.goes_on()
            && let Some((cluster, look)) = self.unless_stopped(looks.next()).await.flatten()
        {
            match look {
                Ok(seen) => self.settle(seen).await?,
                Err(error) => self.fail(&cluster, &error),
            }
        }
        Ok(())
    }

    /// Terminates, explains or spares a job flow. Failures with it are collected; only a failed print is an error here.
    async fn settle(&mut self, seen: Seen) -> Result<()> {
        let cluster = seen.cluster.clone();
        let id = &cluster.id;
        let (looking, stop, changes) = (self.looking, self.stop, !self.dry_run && self.explained.is_none());
        let end = async |seen: Seen| {
            if changes {
                Box::pin(Doomed::new(looking, seen, stop).end()).await
            } else {
                Box::pin(peek(looking, seen)).await
            }
        };
        let settled = match seen.spared {
            Some(_) => Ok(seen),
            None => Box::pin(self.minimums.unless_kept(seen, changes, end)).await,
        };
        let seen = match settled {
            Ok(seen) => seen,
            Err(error) => {
                self.fail(&cluster, &error.on(id));
                return Ok(());
            }
        };
        if let Some(explained) = &mut self.explained {
            return explained.print(&explanation(seen));
        }
        if let Some(why) = &seen.spared {
            emr_cli::detail(&format!("{id} is left alone: {why}"));
            self.keep(&cluster, seen.member.as_ref());
            return Ok(());
        }
        let is_pending = seen.idleness.class == Class::Pending;
        let pool_name = seen.member.as_ref().map(|member| member.pool_name.clone());
        self.tally.note(id, pool_name.clone(), if is_pending { Fate::EndedPending } else { Fate::Ended });
        self.left -= 1;
        emr_cli::detail(&format!("{} {id} ({}); {}", self.verb(), seen.cluster.name, because(&seen)));
        self.terminated.print(&TerminatedRecord {
            pool_name,
            idle_s: seen.idleness.idle_s(),
            pending: Some(is_pending),
            ..TerminatedRecord::new(seen.cluster, self.dry_run)
        })
    }

    /// Reports a failure with `cluster`. The others go on.
    fn fail(&mut self, cluster: &Cluster, error: &Error) {
        self.failures.add(error);
        let pool = Membership::of_name(&cluster.name).map(|member| member.pool_name);
        self.tally.note(&cluster.id, pool, Fate::Failed);
    }

    /// Notes that `cluster` is left alone, unless its pool is not swept at all.
    fn keep(&mut self, cluster: &Cluster, member: Option<&Membership>) {
        if self.looking.scope.spare_member(member).is_none() {
            self.tally.note(&cluster.id, member.map(|member| member.pool_name.clone()), Fate::Kept);
        }
    }

    /// What became of the job flows so far.
    pub(crate) fn tally(&self) -> &Tally {
        &self.tally
    }

    /// Whether to continue: more may be terminated, and if nothing is terminated, somebody still reads the output.
    fn goes_on(&self) -> bool {
        let is_told = match &self.explained {
            Some(explained) => !explained.is_closed(),
            None => !(self.dry_run && self.terminated.is_closed()),
        };
        self.left > 0 && is_told
    }

    fn verb(&self) -> &'static str {
        if self.dry_run { "Would terminate job flow" } else { "Terminated job flow" }
    }

    /// The result of `doing`; `None` if the user stops the run before.
    async fn unless_stopped<T>(&self, doing: impl Future<Output = T>) -> Option<T> {
        let mut stop = self.stop.subscribe();
        tokio::select! {
            biased;
            _ = stop.wait_for(|stop| *stop) => None,
            done = doing => Some(done),
        }
    }
}

fn explanation(seen: Seen) -> Explanation {
    Explanation {
        terminates: seen.spared.is_none(),
        reason: seen.spared.clone().unwrap_or_else(|| because(&seen)),
        class: seen.idleness.class,
        pool_name: seen.member.map(|member| member.pool_name),
        idle_s: seen.idleness.idle_s(),
        to_end_of_hour_s: seen.idleness.to_end_of_hour_s(),
        job_flow_id: seen.cluster.id,
        name: seen.cluster.name,
        state: seen.cluster.state,
    }
}

/// Why it is terminated.
fn because(seen: &Seen) -> String {
    let idle = time::clock(seen.idleness.idle_s().unwrap_or_default());
    let left = seen.idleness.to_end_of_hour_s().map(|left| format!(", {} to end of hour", time::clock(left)));
    format!("was {} for {idle}{}", seen.idleness.class, left.unwrap_or_default())
}

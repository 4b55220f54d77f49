//! The sweep: lists job flows that may be idle page by page, looks at several at once, and terminates one at a time.

use std::cell::{Cell, RefCell};
use std::collections::BTreeMap;
use std::future::Future;

use emr_aws::emr::ClusterFilter;
use emr_cli::{Failures, PoolLock, Printer, Report};
use emr_core::error::{Error, Outcome, Result};
use emr_core::idle::{Class, Explanation};
use emr_core::metrics::Metrics;
use emr_core::model::cluster::{Cluster, ClusterState};
use emr_core::model::record::TerminatedRecord;
use emr_core::model::time;
use emr_core::pool::Membership;
use futures_util::{StreamExt, stream};
use tokio::sync::{Semaphore, watch};

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

/// What the sweeps of all regions share.
pub(crate) struct Ledger {
    /// How many more may be terminated.
    left: Cell<usize>,
    /// Whose turn it is to terminate: with a limit one after the other, so that it is exact.
    turns: Semaphore,
    terminated: RefCell<Printer<TerminatedRecord>>,
    /// Prints the reasons, with `--explain`.
    explained: Option<RefCell<Printer<Explanation>>>,
    /// What became of the job flows so far, by region.
    tallies: RefCell<BTreeMap<String, Tally>>,
}

impl Ledger {
    pub(crate) fn new(args: &Args, report: &Report) -> Self {
        Self {
            left: Cell::new(args.limit.unwrap_or(usize::MAX)),
            turns: Semaphore::new(if args.limit.is_some() { 1 } else { Semaphore::MAX_PERMITS }),
            terminated: RefCell::new(report.printer_of_changes()),
            explained: args.explain.then(|| RefCell::new(report.printer())),
            tallies: RefCell::default(),
        }
    }

    /// Counts what became of the job flows, also for a `pool` that has none.
    pub(crate) fn measure(&self, metrics: &mut Metrics, pool: Option<&str>) {
        for (region, tally) in self.tallies.borrow().iter() {
            tally.measure(metrics, region, pool);
        }
    }

    /// Prints what is held back.
    pub(crate) fn finish(&self) -> Result<()> {
        self.terminated.borrow_mut().finish()?;
        self.explained.as_ref().map_or(Ok(()), |printer| printer.borrow_mut().finish())
    }
}

/// The sweep of one region.
pub(crate) struct Sweep<'a> {
    looking: Looking<'a>,
    minimums: Minimums<'a>,
    stop: &'a watch::Sender<bool>,
    dry_run: bool,
    ledger: &'a Ledger,
    failures: Failures,
}

impl<'a> Sweep<'a> {
    pub(crate) fn new(looking: Looking<'a>, args: &Args, stop: &'a watch::Sender<bool>, ledger: &'a Ledger) -> Self {
        let minimums = Minimums::new(looking.aws(), stop);
        Self { looking, minimums, stop, dry_run: args.dry_run, ledger, failures: Failures::default() }
    }

    /// Sweeps, and returns the outcome: that of the first failure with a job flow, if there was one.
    pub(crate) async fn run(mut self) -> Result<Outcome> {
        let states = if self.explains() { ClusterState::ALIVE.to_vec() } else { SWEPT.to_vec() };
        self.sweep(states).await?;
        Ok(self.failures.outcome())
    }

    /// Whether reasons are printed instead of terminating anything.
    fn explains(&self) -> bool {
        self.ledger.explained.is_some()
    }

    async fn sweep(&mut self, states: Vec<ClusterState>) -> Result<()> {
        let emr = &self.looking.aws().emr;
        for state in states {
            let mut pages = emr.clusters(ClusterFilter { states: vec![state], ..ClusterFilter::default() });
            while self.goes_on()
                && let Some(read) = self.unless_stopped(pages.next()).await.transpose()?
            {
                // What is measured of a region counts from zero, and one whose list cannot be read counts nothing.
                self.tally(|_| ());
                let Some(page) = read else { break };
                self.sweep_page(page).await?;
            }
        }
        Ok(())
    }

    async fn sweep_page(&mut self, page: Vec<Cluster>) -> Result<()> {
        let (looking, looks_at_all) = (self.looking, self.explains());
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
                Err(error) => self.fail(&cluster, error),
            }
        }
        Ok(())
    }

    /// Terminates, explains or spares a job flow. Failures with it are collected; only a failed print is an error here.
    async fn settle(&mut self, seen: Seen) -> Result<()> {
        let cluster = seen.cluster.clone();
        let id = seen.cluster.id.clone();
        let (looking, ledger) = (self.looking, self.ledger);
        let (stop, changes) = (self.stop, !self.dry_run && !self.explains());
        let _turn = ledger.turns.acquire().await;
        if !self.goes_on() {
            return Ok(());
        }
        let end = async |seen: Seen, pool: Option<&PoolLock<'_>>| {
            if changes {
                Box::pin(Doomed::new(looking, seen, stop, pool).end()).await
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
                self.fail(&cluster, error.on(&id));
                return Ok(());
            }
        };
        if let Some(explained) = &ledger.explained {
            return explained.borrow_mut().print(&explanation(seen));
        }
        if let Some(why) = &seen.spared {
            emr_cli::detail(&self.looking.side.said(&format!("{id} is left alone: {why}")));
            self.keep(&cluster, seen.member.as_ref());
            return Ok(());
        }
        let is_pending = seen.idleness.class == Class::Pending;
        let pool_name = seen.member.as_ref().map(|member| member.pool_name.clone());
        self.note(&cluster, pool_name.clone(), if is_pending { Fate::EndedPending } else { Fate::Ended });
        ledger.left.set(ledger.left.get().saturating_sub(1));
        emr_cli::detail(&format!("{} {id} ({}); {}", self.verb(), seen.cluster.name, because(&seen)));
        ledger.terminated.borrow_mut().print(&TerminatedRecord {
            pool_name,
            idle_s: seen.idleness.idle_s(),
            pending: Some(is_pending),
            ..TerminatedRecord::new(seen.cluster, self.dry_run)
        })
    }

    /// Reports a failure with `cluster`. The others go on. One that may be terminated all the same counts towards the limit.
    fn fail(&mut self, cluster: &Cluster, error: Error) {
        if error.may_have_happened() {
            self.ledger.left.set(self.ledger.left.get().saturating_sub(1));
        }
        self.failures.add(&self.looking.side.blame(error));
        self.note(cluster, Membership::of_name(&cluster.name).map(|member| member.pool_name), Fate::Failed);
    }

    /// Notes that `cluster` is left alone, unless its pool is not swept at all.
    fn keep(&mut self, cluster: &Cluster, member: Option<&Membership>) {
        if self.looking.scope.spare_member(member).is_none() {
            self.note(cluster, member.map(|member| member.pool_name.clone()), Fate::Kept);
        }
    }

    /// Notes the fate of `cluster`, which is in `pool`.
    fn note(&self, cluster: &Cluster, pool: Option<String>, fate: Fate) {
        self.tally(|tally| tally.note(&cluster.id, pool, fate));
    }

    /// Changes the tally of this region.
    fn tally(&self, change: impl FnOnce(&mut Tally)) {
        let mut tallies = self.ledger.tallies.borrow_mut();
        change(tallies.entry(self.looking.aws().region().to_owned()).or_default());
    }

    /// Whether to continue: more may be terminated, and if nothing is terminated, somebody still reads the output.
    fn goes_on(&self) -> bool {
        let is_told = match &self.ledger.explained {
            Some(explained) => !explained.borrow().is_closed(),
            None => !(self.dry_run && self.ledger.terminated.borrow().is_closed()),
        };
        self.ledger.left.get() > 0 && is_told
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
        place: seen.cluster.place,
    }
}

/// Why it is terminated.
fn because(seen: &Seen) -> String {
    let idle = time::clock(seen.idleness.idle_s().unwrap_or_default());
    let left = seen.idleness.to_end_of_hour_s().map(|left| format!(", {} to end of hour", time::clock(left)));
    format!("was {} for {idle}{}", seen.idleness.class, left.unwrap_or_default())
}

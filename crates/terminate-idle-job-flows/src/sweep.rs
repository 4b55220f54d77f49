//! The sweep: lists job flows that may be idle page by page, looks at several at once, and terminates one at a time.

use std::cell::{Cell, RefCell};
use std::future::Future;

use emr_aws::emr::ClusterFilter;
use emr_cli::{Failures, Printer};
use emr_core::error::{Outcome, Result};
use emr_core::idle::{Class, Explanation};
use emr_core::model::cluster::{Cluster, ClusterState};
use emr_core::model::record::TerminatedRecord;
use emr_core::model::time;
use futures_util::{StreamExt, stream};
use tokio::sync::{Semaphore, watch};

use crate::args::Args;
use crate::end::{Doomed, peek};
use crate::look::{Looking, Seen};

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
}

impl Ledger {
    pub(crate) fn new(args: &Args) -> Self {
        Self {
            left: Cell::new(args.limit.unwrap_or(usize::MAX)),
            turns: Semaphore::new(if args.limit.is_some() { 1 } else { Semaphore::MAX_PERMITS }),
            terminated: RefCell::new(args.output.printer()),
            explained: args.explain.then(|| RefCell::new(args.output.printer())),
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
    stop: &'a watch::Sender<bool>,
    dry_run: bool,
    ledger: &'a Ledger,
    failures: Failures,
}

impl<'a> Sweep<'a> {
    pub(crate) fn new(looking: Looking<'a>, args: &Args, stop: &'a watch::Sender<bool>, ledger: &'a Ledger) -> Self {
        Self { looking, stop, dry_run: args.dry_run, ledger, failures: Failures::default() }
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
                && let Some(page) = self.unless_stopped(pages.next()).await.transpose()?.flatten()
            {
                self.sweep_page(page).await?;
            }
        }
        Ok(())
    }

    async fn sweep_page(&mut self, page: Vec<Cluster>) -> Result<()> {
        let (looking, looks_at_all) = (self.looking, self.explains());
        let candidates = page.into_iter().filter(|cluster| looks_at_all || looking.spare_unseen(cluster).is_none());
        let looks = candidates.map(|cluster| async move { Box::pin(looking.look(&cluster)).await });
        let mut looks = stream::iter(looks).buffered(LOOKS_AT_ONCE);
        while self.goes_on()
            && let Some(look) = self.unless_stopped(looks.next()).await.flatten()
        {
            match look {
                Ok(seen) => self.settle(seen).await?,
                Err(error) => self.failures.add(&looking.side.blame(error)),
            }
        }
        Ok(())
    }

    /// Terminates, explains or spares a job flow. Failures with it are collected; only a failed print is an error here.
    async fn settle(&mut self, seen: Seen) -> Result<()> {
        let id = seen.cluster.id.clone();
        let ledger = self.ledger;
        let _turn = ledger.turns.acquire().await;
        if !self.goes_on() {
            return Ok(());
        }
        let settled = match seen.spared {
            Some(_) => Ok(seen),
            None if self.dry_run || self.explains() => Box::pin(peek(self.looking, seen)).await,
            None => Box::pin(Doomed::new(self.looking, seen, self.stop).end()).await,
        };
        let seen = match settled {
            Ok(seen) => seen,
            Err(error) => {
                self.failures.add(&self.looking.side.blame(error.on(&id)));
                return Ok(());
            }
        };
        if let Some(explained) = &ledger.explained {
            return explained.borrow_mut().print(&explanation(seen));
        }
        if let Some(why) = &seen.spared {
            emr_cli::detail(&self.looking.side.said(&format!("{id} is left alone: {why}")));
            return Ok(());
        }
        ledger.left.set(ledger.left.get().saturating_sub(1));
        emr_cli::detail(&format!("{} {id} ({}); {}", self.verb(), seen.cluster.name, because(&seen)));
        ledger.terminated.borrow_mut().print(&TerminatedRecord {
            pool_name: seen.member.map(|member| member.pool_name),
            idle_s: seen.idleness.idle_s(),
            pending: Some(seen.idleness.class == Class::Pending),
            ..TerminatedRecord::new(seen.cluster, self.dry_run)
        })
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

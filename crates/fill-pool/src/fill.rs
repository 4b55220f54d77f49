//! Counts what is free, and starts what is missing, under the lock of the pool.
//!
//! A first count needs no lock, because a pool that has enough is the rule. What it finds missing may be what another
//! run is about to start, so the lock is taken and the pool counted again.

use std::time::Duration;

use emr_aws::{Aws, PoolAt, emr};
use emr_cli::pool_lock::{self, interrupted};
use emr_cli::{Commands, PoolLock, Printer, output, random};
use emr_core::error::Result;
use emr_core::launch::self_termination;
use emr_core::model::cluster::Cluster;
use emr_core::model::job_flow::JobFlow;
use emr_core::model::record::JobFlowRecord;
use emr_core::pool::minimum::Wanted;
use emr_core::pool::minimum::stock::room;
use emr_core::pool::{Offer, Size, sized};
use futures_util::future;
use tokio::sync::watch;

use crate::shortage::Shortage;

/// A pool to fill.
pub(crate) struct Fill<'a> {
    pub(crate) aws: &'a Aws,
    pub(crate) commands: &'a Commands,
    pub(crate) pool: PoolAt<'a>,
    pub(crate) wanted: &'a Wanted,
    pub(crate) job_flow: &'a JobFlow,
    /// How many job flows the pool may have.
    pub(crate) most: Option<u32>,
    /// The pause between taking the lock and counting.
    pub(crate) sync_wait: Duration,
    /// Set when the user wants the run to end.
    pub(crate) stop: &'a watch::Sender<bool>,
    pub(crate) dry_run: bool,
}

impl Fill<'_> {
    /// Starts what is missing, and prints each record at once. An error if the pool has no room for all of it.
    pub(crate) async fn fill(&self, printer: &mut Printer<JobFlowRecord>) -> Result<()> {
        let shortage = self.shortage().await?;
        if shortage.missing == 0 {
            // Somebody asked for what would happen.
            let tell = if self.dry_run { emr_cli::say } else { emr_cli::detail };
            tell(&shortage.said());
            return Ok(());
        }
        if shortage.starts == 0 {
            return shortage.check();
        }
        if self.dry_run {
            return self.show(&shortage).await;
        }
        // Before taking the lock, because others wait for it.
        emr_cli::upload(&self.aws.s3, &self.job_flow.uploads, pool_lock::stopped(self.stop)).await?;
        let lock = PoolLock::new(self.aws, self.pool.locks, &self.pool.marker.pool_name, self.stop);
        lock.under(Box::pin(self.fill_alone(&lock, printer))).await
    }

    async fn fill_alone(&self, lock: &PoolLock<'_>, printer: &mut Printer<JobFlowRecord>) -> Result<()> {
        tokio::time::sleep(self.sync_wait).await;
        let shortage = self.shortage().await?;
        if shortage.missing == 0 {
            emr_cli::detail(&format!("another run was faster: {}", shortage.said()));
            return Ok(());
        }
        let mut started = Vec::new();
        let done = self.start(lock, shortage.starts, printer, &mut started).await;
        future::join_all(started.iter().map(|new| pool_lock::wait_until_listed(self.aws, new))).await;
        if !started.is_empty() {
            self.tell_cost("started", u32::try_from(started.len()).unwrap_or(u32::MAX), &shortage);
        }
        done?;
        shortage.check()
    }

    async fn shortage(&self) -> Result<Shortage<'_>> {
        let (pool, min_idle) = (&self.pool.marker.pool_name, self.wanted.min_idle);
        let stock = self.aws.stock(self.pool).await?;
        let count = Box::pin(self.aws.count(self.pool, self.wanted, &stock)).await?;
        let missing = count.missing(min_idle);
        let room = room(missing, stock.in_pool, self.most);
        let starting = stock.starting();
        let failed = if room == 0 { None } else { self.aws.failed_starts(self.pool, &stock).await? };
        let starts = failed.as_ref().map_or(room, |failed| failed.starts(room, starting, self.aws.emr.now()));
        let (emr, commands, in_pool) = (&self.aws.emr, self.commands, stock.in_pool);
        Ok(Shortage { emr, commands, pool, min_idle, count, starting, in_pool, missing, room, starts, failed })
    }

    async fn start(
        &self,
        lock: &PoolLock<'_>,
        number: u32,
        printer: &mut Printer<JobFlowRecord>,
        started: &mut Vec<Cluster>,
    ) -> Result<()> {
        for _ in 0..number {
            if *self.stop.borrow() {
                return Err(interrupted());
            }
            let cluster = lock.start(self.job_flow).await?;
            started.push(cluster.clone());
            let id = cluster.id.clone();
            let record = sized(cluster.into(), Size::of(&Offer::of(&self.job_flow.instances)));
            // It already runs: an error about its record must name it.
            printer.print(&record).map_err(|error| error.on(id))?;
        }
        Ok(())
    }

    /// Prints the requests that would be sent.
    async fn show(&self, shortage: &Shortage<'_>) -> Result<()> {
        self.tell_cost("would start", shortage.starts, shortage);
        for _ in 0..shortage.starts {
            output::print_json(&emr::run_job_flow_dry_run(self.job_flow, &random::run_id()).await?)?;
        }
        shortage.check()
    }

    fn tell_cost(&self, verb: &str, number: u32, shortage: &Shortage<'_>) {
        let Wanted { min_idle, vcpus, .. } = self.wanted;
        let noun = if number == 1 { "job flow" } else { "job flows" };
        let cost = vcpus.map_or_else(
            || "of a size that is not known".to_owned(),
            |vcpus| {
                let of = |number: u32| u64::from(number) * u64::from(vcpus);
                format!("{} vCPUs an hour; the minimum of {min_idle} costs {}", of(number), of(*min_idle))
            },
        );
        emr_cli::say(&format!("{}; {verb} {number} {noun}: {cost}", shortage.said()));
        if self_termination::unending(self.job_flow, self.dry_run).is_none() {
            emr_cli::warn(
                "each ends itself once it has been idle for its limit, and the next run starts another, which takes \
                 minutes; leave out --max-hours-idle, and let terminate-idle-job-flows end what is too many",
            );
        }
    }
}

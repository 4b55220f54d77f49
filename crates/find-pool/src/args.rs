//! The command line of find-pool.

use std::time::Duration;

use clap::{Args as ClapArgs, Parser};
use emr_cli::{Account, Encryption, Group, History, Launch, Options, Output, Pooling, PrintConfig};
use emr_core::config::options::{MAX_JOB_FLOWS_IN_POOL, POOL_WAIT_MINUTES, S3_SYNC_WAIT_TIME};
use emr_core::config::setting::value;
use emr_core::config::{Config, Offer, Typed};
use emr_core::error::{Error, Result};
use emr_core::model::lock;
use emr_core::pool;

const EXAMPLES: &str = "\
Examples:
  find-pool --pool-name etl | add-step -- spark-submit s3://bucket/job.py | wait-step
  find-pool --pool-name etl --num-ec2-instances 12 || create-job-flow --pool-emr-job-flows --pool-name etl
  find-pool --pool-name etl --or-create --pool-wait-minutes 10 --max-job-flows-in-pool 5
  find-pool --pool-name etl --num-ec2-instances 12 --explain --output table";

const SEARCH: &str = "Search";

/// Find the best free job flow of a pool, claim it, and print its record
///
/// Takes the options of create-job-flow. A job flow fits if it has the same software and settings, instances of the
/// same architecture, at least the memory of each and the CPU in total, and spot instances only at the same or a higher
/// bid. The one with the most CPU wins, then the one closest to the end of an hour.
///
/// The claim is a lock: no other job gets the same job flow. add-step releases it after adding the job. If no job flow
/// is free, nothing is printed and the exit code is 1.
#[derive(Debug, Parser)]
#[command(version, after_long_help = EXAMPLES)]
pub(crate) struct Args {
    #[command(flatten)]
    pub(crate) search: Search,

    #[command(flatten)]
    pub(crate) pooling: Pooling,

    #[command(flatten)]
    pub(crate) launch: Launch,

    #[command(flatten)]
    pub(crate) print_config: PrintConfig,

    #[command(flatten)]
    pub(crate) output: Output,

    #[command(flatten)]
    encryption: Encryption,

    #[command(flatten)]
    pub(crate) history: History,

    #[command(flatten)]
    pub(crate) account: Account,
}

#[derive(Debug, ClapArgs)]
pub(crate) struct Search {
    /// Start one in the pool if none is free
    #[arg(long, help_heading = SEARCH)]
    pub(crate) or_create: bool,

    #[command(flatten)]
    bounds: Options<Bounds>,

    /// How many steps will be added; a job flow has room for 256 active ones
    #[arg(long, value_name = "N", default_value_t = 1, value_parser = clap::value_parser!(u32).range(1..),
        help_heading = SEARCH, hide_short_help = true)]
    pub(crate) num_steps: u32,

    /// How long the claim holds; add-step must begin within this time
    #[arg(long, value_name = "DURATION", default_value = "60s", value_parser = lock::time_to_live, help_heading = SEARCH,
        hide_short_help = true)]
    pub(crate) ttl: Duration,

    #[command(flatten)]
    sync: Options<Sync>,

    /// Tell of each job flow whether it fits, and why not; claim nothing
    #[arg(long, conflicts_with_all = ["or_create", "dry_run"], help_heading = SEARCH)]
    pub(crate) explain: bool,

    /// Print the job flow that would be claimed, or the request that would be sent; change nothing
    #[arg(long, help_heading = SEARCH)]
    pub(crate) dry_run: bool,
}

/// The limits on waiting and on the size of the pool.
#[derive(Debug, Clone)]
struct Bounds;

impl Group for Bounds {
    const OFFERS: &'static [Offer] = &[POOL_WAIT_MINUTES.offer(), MAX_JOB_FLOWS_IN_POOL.offer()];
}

/// The wait for stores that are not strongly consistent.
#[derive(Debug, Clone)]
struct Sync;

impl Group for Sync {
    const OFFERS: &'static [Offer] = &[S3_SYNC_WAIT_TIME.offer()];
}

impl Args {
    /// The typed options that may also be set in `mrjob.conf`.
    pub(crate) fn typed(&self) -> [&Typed; 5] {
        let (bounds, sync) = (self.search.bounds.typed(), self.search.sync.typed());
        [bounds, sync, self.pooling.typed(), self.launch.typed(), self.encryption.typed()]
    }
}

impl Search {
    /// Refuses a number of steps that even a new job flow has no room for.
    pub(crate) fn check(&self) -> Result<()> {
        if self.or_create && usize::try_from(self.num_steps).is_ok_and(|steps| steps > pool::STEP_LIMIT) {
            let text = format!("no job flow has room for {} steps, not even a new one", self.num_steps);
            return Err(Error::usage(text).advise(format!("add {} at a time or fewer", pool::STEP_LIMIT)));
        }
        Ok(())
    }
}

/// How long to wait for a free job flow.
pub(crate) fn wait(config: &Config) -> Result<Duration> {
    Ok(value(config.get(&POOL_WAIT_MINUTES)?).unwrap_or_default())
}

/// How long to wait between taking a lock and looking at the job flow.
pub(crate) fn sync_wait(config: &Config) -> Result<Duration> {
    Ok(value(config.get(&S3_SYNC_WAIT_TIME)?).unwrap_or_default())
}

/// The largest number of job flows in the pool.
pub(crate) fn max_in_pool(config: &Config) -> Result<Option<u32>> {
    Ok(value(config.get(&MAX_JOB_FLOWS_IN_POOL)?))
}

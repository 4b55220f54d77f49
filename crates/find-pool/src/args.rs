//! The command line of find-pool.

use std::time::Duration;

use clap::{Args as ClapArgs, Parser};
use emr_cli::{Account, Encryption, Launch, Output, Pooling, PrintConfig, setting};
use emr_core::config::Config;
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
/// It takes the options of create-job-flow, and finds a job flow that has at least what these ask for: the same software
/// and settings, instances of the same architecture with at least the memory of each and the CPU in total, spot instances
/// only at the same or a higher bid. Of several it takes the one with the most CPU, and of equals the one that is nearest
/// to the end of an hour.
/// The claim is a lock, so that no other job gets the same job flow; add-step gives it back when it has added the job.
/// Nothing is printed, and the exit code is 1, where there is none.
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
    pub(crate) encryption: Encryption,

    #[command(flatten)]
    pub(crate) account: Account,
}

#[derive(Debug, ClapArgs)]
pub(crate) struct Search {
    /// Start a job flow in the pool where none is free
    #[arg(long, help_heading = SEARCH)]
    pub(crate) or_create: bool,

    /// Wait so long for one to become free, as long as there is one to wait for [default: 0]
    #[arg(long, value_name = "MINUTES", value_parser = number, help_heading = SEARCH)]
    pool_wait_minutes: Option<f64>,

    /// Start none where the pool has so many already
    #[arg(long, visible_alias = "max-clusters-in-pool", value_name = "N", value_parser = setting::whole,
        help_heading = SEARCH)]
    max_job_flows_in_pool: Option<u32>,

    /// Steps that will be added, for which there has to be room; a job flow holds 256
    #[arg(long, value_name = "N", default_value_t = 1, value_parser = clap::value_parser!(u32).range(1..),
        help_heading = SEARCH)]
    pub(crate) num_steps: u32,

    /// How long the claim holds: whoever takes it over has to begin before that has passed
    #[arg(long, value_name = "DURATION", default_value = "60s", value_parser = lock::time_to_live, help_heading = SEARCH)]
    pub(crate) ttl: Duration,

    /// Wait so long between locking a job flow and looking at it, which S3 has not needed since 2020 [default: 0]
    #[arg(long, value_name = "SECONDS", value_parser = number, help_heading = SEARCH)]
    s3_sync_wait_time: Option<f64>,

    /// Say of each job flow of the pool whether and why it would not be joined; claim nothing
    #[arg(long, conflicts_with_all = ["or_create", "dry_run"], help_heading = SEARCH)]
    pub(crate) explain: bool,

    /// Print what would be claimed, or the request that would be sent, and claim and send nothing
    #[arg(long, help_heading = SEARCH)]
    pub(crate) dry_run: bool,
}

impl Search {
    /// Refuses to start what would be of no use: a job flow without room for the steps.
    pub(crate) fn check(&self) -> Result<()> {
        if self.or_create && usize::try_from(self.num_steps).is_ok_and(|steps| steps > pool::STEP_LIMIT) {
            let text = format!("no job flow has room for {} steps, nor would a new one have", self.num_steps);
            return Err(Error::usage(text).advise(format!("add {} at a time or fewer", pool::STEP_LIMIT)));
        }
        Ok(())
    }

    /// How long to wait for a job flow.
    pub(crate) fn wait(&self, config: &Config) -> Result<Duration> {
        duration(self.pool_wait_minutes, 60.0, config, "pool_wait_minutes")
    }

    /// How long to wait between lock and look.
    pub(crate) fn sync_wait(&self, config: &Config) -> Result<Duration> {
        duration(self.s3_sync_wait_time, 1.0, config, "s3_sync_wait_time")
    }

    /// How many job flows the pool may have.
    pub(crate) fn max_in_pool(&self, config: &Config) -> Result<Option<u32>> {
        Ok(setting::count(self.max_job_flows_in_pool, config, "max_job_flows_in_pool")?.map(|set| set.value))
    }
}

fn number(text: &str) -> Result<f64> {
    text.parse().map_err(|_| Error::usage(format!("'{text}' is not a number")))
}

/// The duration that was typed, or that `config` has, in units of so many seconds; none where neither says.
fn duration(typed: Option<f64>, unit_s: f64, config: &Config, option: &str) -> Result<Duration> {
    let amount = setting::decimal(typed, config, option)?.map(|setting| setting.value);
    let seconds = amount.unwrap_or(0.0) * unit_s;
    // A century is longer than anybody waits.
    let wait = Duration::try_from_secs_f64(seconds).ok().filter(|wait| wait.as_secs() < 100 * 366 * 24 * 3600);
    wait.ok_or_else(|| Error::usage(format!("{option}: nobody can wait so long as {:?}", amount.unwrap_or(0.0))))
}

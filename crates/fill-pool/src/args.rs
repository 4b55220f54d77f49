//! The command line of fill-pool.

use std::time::Duration;

use clap::{Args as ClapArgs, Parser};
use emr_cli::{Account, Encryption, Group, History, Launch, Options, Output, Pooling, PrintConfig};
use emr_core::config::options::{MAX_JOB_FLOWS_IN_POOL, S3_SYNC_WAIT_TIME};
use emr_core::config::setting::value;
use emr_core::config::{Argument, Config, Offer, Takes, Typed};
use emr_core::error::{Error, Result};
use emr_core::model::time;
use emr_core::pool::minimum::times::{Schedule, Times, zone};
use emr_core::pool::minimum::{LONGEST_KEEP, SHORTEST_KEEP};

const EXAMPLES: &str = "\
Examples:
  7-57/10 * * * *  fill-pool -q --pool-name etl --min-idle 2 --at '8-18 mon-fri' --tz Europe/Berlin
  fill-pool --pool-name etl --min-idle 2 --num-ec2-instances 12 --dry-run
  fill-pool --pool-name etl --min-idle 1 --at '22-6' --at 'sat-sun' --max-job-flows-in-pool 5
  fill-pool --pool-name etl --num-ec2-instances 12 --forget";

const MINIMUM: &str = "Minimum";

/// The largest minimum.
const MOST: i64 = emr_core::pool::minimum::MOST as i64;

/// Keep job flows of a pool free, so that jobs find one at once
///
/// Made for cron: counts the job flows of the pool that a job with the same options could join now, and those that are
/// starting, and starts what is missing to --min-idle. Prints a record of each that it starts. It counts under the lock
/// of the pool, so that two runs at once start no more than one does.
///
/// Where job flows of the pool fail to come up, whoever started them, it waits for as long as the last try took, and twice
/// as long for each try before it, at most three hours, and then starts one alone. While it waits, the exit code is 75.
/// Once one has come up it starts all that are missing.
///
/// The minimum is written below the scratch URI. terminate-idle-job-flows reads it there and leaves that many free job
/// flows alone. Run the tool at all hours, and let --at say when the minimum holds: a minimum that no run renews lapses
/// after --keep.
///
/// Takes the options of create-job-flow. They are what a job flow must have to count, and what is started.
#[derive(Debug, Parser)]
#[command(version, after_long_help = EXAMPLES)]
pub(crate) struct Args {
    #[command(flatten)]
    minimum: Minimum,

    #[command(flatten)]
    bounds: Options<Bounds>,

    /// Take the minimum back, whatever --min-idle, --at and --keep say, and start nothing
    #[arg(long, help_heading = MINIMUM)]
    pub(crate) forget: bool,

    /// Print the requests that would be sent; change nothing
    #[arg(long, help_heading = MINIMUM)]
    pub(crate) dry_run: bool,

    #[command(flatten)]
    pooling: Pooling,

    #[command(flatten)]
    launch: Launch,

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
struct Minimum {
    /// How many job flows are to be free, at most 500: EMR's own limit of a region
    #[arg(long, value_name = "N", value_parser = clap::value_parser!(u32).range(1..=MOST), help_heading = MINIMUM,
        required_unless_present_any = ["forget", "wanted"])]
    min_idle: Option<u32>,

    /// Only at these times of the week, such as '8-18 mon-fri' or '22-6'; may be repeated [default: always]
    #[arg(long, value_name = "TIMES", value_parser = Times::read, help_heading = MINIMUM)]
    at: Vec<Times>,

    /// Time zone of --at, by its IANA name
    #[arg(long, value_name = "ZONE", default_value = "UTC", help_heading = MINIMUM)]
    tz: String,

    /// How long the minimum holds after the last run; longer than cron takes from run to run
    #[arg(long, value_name = "DURATION", default_value = "3h", value_parser = keep, help_heading = MINIMUM,
        hide_short_help = true)]
    keep: Duration,
}

/// How many there may be, and the wait for stores that are not strongly consistent.
#[derive(Debug, Clone)]
struct Bounds;

impl Group for Bounds {
    const OFFERS: &'static [Offer] = &[
        MAX_JOB_FLOWS_IN_POOL.offer_as(&[Argument::new(
            "max-job-flows-in-pool",
            Takes::Value("N"),
            "Start none if the pool has this many, free or not [default: no limit]",
        )
        .also(&["max-clusters-in-pool"])
        .first()
        .under(MINIMUM)]),
        S3_SYNC_WAIT_TIME.offer_as(&[Argument::new(
            "s3-sync-wait-time",
            Takes::Value("SECONDS"),
            "Wait this long between locking the pool and counting; not needed since 2020, when S3 became strongly \
             consistent [default: 0]",
        )
        .also(&["cloud-fs-sync-secs"])
        .under(MINIMUM)]),
    ];
}

impl Args {
    /// The typed options that may also be set in `mrjob.conf`.
    pub(crate) fn typed(&self) -> [&Typed; 4] {
        [self.bounds.typed(), self.pooling.typed(), self.launch.typed(), self.encryption.typed()]
    }

    /// How many job flows are to be free.
    pub(crate) fn min_idle(&self) -> u32 {
        self.minimum.min_idle.unwrap_or_default()
    }

    /// How long the minimum holds after a run.
    pub(crate) fn keep(&self) -> Duration {
        self.minimum.keep
    }

    /// When the minimum holds.
    pub(crate) fn schedule(&self) -> Result<Schedule> {
        let zone = zone(&self.minimum.tz).map_err(|error| error.on("--tz"))?;
        Ok(Schedule { at: self.minimum.at.clone(), zone })
    }
}

fn keep(text: &str) -> Result<Duration> {
    let keep = time::duration(text)?;
    if (SHORTEST_KEEP..=LONGEST_KEEP).contains(&keep) {
        return Ok(keep);
    }
    Err(Error::usage(format!("'{text}' is not between 5 minutes and 7 days")).advise("write 30m, 3h or 1d"))
}

/// The largest number of job flows in the pool.
pub(crate) fn max_in_pool(config: &Config) -> Result<Option<u32>> {
    Ok(value(config.get(&MAX_JOB_FLOWS_IN_POOL)?))
}

/// How long to wait between taking the lock and counting.
pub(crate) fn sync_wait(config: &Config) -> Result<Duration> {
    Ok(value(config.get(&S3_SYNC_WAIT_TIME)?).unwrap_or_default())
}

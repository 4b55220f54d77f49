//! The command line of terminate-idle-job-flows.

use std::time::Duration;

use chrono::TimeDelta;
use clap::{Args as ClapArgs, Parser};
use emr_cli::{Encryption, Group, History, Options, Regions, ReportOutput, tag};
use emr_core::config::options::S3_SCRATCH_URI;
use emr_core::config::setting::value;
use emr_core::config::{Argument, Config, Offer, Takes, Typed};
use emr_core::error::{Error, Result};
use emr_core::idle::{Limits, Pools, Scope, TagTest};
use emr_core::model::scratch_uri::ScratchUri;
use emr_core::model::time;

const EXAMPLES: &str = "\
Examples:
  17,47 * * * *  terminate-idle-job-flows -q --max-hours-idle 1
  terminate-idle-job-flows --pooled-only --mins-to-end-of-hour 5
  terminate-idle-job-flows --unpooled-only --max-hours-idle 12 --exclude-tag keep --limit 10
  terminate-idle-job-flows --pool-name etl --max-hours-idle 2 --dry-run --output table
  terminate-idle-job-flows --region all --max-hours-idle 12 -q
  terminate-idle-job-flows --explain --output table
  terminate-idle-job-flows -q --output prometheus --output-file /var/lib/node_exporter/emr-sweep.prom";

const IDLE: &str = "What is idle";
const SCOPE: &str = "Which of them";

/// Terminate job flows that have been idle for too long
///
/// Made for cron: prints a record of each job flow that it terminated, and nothing if there was none. Idle time counts
/// from the last event: the job flow was created or became ready, or a step was created, began or ended. With both
/// --max-hours-idle and --mins-to-end-of-hour, both conditions must hold.
///
/// A job flow that a job has claimed is never terminated: the tool takes its lock, and checks it again under the lock.
/// The locks of mrjob's jobs are checked right before the call, but not taken: an mrjob job that joins right after the
/// check loses its job flow. A job flow that has termination protection or an active session is left alone. So are as
/// many free ones of a pool as its minimum says, which fill-pool keeps.
///
/// If one termination fails, the others continue; the first failure decides the exit code. Regions are swept side by
/// side. One that fails does not stop the others, and of several regions the largest exit code counts.
///
/// --output prometheus counts, by pool, what the run terminated, could not terminate and left alone.
#[derive(Debug, Parser)]
#[command(version, after_long_help = EXAMPLES)]
pub(crate) struct Args {
    #[command(flatten)]
    bounds: Bounds,

    #[command(flatten)]
    which: Which,

    /// Terminate at most this many [default: no limit]
    #[arg(long, value_name = "N")]
    pub(crate) limit: Option<usize>,

    /// Print what would be terminated, respecting locks, and change nothing
    #[arg(long)]
    pub(crate) dry_run: bool,

    /// Print for each live job flow whether it would be terminated, and why; change nothing
    #[arg(long, conflicts_with_all = ["dry_run", "limit"])]
    pub(crate) explain: bool,

    #[command(flatten)]
    pub(crate) output: ReportOutput,

    #[command(flatten)]
    encryption: Encryption,

    #[command(flatten)]
    pub(crate) history: History,

    #[command(flatten)]
    pub(crate) regions: Regions,
}

#[derive(Debug, ClapArgs)]
struct Bounds {
    /// Terminate those idle for longer than this; steps that EMR never began do not count as work [default: 1, unless
    /// --mins-to-end-of-hour is given]
    #[arg(long, value_name = "HOURS", value_parser = time::hours, help_heading = IDLE)]
    max_hours_idle: Option<Duration>,

    /// The same in minutes
    #[arg(long, value_name = "MINUTES", conflicts_with = "max_hours_idle", value_parser = time::minutes, help_heading = IDLE)]
    max_mins_idle: Option<Duration>,

    /// Terminate idle ones without pending steps that have less than this left of an hour since their creation
    #[arg(long, value_name = "MINUTES", value_parser = time::minutes, help_heading = IDLE)]
    mins_to_end_of_hour: Option<Duration>,

    /// Age at which an S3 lock of mrjob 0.3 to 0.7.2 counts as abandoned; all other locks have their own time to live
    #[arg(long, value_name = "MINUTES", default_value = "1", value_parser = time::minutes, help_heading = IDLE,
        hide_short_help = true)]
    max_mins_locked: Duration,

    #[command(flatten)]
    options: Options<LockGroup>,
}

/// The option for the place of early mrjob's locks.
#[derive(Debug, Clone)]
struct LockGroup;

impl Group for LockGroup {
    const OFFERS: &'static [Offer] = &[S3_SCRATCH_URI.offer_as(&[Argument::new(
        "s3-scratch-uri",
        Takes::Value("S3_URI"),
        "Where mrjob 0.3 to 0.7.2 keeps locks, in locks/ below it [default: that of mrjob.conf]",
    )
    .under(IDLE)])];
}

#[derive(Debug, ClapArgs)]
struct Which {
    /// Only those of pools
    #[arg(long, conflicts_with_all = ["unpooled_only", "pool_name"], help_heading = SCOPE)]
    pooled_only: bool,

    /// Only those that are in no pool
    #[arg(long, conflicts_with = "pool_name", help_heading = SCOPE)]
    unpooled_only: bool,

    /// Only those of this pool
    #[arg(long, value_name = "NAME", help_heading = SCOPE)]
    pool_name: Option<String>,

    /// Only those with this tag, and with this value if one is given; may be repeated, and all must match
    #[arg(long = "tag", value_name = "KEY[=VALUE]", value_parser = tag::test, help_heading = SCOPE)]
    tags: Vec<TagTest>,

    /// Not those with this tag; may be repeated
    #[arg(long = "exclude-tag", value_name = "KEY[=VALUE]", value_parser = tag::test, help_heading = SCOPE)]
    excluded_tags: Vec<TagTest>,
}

impl Args {
    /// Refuses what contradicts itself.
    pub(crate) fn check(&self) -> Result<()> {
        let harmless = [("--dry-run", self.dry_run), ("--explain", self.explain)];
        match harmless.iter().find(|(_, is_given)| *is_given && self.output.measures()) {
            Some((option, _)) => Err(Error::usage(format!("--output prometheus cannot be used with {option}"))
                .advise("its gauges say what a sweep did; list-job-flows has those of what is idle")),
            None => Ok(()),
        }
    }

    /// The pool that is swept, if it is one.
    pub(crate) fn pool_name(&self) -> Option<&str> {
        self.which.pool_name.as_deref()
    }

    /// How long a job flow may be idle.
    pub(crate) fn limits(&self) -> Limits {
        let Bounds { max_hours_idle, max_mins_idle, mins_to_end_of_hour: to_end_of_hour, .. } = self.bounds;
        let default = to_end_of_hour.is_none().then_some(Duration::from_hours(1));
        let idle = max_hours_idle.or(max_mins_idle).or(default);
        Limits { idle: idle.map(delta), to_end_of_hour: to_end_of_hour.map(delta) }
    }

    /// The job flows to sweep.
    pub(crate) fn scope(&self) -> Scope {
        let Which { tags, excluded_tags, .. } = &self.which;
        let pools = match &self.which {
            Which { pooled_only: true, .. } => Pools::Any,
            Which { unpooled_only: true, .. } => Pools::None,
            Which { pool_name: Some(name), .. } => Pools::Named(name.clone()),
            _ => Pools::Whatever,
        };
        Scope { pools, tags: tags.clone(), excluded: excluded_tags.clone() }
    }

    /// The age in seconds up to which a lock of early mrjob counts.
    pub(crate) fn max_locked_s(&self) -> u64 {
        self.bounds.max_mins_locked.as_secs()
    }

    /// The typed options that may also be set in `mrjob.conf`.
    pub(crate) fn typed(&self) -> [&Typed; 2] {
        [self.bounds.options.typed(), self.encryption.typed()]
    }
}

/// The scratch URI of early mrjob's locks, if it is known.
pub(crate) fn scratch(config: &Config) -> Result<Option<ScratchUri>> {
    let uri = config.get(&S3_SCRATCH_URI)?;
    let uri = uri.map(|uri| uri.try_map(|uri| uri.parse()));
    Ok(value(uri.transpose()?))
}

fn delta(duration: Duration) -> TimeDelta {
    TimeDelta::from_std(duration).unwrap_or(TimeDelta::MAX)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn limits(args: &[&str]) -> Limits {
        Args::parse_from([&["terminate-idle-job-flows"], args].concat()).limits()
    }

    #[test]
    fn an_hour_is_the_limit_unless_one_is_given() {
        let (hour, five) = (Some(TimeDelta::hours(1)), Some(TimeDelta::minutes(5)));
        assert_eq!(limits(&[]), Limits { idle: hour, to_end_of_hour: None });
        assert_eq!(limits(&["--mins-to-end-of-hour", "5"]), Limits { idle: None, to_end_of_hour: five });
        assert_eq!(limits(&["--max-hours-idle=0.5"]).idle, Some(TimeDelta::minutes(30)));
        assert_eq!(limits(&["--max-mins-idle=30"]).idle, Some(TimeDelta::minutes(30)));
        assert_eq!(limits(&["--max-hours-idle=90m"]).idle, Some(TimeDelta::minutes(90)));
        let both = limits(&["--max-hours-idle=1", "--mins-to-end-of-hour=5"]);
        assert_eq!(both, Limits { idle: hour, to_end_of_hour: five });
    }
}

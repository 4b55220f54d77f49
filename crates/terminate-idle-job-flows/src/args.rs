//! The command line of terminate-idle-job-flows.

use chrono::TimeDelta;
use clap::{Args as ClapArgs, Parser};
use emr_cli::{Account, Encryption, Group, Options, Output, tag};
use emr_core::config::options::S3_SCRATCH_URI;
use emr_core::config::setting::value;
use emr_core::config::{Argument, Config, Offer, Takes, Typed};
use emr_core::error::{Error, Result};
use emr_core::idle::{Limits, Pools, Scope, TagTest};
use emr_core::model::scratch_uri::ScratchUri;

const EXAMPLES: &str = "\
Examples:
  */30 * * * *  terminate-idle-job-flows -q --max-hours-idle 1
  terminate-idle-job-flows --pooled-only --mins-to-end-of-hour 5
  terminate-idle-job-flows --unpooled-only --max-hours-idle 12 --exclude-tag keep --limit 10
  terminate-idle-job-flows --pool-name etl --max-hours-idle 2 --dry-run --output table
  terminate-idle-job-flows --explain --output table";

const IDLE: &str = "What is idle";
const SCOPE: &str = "Which of them";

/// Terminate job flows that have been idle for too long
///
/// Made for cron: it prints a record of each job flow that it ended, and nothing at all where there is nothing to do.
/// Idle time counts from the last thing that happened: the job flow was created or ready, or a step was created, began
/// or ended. Of --max-hours-idle and --mins-to-end-of-hour both must be passed where both are given.
///
/// A job flow that a job has claimed is never ended: its lock is taken first, and it is looked at again under the lock.
/// The locks of mrjob's jobs are heeded right before the end, but not taken: a job of mrjob's that joins in the moment
/// after that look loses its job flow. One that is protected against termination, or has an active session, is left
/// alone.
///
/// Where ending one fails the others are ended all the same, and the first failure decides the exit code.
#[derive(Debug, Parser)]
#[command(version, after_long_help = EXAMPLES)]
pub(crate) struct Args {
    #[command(flatten)]
    bounds: Bounds,

    #[command(flatten)]
    which: Which,

    /// End so many at most
    #[arg(long, value_name = "N")]
    pub(crate) limit: Option<usize>,

    /// Print what would be ended, heeding locks, and change nothing
    #[arg(long)]
    pub(crate) dry_run: bool,

    /// Say of each job flow that is not yet ended whether and why it would be; change nothing
    #[arg(long, conflicts_with_all = ["dry_run", "limit"])]
    pub(crate) explain: bool,

    #[command(flatten)]
    pub(crate) output: Output,

    #[command(flatten)]
    encryption: Encryption,

    #[command(flatten)]
    pub(crate) account: Account,
}

#[derive(Debug, ClapArgs)]
struct Bounds {
    /// End those idle for longer than this, also where they have steps that EMR never began [default: 1, unless
    /// --mins-to-end-of-hour is given]
    #[arg(long, value_name = "HOURS", value_parser = hours, help_heading = IDLE)]
    max_hours_idle: Option<TimeDelta>,

    /// The same in minutes
    #[arg(long, value_name = "MINUTES", conflicts_with = "max_hours_idle", value_parser = minutes, help_heading = IDLE)]
    max_mins_idle: Option<TimeDelta>,

    /// End those of whose hour, counted from their creation, less than this is left, and that have no pending steps
    #[arg(long, value_name = "MINUTES", value_parser = minutes, help_heading = IDLE)]
    mins_to_end_of_hour: Option<TimeDelta>,

    /// A lock that mrjob 0.3 to 0.7.2 keeps on S3 counts as left behind when it is older; all other locks say
    /// themselves how long they hold
    #[arg(long, value_name = "MINUTES", default_value = "1", value_parser = minutes, help_heading = IDLE)]
    max_mins_locked: TimeDelta,

    #[command(flatten)]
    options: Options<LockGroup>,
}

/// The option that says where early mrjob's locks are.
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

    /// Only those of no pool
    #[arg(long, conflicts_with = "pool_name", help_heading = SCOPE)]
    unpooled_only: bool,

    /// Only those of this pool
    #[arg(long, value_name = "NAME", help_heading = SCOPE)]
    pool_name: Option<String>,

    /// Only those with this tag, of any value where none is given; may be repeated, and all must be there
    #[arg(long = "tag", value_name = "KEY[=VALUE]", value_parser = tag::test, help_heading = SCOPE)]
    tags: Vec<TagTest>,

    /// None of those with this tag; may be repeated
    #[arg(long = "exclude-tag", value_name = "KEY[=VALUE]", value_parser = tag::test, help_heading = SCOPE)]
    excluded_tags: Vec<TagTest>,
}

impl Args {
    /// How long a job flow may be idle.
    pub(crate) fn limits(&self) -> Limits {
        let Bounds { max_hours_idle, max_mins_idle, mins_to_end_of_hour: to_end_of_hour, .. } = self.bounds;
        let default = to_end_of_hour.is_none().then_some(TimeDelta::hours(1));
        Limits { idle: max_hours_idle.or(max_mins_idle).or(default), to_end_of_hour }
    }

    /// Which job flows this is about.
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

    /// The seconds for which a lock of early mrjob's counts.
    pub(crate) fn max_locked_s(&self) -> u64 {
        u64::try_from(self.bounds.max_mins_locked.num_seconds()).unwrap_or_default()
    }

    /// What was typed of the options that may stand in `mrjob.conf`, too.
    pub(crate) fn typed(&self) -> [&Typed; 2] {
        [self.bounds.options.typed(), self.encryption.typed()]
    }
}

/// Below what early mrjob keeps its locks, where that is known.
pub(crate) fn scratch(config: &Config) -> Result<Option<ScratchUri>> {
    let uri = config.get(&S3_SCRATCH_URI)?;
    let uri = uri.map(|uri| uri.try_map(|uri| uri.parse()));
    Ok(value(uri.transpose()?))
}

fn hours(text: &str) -> Result<TimeDelta> {
    amount(text, 3600.0)
}

fn minutes(text: &str) -> Result<TimeDelta> {
    amount(text, 60.0)
}

/// So many of a unit of this many seconds. Ten thousand years is where times end.
fn amount(text: &str, unit_s: f64) -> Result<TimeDelta> {
    let seconds = text.parse::<f64>().ok().map(|amount| amount * unit_s);
    let time = seconds.filter(|seconds| (0.0..3e11).contains(seconds)).map(std::time::Duration::from_secs_f64);
    time.and_then(|time| TimeDelta::from_std(time).ok())
        .ok_or_else(|| Error::usage(format!("'{text}' is no number of hours or minutes")))
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
        let both = limits(&["--max-hours-idle=1", "--mins-to-end-of-hour=5"]);
        assert_eq!(both, Limits { idle: hour, to_end_of_hour: five });
    }

    #[test]
    fn what_is_no_time_is_refused() {
        for bad in ["", "-1", "x", "NaN", "inf", "1e300", "1h"] {
            assert!(hours(bad).is_err(), "{bad}");
        }
        assert_eq!(hours("0").unwrap(), TimeDelta::zero());
    }
}

//! Waits until job flows are ready or have ended, and says why one did not come up.

mod bar;
mod tally;
mod watch;

use std::ffi::OsString;
use std::process::ExitCode;
use std::time::Duration;

use clap::{Parser, ValueEnum};
use emr_cli::wait::{Looks, Pace};
use emr_cli::{Account, Commands, Output, pipe};
use emr_core::diagnose;
use emr_core::error::{Error, Outcome, Result};
use emr_core::model::time;
use emr_core::stdin::Places;

use watch::Watch;

const EXAMPLES: &str = "\
Examples:
  create-job-flow --num-ec2-instances 12 | wait-job-flow | add-step -- spark-submit s3://bucket/job.py
  wait-job-flow j-2AXXXXXXGAPLF --timeout 30m || echo \"not ready: $?\"
  wait-job-flow --until ended j-2AXXXXXXGAPLF
  # Try other instance types where EC2 has none of the first.
  for type in m5.4xlarge m5a.4xlarge r5.4xlarge; do
      flow=$(create-job-flow --num-ec2-instances 12 --ec2-instance-type $type --output id) || exit
      wait-job-flow $flow >/dev/null
      case $? in
          0) echo $flow; exit 0 ;;
          75) echo \"no $type: trying another\" >&2 ;;
          *) exit 1 ;;                # another type would not help, or the job flow goes on
      esac
  done
  exit 75";

/// Wait until job flows are ready or have ended
///
/// Prints the record of each when that is known, with EMR's `reason_code`, `reason` and `error_details`. One that failed
/// before wait-job-flow looked has failed all the same.
///
/// The exit code tells whether another job flow is of use. Of several job flows 1 goes first, then 2, 77, 69 and 75.
///
/// Where EMR throttles the looks or fails on them, wait-job-flow goes on looking for about an hour, and then ends with 69,
/// never with 75: the job flow goes on, and the command that waits on is said. One that cannot be looked at does not keep
/// the others.
///
/// To have ended as it was to means for a job flow that stays until it is terminated that it was terminated, and for one
/// that ends with its last step that its steps completed. To wait changes nothing, and neither does an interrupt.
#[derive(Debug, Parser)]
#[command(version, after_long_help = EXAMPLES)]
struct Args {
    /// Ids of job flows [default: those on stdin, as with -]
    #[arg(value_name = "JOB_FLOW")]
    job_flows: Vec<String>,

    /// What to wait for
    #[arg(long, value_enum, value_name = "STATE", default_value_t = Until::Ready)]
    until: Until,

    /// Stop waiting after this time, or 0 to look once; the job flows go on [default: no limit]
    #[arg(long, value_name = "DURATION", value_parser = time::duration)]
    timeout: Option<Duration>,

    #[command(flatten)]
    looks: Looks,

    #[command(flatten)]
    output: Output,

    #[command(flatten)]
    account: Account,
}

/// What to wait for.
#[derive(Debug, Clone, Copy, PartialEq, Eq, ValueEnum)]
enum Until {
    /// They take steps and can run them
    Ready,
    /// They have ended, and their instances are gone
    Ended,
}

impl From<Until> for diagnose::Until {
    fn from(until: Until) -> Self {
        match until {
            Until::Ready => Self::Ready,
            Until::Ended => Self::Ended,
        }
    }
}

/// Runs the tool with these words of a command line, its own name first.
#[must_use]
pub fn run(words: Vec<OsString>) -> ExitCode {
    emr_cli::run(words, wait_job_flow)
}

async fn wait_job_flow(args: Args) -> Result<Outcome> {
    let targets = pipe::some_targets(&args.job_flows, "job flow to wait for")?;
    let config = args.account.config_with([args.looks.typed()])?;
    let aws = args.account.connect_to(&config, Places::of(&targets)?).await?;
    let commands = Commands::of(&args.account, &config)?;
    let mut watch = Watch::new(&aws.emr, &commands, args.until.into(), args.output.printer());
    for target in targets {
        let unknown = || Error::usage("a step without its job flow has none to wait for");
        watch.add(target.job_flow.ok_or_else(unknown)?, target.claim);
    }
    let pace = Pace::new(args.timeout, &config)?;
    pace.wait(watch, async |watch, pace| watch.until_all_are_told(pace).await).await
}

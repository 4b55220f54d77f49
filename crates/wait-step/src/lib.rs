//! Waits for steps to end and says how they ended.

mod bars;
mod causes;
mod stands_for;
mod step_ending;
mod tally;
mod watch;

use std::ffi::OsString;
use std::process::ExitCode;
use std::time::Duration;

use clap::Parser;
use emr_cli::wait::{Looks, Pace};
use emr_cli::{Account, Commands, Output, Ssh, pipe};
use emr_core::error::{Outcome, Result};
use emr_core::model::id::JobFlowId;
use emr_core::model::time;
use emr_core::stdin::Places;

use crate::causes::Causes;
use watch::Watch;

const EXAMPLES: &str = "\
Examples:
  add-step j-2AXXXXXXGAPLF -- spark-submit s3://bucket/job.py | wait-step
  wait-step --emr-job-flow-id j-2AXXXXXXGAPLF s-1XXXXXXXXXXXX s-2XXXXXXXXXXXX
  wait-step j-2AXXXXXXGAPLF --timeout 2h || echo \"ended with $?\"";

/// Wait for steps to end and say how they ended
///
/// Prints a record of each step when it ends. That of a step that failed has its exit code and the probable cause, as its
/// logs tell; that of a step that never began has the reason why its job flow failed; that of a streaming step has the
/// place of its output. Steps that ended before wait-step looked count as well, so the same command tells the same again
/// after a time-out.
///
/// A job flow stands for the steps of its newest run, which the run id at the end of their Names tells, for its newest
/// step, and for every step that has not ended; stderr says which. One without steps is waited for until it is up.
///
/// An interrupt leaves the steps alone, unless --cancel-on-interrupt is given.
///
/// Where EMR throttles the looks or fails on them, wait-step goes on looking for about an hour, and then ends with 69,
/// never with 75: the steps go on, and the command that waits on is said.
#[derive(Debug, Parser)]
#[command(version, after_long_help = EXAMPLES)]
struct Args {
    /// Ids of steps, or of job flows for their newest run and all unfinished steps [default: those on stdin, as with -]
    #[arg(value_name = "STEP")]
    steps: Vec<String>,

    /// Job flow of the steps that are named by their ids alone
    #[arg(long, visible_alias = "cluster-id", value_name = "ID")]
    emr_job_flow_id: Option<JobFlowId>,

    /// Stop waiting after this time, or 0 to look once; the steps go on [default: no limit]
    #[arg(long, value_name = "DURATION", value_parser = time::duration)]
    timeout: Option<Duration>,

    #[command(flatten)]
    looks: Looks,

    /// Cancel the steps when this is interrupted
    #[arg(long)]
    cancel_on_interrupt: bool,

    /// Do not look into the logs of a step that failed for the probable cause
    #[arg(long)]
    no_cause: bool,

    #[command(flatten)]
    output: Output,

    #[command(flatten)]
    ssh: Ssh,

    #[command(flatten)]
    account: Account,
}

/// Runs the tool with these words of a command line, its own name first.
#[must_use]
pub fn run(words: Vec<OsString>) -> ExitCode {
    emr_cli::run(words, wait_step)
}

async fn wait_step(args: Args) -> Result<Outcome> {
    let targets = pipe::some_targets(&args.steps, "step to wait for")?;
    let config = args.account.config_with([args.looks.typed(), args.ssh.typed()])?;
    let aws = args.account.connect_to(&config, Places::of(&targets)?).await?;
    let commands = Commands::of(&args.account, &config)?;
    let causes = Causes { aws: &aws, ssh: &args.ssh, config: &config, commands: &commands };
    let causes = (!args.no_cause).then_some(causes);
    let mut watch = Watch::new(&aws.emr, &commands, causes, args.output.printer());
    if args.cancel_on_interrupt {
        watch.cancel_on_interrupt();
    }
    watch.add_all(targets, args.emr_job_flow_id.as_ref())?;
    let pace = Pace::new(args.timeout, &config)?;
    pace.wait(watch, async |watch, pace| watch.until_all_end(pace).await).await
}

//! Cancels steps, and waits for what comes of it.

mod cancel;
mod named;
mod record;
mod verdict;

use std::ffi::OsString;
use std::process::ExitCode;
use std::time::Duration;

use clap::Parser;
use emr_cli::wait::{Looks, Pace};
use emr_cli::{Account, Commands, Output, pipe};
use emr_core::error::{Outcome, Result};
use emr_core::model::id::JobFlowId;
use emr_core::model::step::StopBy;
use emr_core::model::time;
use emr_core::stdin::Places;

use cancel::Cancel;

const EXAMPLES: &str = "\
Examples:
  cancel-step j-2AXXXXXXGAPLF s-1XXXXXXXXXXXX
  cancel-step --emr-job-flow-id j-2AXXXXXXGAPLF s-1XXXXXXXXXXXX s-2XXXXXXXXXXXX
  list-steps --state PENDING,RUNNING j-2AXXXXXXGAPLF | cancel-step --dry-run
  list-steps --name nightly --state RUNNING j-2AXXXXXXGAPLF | cancel-step --force";

/// Cancel steps
///
/// Asks EMR to cancel each step, waits for what comes of it, and prints the record of each step when that is known. EMR
/// cancels pending steps from release 4.8 on (not in 5.0) and running ones from 5.28 on. A step that runs is interrupted:
/// its process gets SIGTERM, and may take its time. What its YARN application does then is up to the step.
///
/// A step that was CANCELLED before counts as cancelled. A job flow is taken for its steps only if they are named.
#[derive(Debug, Parser)]
#[command(version, after_long_help = EXAMPLES)]
struct Args {
    /// Ids of steps, behind that of their job flow or with --emr-job-flow-id [default: those on stdin, as with -]
    #[arg(value_name = "STEP")]
    steps: Vec<String>,

    /// Job flow of the steps that are named by their ids alone
    #[arg(long, visible_alias = "cluster-id", value_name = "ID")]
    emr_job_flow_id: Option<JobFlowId>,

    /// Kill the process of a step that runs (SIGKILL) instead of interrupting it
    #[arg(long)]
    force: bool,

    /// Print the steps that would be cancelled, and change nothing
    #[arg(long)]
    dry_run: bool,

    /// Do not wait for what comes of it: EMR cancels in its own time
    #[arg(long, conflicts_with_all = ["dry_run", "timeout"])]
    no_wait: bool,

    /// Stop waiting after this time, or 0 to look once; EMR goes on cancelling [default: no limit]
    #[arg(long, value_name = "DURATION", value_parser = time::duration)]
    timeout: Option<Duration>,

    #[command(flatten)]
    looks: Looks,

    #[command(flatten)]
    output: Output,

    #[command(flatten)]
    account: Account,
}

/// Runs the tool with these words of a command line, its own name first.
#[must_use]
pub fn run(words: Vec<OsString>) -> ExitCode {
    emr_cli::run(words, cancel_step)
}

async fn cancel_step(args: Args) -> Result<Outcome> {
    let targets = pipe::targets(&args.steps)?;
    if targets.is_empty() {
        return Ok(pipe::nothing_to_do());
    }
    let places = Places::of(&targets)?;
    let config = args.account.config_with([args.looks.typed()])?;
    let commands = Commands::of(&args.account, &config)?;
    let steps = named::steps(targets, args.emr_job_flow_id.as_ref(), &commands)?;
    let aws = args.account.connect_to(&config, places).await?;
    let cancel = Cancel::new(&aws.emr, &commands, steps, args.dry_run, args.output.printer());
    let pace = Pace::new(args.timeout, &config)?;
    pace.wait(cancel, async |cancel, pace| carry_out(&args, pace, cancel).await).await
}

async fn carry_out(args: &Args, pace: Pace, cancel: &mut Cancel<'_>) -> Result<()> {
    cancel.look_first().await?;
    if args.dry_run {
        return cancel.foretell().await;
    }
    cancel.ask(if args.force { StopBy::Kill } else { StopBy::Interrupt }).await;
    if args.no_wait { cancel.settle_for_asking().await } else { cancel.until_all_are_settled(pace).await }
}

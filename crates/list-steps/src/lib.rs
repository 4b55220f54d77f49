//! Lists steps of job flows.

mod filter;
mod walk;
mod wanted;

use std::ffi::OsString;
use std::process::ExitCode;

use clap::Parser;
use emr_aws::Emr;
use emr_cli::{Account, Choice, Failures, Output, Printer, pipe, progress};
use emr_core::claim::quota;
use emr_core::error::{Error, Outcome, Result};
use emr_core::model::id::JobFlowId;
use emr_core::model::record::StepRecord;
use emr_core::model::step::{Step, StepState};
use emr_core::model::time::{self, Time};
use emr_core::stdin::Places;
use futures_util::{StreamExt, stream};

use crate::walk::Walk;
use filter::Filter;
use wanted::Wanted;

const EXAMPLES: &str = "\
Examples:
  list-steps j-2AXXXXXXGAPLF
  list-job-flows --pool-name etl | list-steps --failed --since 24h | fetch-logs --cause
  list-steps --state PENDING,RUNNING j-2AXXXXXXGAPLF | cancel-step
  list-steps --name nightly --output table j-2AXXXXXXGAPLF
  list-job-flows | list-steps --since 2026-11-22T06:00:00Z | jq -r 'select(.state == \"FAILED\") | .reason'";

/// How many job flows are asked side by side, within EMR's quotas.
const FLOWS_AT_ONCE: usize = 8;

/// List steps of job flows
///
/// Lists the steps of each job flow, the newest first, the job flows in their order. A step that is named by its record
/// stands for itself. EMR shows fifty steps a call and takes about one call in two seconds. --failed and --state save
/// calls, and on releases before 5.28 --since does: since then steps may run side by side, and an old one may have
/// outlasted any number of later ones.
#[derive(Debug, Parser)]
#[command(version, after_long_help = EXAMPLES)]
struct Args {
    /// Ids of job flows, or of steps with --emr-job-flow-id [default: those on stdin, as with -]
    #[arg(value_name = "JOB_FLOW")]
    targets: Vec<String>,

    /// Job flow of the steps that are named by their ids alone
    #[arg(long, visible_alias = "cluster-id", value_name = "ID")]
    emr_job_flow_id: Option<JobFlowId>,

    /// Only those in this state; several are separated by commas, or the option is repeated
    #[arg(long = "state", value_name = "STATE", value_delimiter = ',', value_parser = states())]
    states: Vec<StepState>,

    /// Only those that are FAILED or INTERRUPTED. A step that is CANCELLED was cancelled by a person, or because another
    /// failed: --state CANCELLED lists it
    #[arg(long, conflicts_with = "states")]
    failed: bool,

    /// Only those that had not ended by this time, or this long ago: what has failed since then is among them, however
    /// long it ran
    #[arg(long, value_name = "TIME", value_parser = time::read)]
    since: Option<Time>,

    /// Only those whose Name contains this text
    #[arg(long, value_name = "TEXT")]
    name: Option<String>,

    #[command(flatten)]
    output: Output,

    #[command(flatten)]
    account: Account,
}

/// Reads a state, of which EMR documents these.
fn states() -> Choice<StepState, Error> {
    Choice::new(str::parse, || StepState::NAMES.to_vec())
}

impl Args {
    fn filter(&self) -> Filter {
        let states = if self.failed { StepState::FAILED.to_vec() } else { self.states.clone() };
        let since = self.since.map(|since| since.at(emr_cli::clock::now()));
        Filter { states, since, name: self.name.clone() }
    }
}

/// Runs the tool with these words of a command line, its own name first.
#[must_use]
pub fn run(words: Vec<OsString>) -> ExitCode {
    emr_cli::run(words, list_steps)
}

async fn list_steps(args: Args) -> Result<Outcome> {
    let targets = pipe::targets(&args.targets)?;
    let places = Places::of(&targets)?;
    let wanted = wanted::of(targets, args.emr_job_flow_id.as_ref())?;
    if wanted.is_empty() {
        return Ok(pipe::nothing_to_do());
    }
    let aws = args.account.aws_at(places).await?;
    let filter = args.filter();
    let mut listing = Listing { emr: &aws.emr, filter: &filter, printer: args.output.printer() };
    let mut failures = Failures::default();
    let listed = match wanted.as_slice() {
        [one] => listing.print_pages(one, &mut failures).await,
        several => listing.print_all(several, &mut failures).await,
    };
    listing.printer.finish()?;
    listed.map(|()| failures.outcome())
}

struct Listing<'a> {
    emr: &'a Emr,
    filter: &'a Filter,
    printer: Printer<StepRecord>,
}

impl Listing<'_> {
    /// Prints what is wanted of one job flow, each page as it comes.
    async fn print_pages(&mut self, wanted: &Wanted, failures: &mut Failures) -> Result<()> {
        let mut walk = Walk::of(self.emr, wanted, self.filter);
        while !self.printer.is_closed() {
            match walk.next().await {
                Ok(Some(steps)) => self.print(&wanted.job_flow, steps, failures)?,
                Ok(None) => break,
                Err(error) => {
                    failures.add(&error);
                    break;
                }
            }
        }
        Ok(())
    }

    /// Prints what is wanted of several job flows. An error about one does not stop the others.
    async fn print_all(&mut self, wanted: &[Wanted], failures: &mut Failures) -> Result<()> {
        let (emr, filter) = (self.emr, self.filter);
        let seconds = quota::duration("ListSteps", wanted.len()).as_secs();
        if seconds > 0 {
            emr_cli::foretell(&format!("asking for the steps of {} job flows, for {seconds} s or more", wanted.len()));
        }
        let bar = progress::count("job flows", u64::try_from(wanted.len()).unwrap_or(u64::MAX));
        let walks = stream::iter(wanted)
            .map(|wanted| async move { (&wanted.job_flow, Box::pin(Walk::of(emr, wanted, filter).all()).await) });
        let mut walks = std::pin::pin!(walks.buffered(FLOWS_AT_ONCE));
        while !self.printer.is_closed()
            && let Some((job_flow, steps)) = walks.next().await
        {
            bar.inc(1);
            self.print(job_flow, steps, failures)?;
        }
        bar.finish_and_clear();
        Ok(())
    }

    fn print(&mut self, job_flow: &JobFlowId, steps: Vec<Result<Step>>, failures: &mut Failures) -> Result<()> {
        for step in steps {
            match step {
                Ok(step) => {
                    self.printer.print(&StepRecord::new(job_flow.clone(), self.emr.place(job_flow).clone(), step))?;
                }
                Err(error) => failures.add(&error),
            }
        }
        Ok(())
    }
}

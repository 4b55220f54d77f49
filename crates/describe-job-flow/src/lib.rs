//! Describes job flows: everything that EMR's API returns, or an mrjob.conf that starts one like it.

mod conf;
mod record;
mod rows;
mod yaml;

use std::ffi::OsString;
use std::process::ExitCode;

use clap::{Parser, ValueEnum};
use emr_aws::{Aws, Emr};
use emr_cli::{Account, Failures, Output, Text, pipe};
use emr_core::error::{Error, Outcome, Result};
use emr_core::model::description::Description;
use emr_core::model::id::JobFlowId;
use futures_util::{StreamExt, stream};

use crate::conf::Conf;
use crate::record::DescriptionRecord;

const EXAMPLES: &str = "\
Examples:
  describe-job-flow j-2AXXXXXXGAPLF
  describe-job-flow j-2AXXXXXXGAPLF | jq .instance_groups
  list-job-flows --pool-name etl | describe-job-flow --output table
  describe-job-flow --as conf j-2AXXXXXXGAPLF > like-it.conf
  create-job-flow --conf-path like-it.conf --dry-run";

/// Job flows described at once. Each takes five calls, and EMR allows a burst of 25.
const FLOWS_AT_ONCE: usize = 4;

/// Describe job flows
///
/// Prints everything that EMR's API returns of each: state and reasons, software and configurations, instance groups or
/// fleets, bootstrap actions, policies, tags, network, roles, times. The first keys are those of list-job-flows; the
/// others are the names of EMR's API in snake case. Configurations keep EMR's own shape.
///
/// With --as conf it prints an mrjob.conf(5) from which create-job-flow starts a job flow like it. Comments at its top
/// name what EMR does not return and what no option can express; a lost setting is also a warning.
#[derive(Debug, Parser)]
#[command(version, after_long_help = EXAMPLES)]
struct Args {
    /// Ids of job flows [default: those on stdin, as with -]
    #[arg(value_name = "JOB_FLOW")]
    job_flows: Vec<String>,

    /// What to print
    #[arg(long = "as", value_enum, value_name = "WHAT", default_value_t = What::Record)]
    what: What,

    #[command(flatten)]
    output: Output,

    #[command(flatten)]
    account: Account,
}

/// What to print.
#[derive(Debug, Clone, Copy, PartialEq, Eq, ValueEnum)]
enum What {
    /// A record of each; on a terminal, a table of keys and values
    Record,
    /// The mrjob.conf that starts one like it
    Conf,
}

/// Runs the tool with these words of a command line, its own name first.
#[must_use]
pub fn run(words: Vec<OsString>) -> ExitCode {
    emr_cli::run(words, describe_job_flow)
}

async fn describe_job_flow(args: Args) -> Result<Outcome> {
    if args.what == What::Conf && args.output.is_chosen() {
        return Err(Error::usage("--output cannot be used with --as conf, which prints YAML"));
    }
    let (wanted, places) = pipe::job_flows(&args.job_flows)?;
    match (wanted.as_slice(), args.what) {
        ([], _) => Ok(pipe::nothing_to_do()),
        ([one], What::Conf) => print_conf(&args.account.aws_at(places).await?, one).await,
        (_, What::Conf) => Err(Error::usage("--as conf takes one job flow, and several are named")),
        (wanted, What::Record) => print_records(&args, &args.account.aws_at(places).await?, wanted).await,
    }
}

async fn print_conf(aws: &Aws, job_flow: &JobFlowId) -> Result<Outcome> {
    let conf = Conf::of(&Box::pin(aws.emr.description(job_flow)).await?);
    let mut text = Text::on_stdout();
    text.print(conf.text().as_bytes());
    text.end()?;
    for lost in conf.lost() {
        emr_cli::warn(lost);
    }
    Ok(Outcome::Done)
}

/// Prints the record of each job flow. An error about one does not stop the others.
async fn print_records(args: &Args, aws: &Aws, wanted: &[JobFlowId]) -> Result<Outcome> {
    let mut failures = Failures::default();
    let described = stream::iter(wanted).map(|id| describe(&aws.emr, id)).buffered(FLOWS_AT_ONCE);
    let mut described = std::pin::pin!(described);
    let mut printer = args.output.printer();
    while !printer.is_closed()
        && let Some(description) = described.next().await
    {
        match description.map(DescriptionRecord::new) {
            Ok(record) if args.output.is_table() => rows::print(&record, &args.output)?,
            Ok(record) => printer.print(&record)?,
            Err(error) => failures.add(&error),
        }
    }
    printer.finish()?;
    Ok(failures.outcome())
}

async fn describe(emr: &Emr, job_flow: &JobFlowId) -> Result<Description> {
    Box::pin(emr.description(job_flow)).await
}

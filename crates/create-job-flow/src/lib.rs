//! Starts a job flow and prints its record.

use std::ffi::OsString;
use std::process::ExitCode;

use clap::Parser;
use emr_aws::emr;
use emr_cli::launch::{self, Planned};
use emr_cli::{Account, Encryption, Ending, Launch, Output, Pooling, PrintConfig, output, pool, random, signal};
use emr_core::error::{Error, Outcome, Result};
use emr_core::launch::{instances, self_termination};
use emr_core::model::job_flow::JobFlow;
use emr_core::pool::{Offer, Size, sized};

const EXAMPLES: &str = "\
Examples:
  create-job-flow --num-ec2-instances=12
  create-job-flow --release-label emr-7.14.0 --applications Hadoop,Spark --tag team=etl \\
      --num-ec2-core-instances 2 --num-ec2-task-instances 20 --ec2-task-instance-bid-price 0.42
  create-job-flow --num-ec2-instances 3 | add-step -- spark-submit s3://bucket/job.py | wait-step
  create-job-flow --num-ec2-instances 12 --pool-emr-job-flows --pool-name etl
  create-job-flow --instance-fleets file://fleets.json --dry-run | jq .Instances
  create-job-flow --print-config | jq -r 'select(.source != \"default\") | .option'";

/// Start a job flow and print its record
///
/// The job flow runs until it is terminated, or with --auto-terminate until its last step ends. It is started once and
/// never twice: its Name carries a run id, by which the tool finds it again if EMR's answer is lost.
///
/// Aliases are the names that mrjob and the AWS CLI have for the same option. Each option may also be set in
/// mrjob.conf(5).
#[derive(Debug, Parser)]
#[command(version, after_long_help = EXAMPLES)]
struct Args {
    #[command(flatten)]
    launch: Launch,

    #[command(flatten)]
    pooling: Pooling,

    #[command(flatten)]
    ending: Ending,

    /// Print the request as JSON in the shape of EMR's API, and send nothing
    #[arg(long)]
    dry_run: bool,

    #[command(flatten)]
    print_config: PrintConfig,

    #[command(flatten)]
    output: Output,

    #[command(flatten)]
    encryption: Encryption,

    #[command(flatten)]
    account: Account,
}

/// Runs the tool with these words of a command line, its own name first.
#[must_use]
pub fn run(words: Vec<OsString>) -> ExitCode {
    emr_cli::run(words, create_job_flow)
}

async fn create_job_flow(args: Args) -> Result<Outcome> {
    let typed = [args.launch.typed(), args.pooling.typed(), args.ending.typed(), args.encryption.typed()];
    let config = args.account.config_with(typed)?;
    let planned = launch::plan(&config, pool::wanted, &args.print_config, &args.output)?;
    let Some(Planned { job_flow, .. }) = planned else { return Ok(Outcome::Done) };
    let run = random::run_id();
    let unending = self_termination::unending(&job_flow, args.dry_run);
    if args.dry_run {
        unending.as_deref().into_iter().for_each(emr_cli::say);
        output::print_json(&emr::run_job_flow_dry_run(&job_flow, &run).await?)?;
        return Ok(Outcome::Done);
    }
    let aws = args.account.connect(&config).await?;
    emr_cli::upload(&aws.s3, &job_flow.uploads, signal::interrupted()).await?;
    let start = async {
        emr_cli::detail(&format!("asking EMR for {}", job_flow.name_of(&run)));
        aws.emr.run_job_flow(&job_flow, &run).await
    };
    let unknown = format!("a job flow whose name ends in '{run}' may have been started; look for it");
    let (started, signal) = signal::hold(Box::pin(start), || aws.emr.wind_up(), &unknown).await?;
    let cluster = signal::ended_by(started, signal).map_err(|error| explain(error, &job_flow))?;
    emr_cli::announce(&format!("Job flow created with ID: {}", cluster.id));
    unending.as_deref().into_iter().for_each(emr_cli::say);
    let mut printer = args.output.printer();
    let id = cluster.id.clone();
    let record = sized(cluster.into(), Size::of(&Offer::of(&job_flow.instances)));
    // The job flow already runs: an error about its record must name it.
    printer.print(&record).and_then(|()| printer.finish()).map_err(|error| error.on(id))?;
    Ok(signal.map_or(Outcome::Done, Outcome::Signal))
}

/// Adds a likely spelling to EMR's refusal of an unknown instance type; EMR suggests none.
fn explain(error: Error, job_flow: &JobFlow) -> Error {
    match instances::doubtful_type(&job_flow.instances) {
        Some(doubt) if error.is_refused() => error.advise(doubt),
        _ => error,
    }
}

//! Starts a job flow and prints its record.

use std::ffi::OsString;
use std::process::ExitCode;

use clap::Parser;
use emr_aws::emr;
use emr_cli::{Account, Encryption, Launch, Output, Pooling, PrintConfig, effective, output, random, signal};
use emr_core::config::{Config, Origin};
use emr_core::error::{Error, Outcome, Result};
use emr_core::launch::instances;
use emr_core::launch::{self, LaunchOptions};
use emr_core::model::job_flow::JobFlow;
use emr_core::model::record::JobFlowRecord;

const EXAMPLES: &str = "\
Examples:
  create-job-flow --num-ec2-instances=12
  create-job-flow --release-label emr-7.14.0 --applications Hadoop,Spark --ec2-task-instance-bid-price 0.42 \\
      --num-ec2-core-instances 2 --num-ec2-task-instances 20 --tag team=etl
  create-job-flow --num-ec2-instances 3 | add-step -- spark-submit s3://bucket/job.py | wait-step
  create-job-flow --num-ec2-instances 12 --pool-emr-job-flows --pool-name etl
  create-job-flow --instance-fleets \"$(cat fleets.json)\" --dry-run | jq .Instances
  create-job-flow --print-config | jq -r 'select(.source != \"default\") | .option'";

/// Start a job flow and print its record
///
/// The job flow stays until it is terminated, unless --auto-terminate is given. Whatever is lost on the network, one job
/// flow is started, never two: its Name carries a run id, by which it is found again when EMR's answer is lost.
#[derive(Debug, Parser)]
#[command(version, after_long_help = EXAMPLES)]
struct Args {
    #[command(flatten)]
    launch: Launch,

    #[command(flatten)]
    pooling: Pooling,

    /// Terminate it when its last step is done
    #[arg(long, help_heading = "Job flow")]
    auto_terminate: bool,

    /// Print the request that would be sent, as JSON in the shape of EMR's API, and send nothing
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
    let config = args.account.config()?;
    let wanted = args.launch.look_up(&config).map_err(|error| config.blamed(error))?;
    let pool = args.pooling.wanted(&config)?;
    let made = wanted
        .read(&config)
        .and_then(|options| launch::job_flow(&LaunchOptions { auto_terminate: args.auto_terminate, pool, ..options }));
    let made = made.map_err(|error| config.blamed(error));
    if args.print_config.wanted {
        print_config(&args, &config, made.as_ref().ok().map(|(job_flow, _)| job_flow))?;
        return made.map(|_| Outcome::Done);
    }
    let (job_flow, warnings) = made?;
    for warning in warnings {
        emr_cli::warn(&warning);
    }
    let run = random::run_id();
    if args.dry_run {
        output::print_json(&emr::run_job_flow_dry_run(&job_flow, &run).await?)?;
        return Ok(Outcome::Done);
    }
    let aws = args.encryption.connect(&args.account, &config).await?;
    emr_cli::upload(&aws.s3, &job_flow.uploads, signal::interrupted()).await?;
    let start = async {
        emr_cli::detail(&format!("asking EMR for {}", job_flow.name_of(&run)));
        aws.emr.run_job_flow(&job_flow, &run).await
    };
    let unknown = format!("a job flow whose name ends in '{run}' may have been started; look for it");
    let (started, signal) = signal::hold(Box::pin(start), || aws.emr.wind_up(), &unknown).await?;
    let cluster = signal::ended_by(started, signal).map_err(|error| explain(error, &job_flow))?;
    emr_cli::say(&format!("Job flow created with ID: {}", cluster.id));
    let mut printer = args.output.printer();
    let id = cluster.id.clone();
    // Where the record cannot be written, the error is the last that anybody hears of the job flow.
    printer.print(&JobFlowRecord::from(cluster)).and_then(|()| printer.finish()).map_err(|error| error.on(id))?;
    Ok(signal.map_or(Outcome::Done, Outcome::Signal))
}

/// Prints what each option is, also of options that make no job flow: whoever asks wonders why.
fn print_config(args: &Args, config: &Config, job_flow: Option<&JobFlow>) -> Result<()> {
    let origin = if args.auto_terminate { Origin::CommandLine } else { Origin::Default };
    config.enter("auto_terminate", args.auto_terminate, origin);
    args.account.connection(config)?;
    args.encryption.look_up(config)?;
    effective::print(config, job_flow, &args.output)
}

/// EMR refuses a misspelt instance type without saying what it should have been.
fn explain(error: Error, job_flow: &JobFlow) -> Error {
    match instances::doubtful_type(&job_flow.instances) {
        Some(doubt) if error.is_refused() => error.advise(doubt),
        _ => error,
    }
}

//! Checks what the tools need, and prints the IAM policy of each.
//!
//! Checks that do not depend on one another run side by side, and none changes anything but two objects of its own below
//! the scratch URI, which are gone at the end of every run, an interrupted one too.

mod account;
mod configuration;
mod endpoint;
mod local;
mod policy;
mod record;
mod roles;
mod store;

use std::ffi::OsString;
use std::process::ExitCode;

use clap::Parser;
use clap::builder::PossibleValuesParser;
use emr_aws::{Aws, RegionError};
use emr_cli::{Account, Group, Options, Output, progress, signal};
use emr_core::config::{Config, Offer, options as keys};
use emr_core::error::{Error, Outcome, Result};
use emr_core::iam;
use emr_core::model::s3_uri::S3Uri;
use tokio::sync::watch;

use record::{CheckRecord, NOT_SET, State};

const EXAMPLES: &str = "\
Examples:
  emr-doctor
  emr-doctor --no-write --profile production
  emr-doctor | jq -r 'select(.state == \"failure\") | .advice'
  emr-doctor --print-iam-policy > all-tools.json
  emr-doctor --print-iam-policy find-pool add-step wait-step --s3-scratch-uri s3://bucket/scratch/ --tag team=etl";

/// Check what the tools need, and print the IAM policy of each
///
/// Looks at the configuration, the region, the credentials and whose they are, the endpoint, the clock, the roles of job
/// flows, the scratch URI, the key of the nodes, and the programs that some tools run. Prints a line for each check: ok,
/// warning or failure, what was found, and what to do about it. Exits with 1 if a check failed; a warning is no failure.
///
/// It starts nothing and changes nothing, but for two objects below the scratch URI that show whether locks are safe
/// there: about twenty requests write, read and delete them. --no-write leaves them out.
#[derive(Debug, Parser)]
#[command(version, after_long_help = EXAMPLES)]
struct Args {
    /// Write nothing to the scratch URI, and leave open whether that would work
    #[arg(long)]
    no_write: bool,

    /// Print the least IAM policy for these tools [default: all], and ask AWS nothing
    ///
    /// All modes of a tool count: find-pool may start job flows, too. The policy is narrowed to the region, the scratch
    /// URI, the log URI, the roles, the KMS key and the tags of the options and mrjob.conf. What is not known stands there
    /// as a word in capitals or as `*`, and is named on stderr; -v names the reasons, too.
    #[arg(long, value_name = "TOOL", num_args = 0.., value_parser = PossibleValuesParser::new(iam::tools()))]
    #[arg(hide_possible_values = true, conflicts_with_all = ["no_write", "form"])]
    print_iam_policy: Option<Vec<String>>,

    /// Folder of what jobs read and write, for the policy; may be repeated
    #[arg(long, value_name = "S3_URI", requires = "print_iam_policy")]
    data_uri: Vec<S3Uri>,

    #[command(flatten)]
    options: Options<DoctorGroup>,

    #[command(flatten)]
    output: Output,

    #[command(flatten)]
    account: Account,
}

/// The options whose values are checked.
#[derive(Debug, Clone)]
struct DoctorGroup;

impl Group for DoctorGroup {
    const OFFERS: &'static [Offer] = &[
        keys::S3_SCRATCH_URI.offer(),
        keys::S3_LOG_URI.offer(),
        keys::IAM_SERVICE_ROLE.offer(),
        keys::IAM_INSTANCE_PROFILE.offer(),
        keys::EMR_TAGS.offer(),
        keys::EC2_KEY_PAIR.offer(),
        keys::EC2_KEY_PAIR_FILE.offer(),
        keys::SSH_BIN.offer(),
        keys::S3_SSE.offer(),
        keys::S3_SSE_KMS_KEY_ID.offer(),
    ];
}

/// Runs the tool with these words of a command line, its own name first.
#[must_use]
pub fn run(words: Vec<OsString>) -> ExitCode {
    emr_cli::run(words, emr_doctor)
}

async fn emr_doctor(args: Args) -> Result<Outcome> {
    if let Some(tools) = &args.print_iam_policy {
        let config = args.account.config_with([args.options.typed()])?;
        let region = policy::region(&args.account, &config).await?;
        return policy::print(tools, &config, region, &args.data_uri);
    }
    let bar = progress::spinner("checking");
    let (stop, stopped) = watch::channel(false);
    let examined = Box::pin(examine(&args, &stopped));
    let unknown = "an object of the test may stay below the scratch URI";
    let (records, signal) = signal::hold(examined, || _ = stop.send_replace(true), unknown).await?;
    bar.finish_and_clear();
    if let Some(number) = signal {
        return Err(Error::new(Outcome::Signal(number), "interrupted; nothing of the test is left"));
    }
    let mut printer = args.output.printer();
    for record in &records {
        printer.print(record)?;
    }
    printer.finish()?;
    let has_failed = records.iter().any(|record| record.state == State::Failure);
    Ok(if has_failed { Outcome::No } else { Outcome::Done })
}

/// All checks, in the order in which they are printed.
async fn examine(args: &Args, stopped: &watch::Receiver<bool>) -> Vec<CheckRecord> {
    let (config, mut records) = configuration::read(&args.account, args.options.typed());
    let is_read = records.iter().any(|record| record.check == configuration::CHECK && record.state == State::Ok);
    let encryption = store::encryption(&config);
    let aws = args.account.connect(&config).await;
    let (remote, local) = match &aws {
        Ok(aws) => {
            records.push(endpoint::region(&config, aws));
            let remote = remote(aws, &config, !args.no_write, stopped);
            tokio::join!(remote, unless_stopped(stopped, local::checks(&config)))
        }
        // Encryption that contradicts itself is reported once.
        Err(_) if encryption.state == State::Failure => (Vec::new(), local::checks(&config).await),
        Err(error) => (vec![no_connection(error)], local::checks(&config).await),
    };
    records.extend(remote);
    records.push(encryption);
    records.extend(local);
    // A file that could not be read may set it.
    records.retain(|record| is_read || !record.found.starts_with(NOT_SET));
    records
}

/// The checks that ask AWS.
async fn remote(aws: &Aws, config: &Config, writes: bool, stopped: &watch::Receiver<bool>) -> Vec<CheckRecord> {
    let identity = aws.identity();
    let (account, emr, roles, store) = tokio::join!(
        unless_stopped(stopped, account::checks(aws, &identity, config)),
        unless_stopped(stopped, account::job_flows(aws)),
        unless_stopped(stopped, roles::checks(&identity, config)),
        // What the test has written is removed before it ends.
        store::checks(aws, config, writes, stopped),
    );
    [account, emr, roles, store].concat()
}

/// Nothing once the run is to end.
async fn unless_stopped(
    stopped: &watch::Receiver<bool>,
    checks: impl Future<Output = Vec<CheckRecord>>,
) -> Vec<CheckRecord> {
    let mut stopped = stopped.clone();
    tokio::select! {
        records = checks => records,
        _ = stopped.wait_for(|stopped| *stopped) => Vec::new(),
    }
}

/// Why there is nobody to ask.
fn no_connection(error: &Error) -> CheckRecord {
    let check = match error.outcome {
        _ if error.cause::<RegionError>().is_some() => "region",
        Outcome::Denied => "credentials",
        _ => "endpoint",
    };
    CheckRecord::error(check, State::Failure, error, "put it right, and run emr-doctor again for the rest")
}

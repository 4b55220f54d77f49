//! Terminates job flows.

use std::ffi::OsString;
use std::process::ExitCode;

use clap::Parser;
use emr_aws::Emr;
use emr_aws::emr::TERMINATED_PER_CALL;
use emr_cli::{Account, Commands, Failures, Output, Printer, pipe};
use emr_core::error::{Error, Outcome, Result};
use emr_core::model::cluster::{Cluster, ClusterDetail};
use emr_core::model::record::TerminatedRecord;
use futures_util::{StreamExt, stream};

const EXAMPLES: &str = "\
Examples:
  terminate-job-flow j-2AXXXXXXGAPLF
  list-job-flows --state WAITING | terminate-job-flow
  terminate-job-flow < job-flow.json
  aws emr list-clusters --active | terminate-job-flow --dry-run";

/// The number of job flows that are described at once, within EMR's quotas.
const LOOKS_AT_ONCE: usize = 8;

/// Terminate job flows
///
/// Takes ids as arguments, or ids or records on stdin; the record of a step stands for its job flow. Job flows that
/// have already ended are skipped. One with termination protection is an error; the others are terminated all the same.
#[derive(Debug, Parser)]
#[command(version, after_long_help = EXAMPLES)]
struct Args {
    /// Ids of job flows [default: those on stdin, as with -]
    #[arg(value_name = "JOB_FLOW")]
    job_flows: Vec<String>,

    /// Print what would be terminated, and change nothing
    #[arg(long)]
    dry_run: bool,

    #[command(flatten)]
    output: Output,

    #[command(flatten)]
    account: Account,
}

/// Runs the tool with this command line, beginning with its own name.
#[must_use]
pub fn run(words: Vec<OsString>) -> ExitCode {
    emr_cli::run(words, terminate_job_flow)
}

async fn terminate_job_flow(args: Args) -> Result<Outcome> {
    let (wanted, places) = pipe::job_flows(&args.job_flows)?;
    if wanted.is_empty() {
        return Ok(pipe::nothing_to_do());
    }
    let config = args.account.config()?;
    let aws = args.account.connect_to(&config, places).await?;
    let (printer, commands) = (args.output.printer(), Commands::of(&args.account, &config)?);
    let mut sweep = Sweep { emr: &aws.emr, commands, dry_run: args.dry_run, printer, failures: Failures::default() };
    let of_one_region = wanted.chunk_by(|one, other| aws.emr.place(one) == aws.emr.place(other));
    for batch in of_one_region.flat_map(|ids| ids.chunks(TERMINATED_PER_CALL)) {
        let looks: Vec<_> =
            stream::iter(batch).map(|id| aws.emr.describe_cluster(id)).buffered(LOOKS_AT_ONCE).collect().await;
        let doomed: Vec<Cluster> = looks.into_iter().filter_map(|look| sweep.doomed(look)).collect();
        sweep.terminate(&doomed).await?;
    }
    sweep.printer.finish()?;
    Ok(sweep.failures.outcome())
}

struct Sweep<'a> {
    emr: &'a Emr,
    commands: Commands,
    dry_run: bool,
    printer: Printer<TerminatedRecord>,
    failures: Failures,
}

impl Sweep<'_> {
    /// The cluster, if it must be terminated. An error about one does not stop the others.
    fn doomed(&mut self, look: Result<ClusterDetail>) -> Option<Cluster> {
        let detail = look.map_err(|error| self.failures.add(&error)).ok()?;
        let id = &detail.cluster.id;
        if detail.cluster.state.has_ended() {
            emr_cli::detail(&format!("{id} is {} already", detail.cluster.state));
            return None;
        }
        if detail.termination_protected {
            let protected = Error::new(Outcome::No, format!("{id} is protected against termination and left alone"));
            let lift = ["emr", "modify-cluster-attributes", "--no-termination-protected", "--cluster-id", id.as_str()];
            let lift = self.commands.aws_at(&lift, self.emr.place(id));
            self.failures.add(&protected.advise(format!("lift it with '{lift}'")));
            return None;
        }
        Some(detail.cluster)
    }

    /// Terminates `batch` in one call. If EMR refuses the call, terminates each one in a call of its own.
    async fn terminate(&mut self, batch: &[Cluster]) -> Result<()> {
        if batch.is_empty() || self.dry_run {
            return self.tell(batch);
        }
        let ids: Vec<_> = batch.iter().map(|cluster| cluster.id.clone()).collect();
        match self.emr.terminate_job_flows(&ids).await {
            Ok(()) => self.tell(batch),
            Err(error) if error.is_refused() && batch.len() > 1 => {
                for cluster in batch {
                    Box::pin(self.terminate(std::slice::from_ref(cluster))).await?;
                }
                Ok(())
            }
            Err(error) => {
                self.failures.add(&error);
                Ok(())
            }
        }
    }

    fn tell(&mut self, terminated: &[Cluster]) -> Result<()> {
        for cluster in terminated {
            self.printer.print(&TerminatedRecord::new(cluster.clone(), self.dry_run))?;
        }
        Ok(())
    }
}

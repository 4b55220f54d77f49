//! Terminates job flows that have been idle for too long, except those that a job has claimed.

mod args;
mod end;
mod gauges;
mod look;
mod minimum;
mod sweep;

use std::ffi::OsString;
use std::process::ExitCode;

use emr_aws::Aws;
use emr_cli::{Report, clock, signal};
use emr_core::error::{Outcome, Result};
use emr_core::model::scratch_uri::ScratchUri;
use tokio::sync::watch;

use args::Args;
use look::Looking;
use sweep::Sweep;

/// Runs the tool with this command line, beginning with its own name.
#[must_use]
pub fn run(words: Vec<OsString>) -> ExitCode {
    emr_cli::run(words, terminate_idle_job_flows)
}

async fn terminate_idle_job_flows(args: Args) -> Result<Outcome> {
    args.check()?;
    let mut report = args.output.begin()?;
    let (aws, scratch) = match connect(&args).await {
        Ok(connected) => connected,
        Err(error) => return report.end(Err(error), clock::now()),
    };
    report.is_of(&aws);
    let outcome = sweep(&args, &aws, scratch.as_ref(), &mut report).await;
    report.end(Ok(outcome), aws.emr.now())
}

async fn connect(args: &Args) -> Result<(Aws, Option<ScratchUri>)> {
    let config = args.account.config_with(args.typed())?;
    let scratch = args::scratch(&config)?;
    Ok((args.account.connect_recorded(&config, &args.history).await?, scratch))
}

/// Sweeps, and reports what broke it off: what was terminated until then is told all the same.
async fn sweep(args: &Args, aws: &Aws, scratch: Option<&ScratchUri>, report: &mut Report) -> Outcome {
    let stop = watch::Sender::new(false);
    let scope = args.scope();
    let looking = Looking {
        aws,
        limits: args.limits(),
        scope: &scope,
        explains: args.explain,
        scratch,
        max_locked_s: args.max_locked_s(),
    };
    let mut sweep = Sweep::new(looking, args, report, &stop);
    let wind_up = || {
        stop.send_replace(true);
    };
    let unknown = "one job flow may be terminated or not, and may be locked until its lock runs out";
    let held = signal::hold(Box::pin(sweep.run()), wind_up, unknown).await;
    let outcome = held.and_then(|(swept, signal)| {
        let outcome = signal::ended_by(swept, signal)?;
        Ok(signal.map_or(outcome, Outcome::Signal))
    });
    if let Some(metrics) = report.metrics() {
        sweep.tally().measure(metrics, args.pool_name());
    }
    outcome.unwrap_or_else(|error| {
        emr_cli::report(&error);
        error.outcome
    })
}

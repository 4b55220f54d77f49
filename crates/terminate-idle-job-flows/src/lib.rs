//! Terminates job flows that have been idle for too long, except those that a job has claimed.

mod args;
mod end;
mod look;
mod minimum;
mod sweep;

use std::ffi::OsString;
use std::process::ExitCode;

use emr_cli::signal;
use emr_core::error::{Outcome, Result};
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
    let config = args.account.config_with(args.typed())?;
    let stop = watch::Sender::new(false);
    let (limits, scope, scratch) = (args.limits(), args.scope(), args::scratch(&config)?);
    let aws = args.account.connect(&config).await?;
    let looking = Looking {
        aws: &aws,
        limits,
        scope: &scope,
        explains: args.explain,
        scratch: scratch.as_ref(),
        max_locked_s: args.max_locked_s(),
    };
    let mut sweep = Sweep::new(looking, &args, &stop);
    let wind_up = || {
        stop.send_replace(true);
    };
    let unknown = "one job flow may be terminated or not, and may be locked until its lock runs out";
    let (swept, signal) = signal::hold(Box::pin(sweep.run()), wind_up, unknown).await?;
    let outcome = signal::ended_by(swept, signal)?;
    Ok(signal.map_or(outcome, Outcome::Signal))
}

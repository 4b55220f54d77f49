//! Terminates job flows that have been idle for too long, except those that a job has claimed.

mod args;
mod end;
mod look;
mod sweep;

use std::ffi::OsString;
use std::process::ExitCode;

use emr_cli::signal;
use emr_core::error::{Outcome, Result};
use tokio::sync::watch;

use args::Args;
use look::Looking;
use sweep::{Ledger, Sweep};

/// Runs the tool with this command line, beginning with its own name.
#[must_use]
pub fn run(words: Vec<OsString>) -> ExitCode {
    emr_cli::run(words, terminate_idle_job_flows)
}

async fn terminate_idle_job_flows(args: Args) -> Result<Outcome> {
    let config = args.regions.account().config_with(args.typed())?;
    let stop = watch::Sender::new(false);
    let (limits, scope, scratch) = (args.limits(), args.scope(), args::scratch(&config)?);
    let sides = args.regions.connect(&config).await?;
    let ledger = Ledger::new(&args);
    let sweep = sides.each(|side| {
        let looking = Looking {
            side,
            limits,
            scope: &scope,
            explains: args.explain,
            scratch: scratch.as_ref(),
            max_locked_s: args.max_locked_s(),
        };
        Box::pin(Sweep::new(looking, &args, &stop, &ledger).run())
    });
    let wind_up = || {
        stop.send_replace(true);
    };
    let unknown = "one job flow of a region may be terminated or not, and may be locked until its lock runs out";
    let (swept, signal) = signal::hold(Box::pin(sweep), wind_up, unknown).await?;
    ledger.finish()?;
    let outcome = signal::ended_by(swept, signal)?.outcome;
    Ok(signal.map_or(outcome, Outcome::Signal))
}

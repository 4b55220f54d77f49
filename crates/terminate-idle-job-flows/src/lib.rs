//! Terminates job flows that have been idle for too long, except those that a job has claimed.

mod args;
mod end;
mod gauges;
mod look;
mod minimum;
mod sweep;

use std::ffi::OsString;
use std::process::ExitCode;

use emr_cli::{Report, Sides, signal};
use emr_core::error::{Outcome, Result};
use emr_core::model::scratch_uri::ScratchUri;
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
    args.check()?;
    let mut report = args.output.begin(args.regions.account(), &args.history, &[])?;
    let (sides, scratch) = match connect(&args).await {
        Ok(connected) => connected,
        Err(error) => return report.end(Err(error), emr_cli::clock::now()),
    };
    report.is_of(&sides);
    let outcome = sweep(&args, &sides, scratch.as_ref(), &mut report).await;
    report.end(Ok(outcome), sides.now())
}

async fn connect(args: &Args) -> Result<(Sides, Option<ScratchUri>)> {
    let config = args.regions.account().config_with(args.typed())?;
    let scratch = args::scratch(&config)?;
    Ok((args.regions.connect(&config, &args.history).await?, scratch))
}

/// Sweeps, and reports what broke it off: what was terminated until then is told all the same.
async fn sweep(args: &Args, sides: &Sides, scratch: Option<&ScratchUri>, report: &mut Report) -> Outcome {
    let stop = watch::Sender::new(false);
    let (limits, scope, ledger) = (args.limits(), args.scope(), Ledger::new(args, report));
    let sweep = sides.each(|side| {
        let looking =
            Looking { side, limits, scope: &scope, explains: args.explain, scratch, max_locked_s: args.max_locked_s() };
        Box::pin(Sweep::new(looking, args, &stop, &ledger).run())
    });
    let wind_up = || {
        stop.send_replace(true);
    };
    let unknown = "one job flow of a region may be terminated or not, and may be locked until its lock runs out";
    let held = signal::hold(Box::pin(sweep), wind_up, unknown).await;
    let told = ledger.finish();
    if let Some(metrics) = report.metrics() {
        ledger.measure(metrics, args.pool_name());
    }
    let outcome = held.and_then(|(swept, signal)| {
        let outcome = signal::ended_by(swept, signal)?.outcome;
        Ok(signal.map_or(outcome, Outcome::Signal))
    });
    told.and(outcome).unwrap_or_else(|error| {
        emr_cli::report(&error);
        error.outcome
    })
}

//! Tests a store: by a dozen requests, and with `--minutes` by a trial.

use std::path::{Path, PathBuf};
use std::sync::Arc;
use std::sync::atomic::AtomicBool;
use std::sync::atomic::Ordering::Relaxed;
use std::time::Duration;

use emr_aws::{Aws, Probed};
use emr_cli::signal;
use emr_core::error::{Error, Outcome, Result};
use emr_core::history::VerdictRecord;

use crate::args::Probe;
use crate::trial::{Trial, TrialRecord};
use crate::verify;

/// What nobody knows of a test that is given up.
const STAYS: &str = "an object of the test may stay there";

/// Tests a store, and prints what was found.
pub(crate) async fn probe(args: &Probe) -> Result<Outcome> {
    let aws = args.store.connect().await?;
    let is_honoured = ask(&aws, args).await?;
    if let Some(lasts) = args.minutes {
        try_out(&aws, args, lasts).await?;
    }
    if !is_honoured {
        let text = "the store does not honour the conditional writes that locks need";
        return Err(Error::new(Outcome::No, format!("{}: {text}", args.place)));
    }
    emr_cli::say(&format!("{}: locks are safe on this store", args.place));
    Ok(Outcome::Done)
}

/// Sends what a store must accept and refuse. Returns whether it did.
async fn ask(aws: &Aws, args: &Probe) -> Result<bool> {
    let stop = AtomicBool::new(false);
    let is_stopped = || stop.load(Relaxed);
    let test = Box::pin(aws.s3.probe(&args.place, &is_stopped));
    let (probed, signal) = signal::hold(test, || stop.store(true, Relaxed), STAYS).await?;
    let Probed { findings, left } = signal::ended_by(probed, signal)?;
    for error in left {
        emr_cli::warn(&format!("an object of the test stays there: {error}"));
    }
    let mut printer = args.output.printer();
    for finding in &findings {
        printer.print(finding)?;
    }
    printer.finish()?;
    Ok(findings.iter().all(|finding| finding.honoured))
}

/// Runs a trial, verifies its history, and prints both. An error if anything is violated.
async fn try_out(aws: &Aws, args: &Probe, lasts: Duration) -> Result<()> {
    let kept = args.store.history()?;
    let history = kept.clone().unwrap_or_else(|| {
        std::env::temp_dir().join(format!("s3-lock-probe-{}-{:08x}.jsonl", std::process::id(), fastrand::u32(..)))
    });
    let seed = args.seed.unwrap_or_else(|| fastrand::u64(..1 << 32));
    let trial = Arc::new(Trial::new(&args.place, args.store.words(), history.clone(), seed, lasts));
    emr_cli::say(&format!("processes fight over three locks for {} s (seed {seed})", lasts.as_secs()));
    let clients = tokio::task::spawn_blocking({
        let trial = Arc::clone(&trial);
        move || trial.run()
    });
    let (ran, signal) = signal::hold(clients, || trial.end(), STAYS).await?;
    for lock in &trial.locks {
        if let Err(error) = aws.s3.delete_test_object(lock).await {
            emr_cli::warn(&format!("an object of the test stays there: {error}"));
        }
    }
    let mut record = ran.map_err(|_| Error::new(Outcome::Bug, "the trial failed"))??;
    if let Some(number) = signal {
        let _ = kept.is_none().then(|| std::fs::remove_file(&history));
        return Err(Error::new(Outcome::Signal(number), "the trial was interrupted, and nothing is verified"));
    }
    let judged = judge(args, &history, &mut record, kept.is_some());
    if record.history.is_none() {
        let _ = std::fs::remove_file(&history);
    }
    judged
}

/// Verifies what a trial has recorded, and prints it. The history is kept if that `is_asked`, or anything is violated.
fn judge(args: &Probe, history: &Path, record: &mut TrialRecord, is_asked: bool) -> Result<()> {
    if !history.exists() {
        return Err(untried(record));
    }
    record.history = Some(history.to_owned());
    let verdict = verify::check(&[PathBuf::from(history)], &mut args.output.printer())?;
    if verdict.holds && !is_asked {
        record.history = None;
    }
    let mut verdicts = args.output.printer();
    verdicts.print(&verdict)?;
    verdicts.finish()?;
    let mut trials = args.output.printer();
    trials.print(record)?;
    trials.finish()?;
    tell(&verdict, record);
    if verdict.written == 0 {
        return Err(untried(record));
    }
    verify::conclude(&verdict).map(drop).map_err(|error| error.advise(format!("see {}", history.display())))
}

/// Says what was assumed, tried and found.
fn tell(verdict: &VerdictRecord, record: &TrialRecord) {
    let TrialRecord { commands, clients, duration_s, acquired, kills, pauses, forgotten, .. } = record;
    emr_cli::say(&format!("assumed: {}", verdict.assumed.join("; ")));
    emr_cli::say(&format!(
        "tried: {commands} commands by {clients} clients in {duration_s} s, {acquired} locks acquired, {} taken over, \
         {kills} commands killed, {pauses} stopped, {forgotten} locks left to expire",
        verdict.takeovers
    ));
    emr_cli::say(&format!(
        "found: {} reads, {} writes, {} refused, {} without a clear answer, {} violations",
        verdict.reads, verdict.writes, verdict.refused, verdict.unclear, verdict.violations
    ));
}

/// The error of a trial that has tried nothing.
fn untried(record: &TrialRecord) -> Error {
    let why = record.failure.as_deref().unwrap_or("no command lived long enough");
    Error::new(Outcome::Unavailable, format!("the trial has written no lock, and proves nothing: {why}"))
}

//! Holds a lock that is one object on S3.

mod ahead;
mod args;
mod child;
mod job;
mod lines;
mod piped;
mod probe;
mod processes;
mod run;
mod take;
mod terminal;
mod trial;
mod uri;
mod verify;

use std::ffi::OsString;
use std::process::ExitCode;

use emr_cli::Output;
use emr_core::claim::lease::{Lease, LockError, Sighting, is_held};
use emr_core::error::{Error, Outcome, Result};
use emr_core::model::lock::LockState;
use emr_core::model::record::LockRecord;
use emr_core::model::s3_uri::S3Uri;

use args::{Action, Args, Held, Named, Renew};

/// Runs the tool with these words of a command line, its own name first.
#[must_use]
pub fn run(words: Vec<OsString>) -> ExitCode {
    match child::words(&words) {
        Some(words) => emr_cli::run_blocking(words, child::become_command),
        None => emr_cli::run(child::client_words(&words).unwrap_or(words), s3_lock),
    }
}

async fn s3_lock(args: Args) -> Result<Outcome> {
    match args.action {
        Action::Acquire(args) => take::acquire(args).await,
        Action::Renew(args) => renew(args).await,
        Action::Release(args) => release(args).await,
        Action::Show(args) => show(args).await,
        Action::Run(args) => run::run(args).await,
        Action::Probe(args) => probe::probe(&args).await,
        Action::Verify(args) => verify::verify(&args),
    }
}

async fn renew(args: Renew) -> Result<Outcome> {
    let named = &args.held.named;
    let (uri, token) = args.held.lock()?;
    let aws = named.store.connect().await?;
    let lease = aws.s3.lock(&uri).keep(&token, args.ttl).await.map_err(answer)?;
    print(&named.output, &held(uri, &lease))
}

async fn release(args: Held) -> Result<Outcome> {
    let (uri, token) = args.lock()?;
    let aws = args.named.store.connect().await?;
    aws.s3.lock(&uri).give_back(&token).await.map_err(answer)?;
    print(&args.named.output, &LockRecord { state: LockState::Free, ..record(uri) })
}

async fn show(args: Named) -> Result<Outcome> {
    let (uri, _) = args.lock()?;
    let aws = args.store.connect().await?;
    let record = match aws.s3.lock(&uri).look().await? {
        Some(sighting) => seen(uri, &sighting),
        None => record(uri),
    };
    print(&args.output, &record)
}

/// The record of a lock whose object is absent.
fn record(lock_uri: S3Uri) -> LockRecord {
    LockRecord {
        lock_uri,
        state: LockState::Absent,
        generation: None,
        owner: None,
        age_s: None,
        ttl_s: None,
        token: None,
    }
}

/// The record for the holder of `lease`.
fn held(uri: S3Uri, lease: &Lease) -> LockRecord {
    LockRecord {
        state: LockState::Held,
        generation: Some(lease.generation),
        owner: Some(lease.holder.owner.clone()),
        ttl_s: Some(lease.holder.ttl.as_secs()),
        token: Some(lease.holder.token.clone()),
        ..record(uri)
    }
}

/// The record for anyone else, without the token.
fn seen(uri: S3Uri, sighting: &Sighting) -> LockRecord {
    let holder = sighting.lock.holder.as_ref();
    LockRecord {
        state: if is_held(sighting) { LockState::Held } else { LockState::Free },
        generation: Some(sighting.lock.generation),
        owner: holder.map(|holder| holder.owner.clone()),
        age_s: Some(sighting.age.as_secs()),
        ttl_s: holder.map(|holder| holder.ttl.as_secs()),
        ..record(uri)
    }
}

fn print(output: &Output, record: &LockRecord) -> Result<Outcome> {
    let mut printer = output.printer();
    printer.print(record)?;
    printer.finish().map(|()| Outcome::Done)
}

/// Renewing or releasing a lock that is not held under the token is the answer "no", not a failure.
fn answer(error: Error) -> Error {
    match error.cause() {
        Some(LockError::Lost(_)) => error.with_outcome(Outcome::No),
        _ => error,
    }
}

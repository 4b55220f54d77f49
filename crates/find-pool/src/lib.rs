//! Finds the best free job flow of a pool, claims it, and prints its record.

mod args;
mod create;
mod explain;
mod look;
mod round;
mod search;
mod wait;

use std::ffi::OsString;
use std::process::ExitCode;

use emr_cli::launch::{self, Planned};
use emr_cli::{pool, signal};
use emr_core::error::{Error, Outcome, Result};
use emr_core::launch::locks;
use emr_core::model::instances::Instances;
use emr_core::model::job_flow::JobFlow;
use emr_core::model::record::JobFlowRecord;
use emr_core::pool::{Demand, Request};
use emr_core::stdin::Places;
use tokio::sync::watch;

use args::Args;
use look::Looking;
use search::Search;
use wait::{SearchResult, find};

/// Runs the tool with these words of a command line, its own name first.
#[must_use]
pub fn run(words: Vec<OsString>) -> ExitCode {
    emr_cli::run(words, find_pool)
}

async fn find_pool(args: Args) -> Result<Outcome> {
    args.search.check()?;
    let config = args.account.config_with(args.typed())?;
    let name = |config: &_, decisions: &mut _| pool::name(config, decisions).map(Some);
    let planned = launch::plan(&config, name, &args.print_config, &args.output)?;
    let Some(Planned { options, job_flow }) = planned else { return Ok(Outcome::Done) };
    let locks = locks(&options)?;
    let request = request(&job_flow)?;
    let stop = watch::Sender::new(false);
    let aws = args.account.connect_recorded(&config, Places::default(), &args.history).await?;
    let looking = Looking {
        emr: &aws.emr,
        demand: &request.demand,
        num_steps: args.search.num_steps,
        software: &job_flow.software,
        has_fleets: matches!(job_flow.instances, Instances::Fleets(_)),
        sync_wait: args::sync_wait(&config)?,
        stop: &stop,
    };
    let mut search = Search::new(&aws, (&request, &locks), looking, args.search.ttl, !args.search.dry_run);
    if args.search.explain {
        return Box::pin(explain::explain(&search, &job_flow, &args.output)).await;
    }
    let wind_up = || {
        stop.send_replace(true);
        aws.emr.wind_up();
    };
    let unknown = "a job flow may still be claimed until its claim expires, or may have been started";
    let work = Box::pin(find(&args, &config, &mut search, &job_flow));
    let (found, signal) = signal::hold(work, wind_up, unknown).await?;
    match signal::ended_by(found, signal)? {
        SearchResult::Found(record) => hand_on(&args, &search, &record, signal).await,
        SearchResult::Started(record) => print(&args, &search, &record, signal).await,
        SearchResult::WouldStart => Ok(Outcome::Done),
        SearchResult::None => Ok(signal.map_or(Outcome::No, Outcome::Signal)),
    }
}

fn request(job_flow: &JobFlow) -> Result<Request> {
    let marker = job_flow.pool.as_ref().ok_or_else(|| Error::new(Outcome::Bug, "the job flow is in no pool"))?;
    let demand = Demand::of(&job_flow.instances);
    Ok(Request { pool_name: marker.pool_name.clone(), hash: marker.hash.clone(), demand })
}

/// Prints the record of a job flow that was found. After a signal it releases the claim instead, because nobody waits
/// for the record.
async fn hand_on(args: &Args, search: &Search<'_>, record: &JobFlowRecord, signal: Option<u8>) -> Result<Outcome> {
    if let Some(number) = signal {
        search.give_back(record).await;
        return Ok(Outcome::Signal(number));
    }
    if search.claims {
        let (id, pool, ttl_s) = (&record.job_flow_id, &search.request.pool_name, search.ttl.as_secs());
        emr_cli::say(&format!("Claimed job flow {id} of the pool '{pool}' for {ttl_s} s"));
    }
    print(args, search, record, signal).await
}

/// Prints the record. If that fails it releases the claim, because nobody knows of it. A job flow that was started
/// costs money, so its record is printed even after a signal.
async fn print(args: &Args, search: &Search<'_>, record: &JobFlowRecord, signal: Option<u8>) -> Result<Outcome> {
    let mut printer = args.output.printer();
    let handed_on = printer.print(record).and_then(|()| printer.finish());
    if handed_on.is_err() || printer.is_closed() {
        search.give_back(record).await;
    }
    handed_on.map_err(|error| error.on(&record.job_flow_id))?;
    Ok(signal.map_or(Outcome::Done, Outcome::Signal))
}

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

use emr_cli::{effective, signal};
use emr_core::config::Config;
use emr_core::error::{Error, Outcome, Result};
use emr_core::launch::{self, LaunchOptions};
use emr_core::model::instances::Instances;
use emr_core::model::job_flow::JobFlow;
use emr_core::model::record::JobFlowRecord;
use emr_core::model::s3_uri::S3Uri;
use emr_core::pool::{Demand, Request};
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
    let config = args.account.config()?;
    let wanted = args.launch.look_up(&config).map_err(|error| config.blamed(error))?;
    let pool = Some(args.pooling.name(&config)?);
    let made = wanted.read(&config).and_then(|options| job_flow(&LaunchOptions { pool, ..options }));
    let made = made.map_err(|error| config.blamed(error));
    if args.print_config.wanted {
        print_config(&args, &config, made.as_ref().ok().map(|(job_flow, ..)| job_flow))?;
        return made.map(|_| Outcome::Done);
    }
    let (job_flow, warnings, locks) = made?;
    for warning in warnings {
        emr_cli::warn(&warning);
    }
    let request = request(&job_flow)?;
    let stop = watch::Sender::new(false);
    let aws = args.encryption.connect(&args.account, &config).await?;
    let looking = Looking {
        emr: &aws.emr,
        demand: &request.demand,
        num_steps: args.search.num_steps,
        software: &job_flow.software,
        has_fleets: matches!(job_flow.instances, Instances::Fleets(_)),
        sync_wait: args.search.sync_wait(&config)?,
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
    let unknown = "a job flow may be claimed until its claim runs out, or may have been started";
    let work = Box::pin(find(&args, &config, &mut search, &job_flow));
    let (found, signal) = signal::hold(work, wind_up, unknown).await?;
    match signal::ended_by(found, signal)? {
        SearchResult::Found(record) => hand_on(&args, &search, &record, signal).await,
        SearchResult::Started(record) => print(&args, &search, &record, signal).await,
        SearchResult::WouldStart => Ok(Outcome::Done),
        SearchResult::None => Ok(signal.map_or(Outcome::No, Outcome::Signal)),
    }
}

/// The job flow that is asked for, warnings, and where the locks of its pool are.
fn job_flow(options: &LaunchOptions) -> Result<(JobFlow, Vec<String>, S3Uri)> {
    let (job_flow, warnings) = launch::job_flow(options)?;
    Ok((job_flow, warnings, launch::locks(options)?))
}

/// Prints what each option is, also of options that make no job flow: whoever asks wonders why.
fn print_config(args: &Args, config: &Config, job_flow: Option<&JobFlow>) -> Result<()> {
    args.search.wait(config)?;
    args.search.sync_wait(config)?;
    args.search.max_in_pool(config)?;
    args.account.connection(config)?;
    args.encryption.look_up(config)?;
    effective::print(config, job_flow, &args.output)
}

fn request(job_flow: &JobFlow) -> Result<Request> {
    let marker = job_flow.pool.as_ref().ok_or_else(|| Error::new(Outcome::Bug, "the job flow is in no pool"))?;
    let demand = Demand::of(&job_flow.instances);
    Ok(Request { pool_name: marker.pool_name.clone(), hash: marker.hash.clone(), demand })
}

/// Prints the record of a job flow that was found, unless a signal came meanwhile: then nobody waits for it.
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

/// Prints the record, and gives back a claim that nobody gets to know of. A job flow that was started costs money from
/// now on, so its record is printed whatever happens.
async fn print(args: &Args, search: &Search<'_>, record: &JobFlowRecord, signal: Option<u8>) -> Result<Outcome> {
    let mut printer = args.output.printer();
    let handed_on = printer.print(record).and_then(|()| printer.finish());
    if handed_on.is_err() || printer.is_closed() {
        search.give_back(record).await;
    }
    handed_on.map_err(|error| error.on(&record.job_flow_id))?;
    Ok(signal.map_or(Outcome::Done, Outcome::Signal))
}

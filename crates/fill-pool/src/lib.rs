//! Keeps job flows of a pool free: writes the minimum, and starts what is missing.

mod args;
mod fill;
mod minimum;
mod shortage;

use std::ffi::OsString;
use std::process::ExitCode;

use emr_aws::{Aws, PoolAt};
use emr_cli::launch::{self, Planned};
use emr_cli::{Commands, Printer, pool, signal};
use emr_core::config::Config;
use emr_core::error::{Error, Outcome, Result};
use emr_core::launch::locks;
use emr_core::model::job_flow::JobFlow;
use emr_core::model::pool::Marker;
use emr_core::model::record::JobFlowRecord;
use emr_core::model::s3_uri::S3Uri;
use emr_core::pool::minimum::Wanted;
use emr_core::pool::minimum::times::Schedule;
use emr_core::pool::{Demand, Offer, Size, locks as places};
use emr_core::stdin::Places;
use tokio::sync::watch;

use args::Args;
use fill::Fill;
use minimum::{Kept, MinimumAt};

/// Runs the tool with these words of a command line, its own name first.
#[must_use]
pub fn run(words: Vec<OsString>) -> ExitCode {
    emr_cli::run(words, fill_pool)
}

async fn fill_pool(args: Args) -> Result<Outcome> {
    let schedule = args.schedule()?;
    let config = args.account.config_with(args.typed())?;
    let name = |config: &_, decisions: &mut _| pool::name(config, decisions).map(Some);
    let planned = launch::plan(&config, name, &args.print_config, &args.output)?;
    let Some(Planned { options, job_flow }) = planned else { return Ok(Outcome::Done) };
    let locks = locks(&options)?;
    let aws = args.account.connect_recorded(&config, Places::default(), &args.history).await?;
    let stop = watch::Sender::new(false);
    let wind_up = || {
        stop.send_replace(true);
        aws.emr.wind_up();
    };
    let unknown = "a job flow may have been started, or the minimum written";
    let mut printer = args.output.printer();
    let account = Account { aws: &aws, config: &config, locks: &locks, stop: &stop };
    let work = Box::pin(account.keep(&args, &schedule, &job_flow, &mut printer));
    let (done, signal) = signal::hold(work, wind_up, unknown).await?;
    // What was started is printed, however the run ended.
    let finished = printer.finish();
    let outcome = signal::ended_by(done, signal)?;
    finished?;
    Ok(signal.map_or(outcome, Outcome::Signal))
}

/// The account, and where its pools keep their locks.
struct Account<'a> {
    aws: &'a Aws,
    config: &'a Config,
    locks: &'a S3Uri,
    stop: &'a watch::Sender<bool>,
}

impl Account<'_> {
    /// Writes the minimum or takes it back, and starts what is missing.
    async fn keep(
        &self,
        args: &Args,
        schedule: &Schedule,
        job_flow: &JobFlow,
        printer: &mut Printer<JobFlowRecord>,
    ) -> Result<Outcome> {
        let marker = job_flow.pool.as_ref().ok_or_else(|| Error::new(Outcome::Bug, "the job flow is in no pool"))?;
        let Marker { pool_name: name, hash, .. } = marker;
        let uri = places::of_minimum(self.locks, name, hash, self.aws.region());
        let at = MinimumAt { s3: &self.aws.s3, uri: &uri, pool: name, dry_run: args.dry_run };
        if args.forget {
            return at.forget().await;
        }
        let wanted = wanted(args, schedule, job_flow);
        let Kept { now, contradiction } = at.keep(&wanted, schedule).await?;
        let filled = if schedule.holds_at(now) {
            let fill = Fill {
                aws: self.aws,
                commands: &Commands::of(&args.account, self.config)?,
                pool: PoolAt { marker, locks: self.locks },
                wanted: &wanted,
                job_flow,
                most: args::max_in_pool(self.config)?,
                sync_wait: args::sync_wait(self.config)?,
                stop: self.stop,
                dry_run: args.dry_run,
            };
            fill.fill(printer).await
        } else {
            let tell = if args.dry_run { emr_cli::say } else { emr_cli::detail };
            tell(&format!("the minimum of the pool '{name}' does not hold at this time, so none is started"));
            Ok(())
        };
        outcome(filled, contradiction)
    }
}

/// The outcome of a run that may have failed, and may have replaced another run's minimum. Both are told. That two lines
/// fight lasts until somebody acts, so it counts for more than a failure that a later run may get over.
fn outcome(filled: Result<()>, contradiction: Option<Error>) -> Result<Outcome> {
    let (error, other) = match (filled, contradiction) {
        (Ok(()), None) => return Ok(Outcome::Done),
        (Ok(()), Some(only)) | (Err(only), None) => return Err(only),
        (Err(error), Some(contradiction)) if error.outcome == Outcome::TryAgain => (contradiction, error),
        (Err(error), Some(contradiction)) => (error, contradiction),
    };
    emr_cli::complain(&other.to_string());
    Err(error)
}

fn wanted(args: &Args, schedule: &Schedule, job_flow: &JobFlow) -> Wanted {
    Wanted {
        min_idle: args.min_idle(),
        at: schedule.at.iter().map(|times| times.as_str().to_owned()).collect(),
        tz: schedule.zone.name().to_owned(),
        keep_s: args.keep().as_secs(),
        demand: Demand::of(&job_flow.instances),
        software: job_flow.software.clone(),
        vcpus: Size::of(&Offer::of(&job_flow.instances)).and_then(|size| size.vcpus),
    }
}

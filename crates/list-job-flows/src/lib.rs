//! Lists job flows.

mod gauges;
mod idle;
mod minimum;
mod size;

use std::cell::{Cell, RefCell};
use std::collections::HashSet;
use std::ffi::OsString;
use std::process::ExitCode;

use clap::Parser;
use emr_aws::emr::ClusterFilter;
use emr_cli::progress::{self, Bar};
use emr_cli::{Accounts, Choice, Failures, History, Printer, Report, ReportOutput, Side, Sides};
use emr_core::claim::quota;
use emr_core::error::{Error, Outcome, Result};
use emr_core::metrics::Metrics;
use emr_core::model::cluster::{Cluster, ClusterState};
use emr_core::model::pool::{Marker, PoolName};
use emr_core::model::record::JobFlowRecord;
use emr_core::model::time::{self, Time};
use emr_core::pool;
use futures_util::{Stream, StreamExt, stream};

use minimum::Minimums;

const EXAMPLES: &str = "\
Examples:
  list-job-flows
  list-job-flows --state WAITING --output id
  list-job-flows --pool-name etl
  list-job-flows --size --output table
  list-job-flows --region all --profile dev --profile prod --output table
  list-job-flows -q --output prometheus --output-file /var/lib/node_exporter/emr.prom
  list-job-flows --idle | jq -r 'select(.idle_s > 3600 and .busy_because == null) | .job_flow_id'
  list-job-flows --all --created-after 2026-11-01T00:00:00Z | wc -l";

/// Job flows looked at together; enough to use EMR's burst of ten.
const LOOKS_AT_ONCE: usize = 8;

/// List job flows
///
/// Lists the job flows that are starting, running or waiting, in no particular order. The SIZE in a table is instances
/// and virtual CPUs (12/48). Pooled job flows have it in their Names; --size asks EMR for the others. With --idle, a
/// record has `idle_s`, as terminate-idle-job-flows counts it, and `busy_because` if a claim, a session, a step, the
/// minimum of its pool or something else keeps the job flow from being idle. One of a pool has `free`: whether a job could
/// claim it.
///
/// --output prometheus sums up what --idle tells: by pool, the job flows that are free, claimed, starting and idle, their
/// idle time, and their size.
///
/// Regions and accounts are asked side by side. One that fails does not stop the others; the largest exit code counts.
#[derive(Debug, Parser)]
#[command(version, after_long_help = EXAMPLES)]
#[expect(clippy::struct_excessive_bools, reason = "each is an option of its own on the command line")]
struct Args {
    /// Only those in this state; separate several by commas, or repeat the option
    #[arg(long = "state", value_name = "STATE", value_delimiter = ',', value_parser = states())]
    states: Vec<ClusterState>,

    /// Those in every state; EMR lists ended ones for two months
    #[arg(long, conflicts_with = "states")]
    all: bool,

    /// Only those created after this time, or this long ago
    #[arg(long, value_name = "TIME", value_parser = time::read)]
    created_after: Option<Time>,

    /// Only those created before this time, or this long ago
    #[arg(long, value_name = "TIME", value_parser = time::read)]
    created_before: Option<Time>,

    /// Only those whose Name contains this text
    #[arg(long, value_name = "TEXT")]
    name: Option<String>,

    /// Only those of this pool
    #[arg(long, value_name = "NAME")]
    pool_name: Option<PoolName>,

    /// Only those in a pool
    #[arg(long)]
    pooled_only: bool,

    /// Ask how long each has been without work, and what keeps it busy. Takes two or more calls for each that is up;
    /// EMR answers about one in two seconds
    #[arg(long)]
    idle: bool,

    /// Ask for the size of those whose Names do not say it, with two calls for each that is up
    #[arg(long)]
    size: bool,

    /// Leave idle times out, and do not say so with -v
    #[arg(long, conflicts_with = "idle", hide = true)]
    no_idle: bool,

    #[command(flatten)]
    output: ReportOutput,

    #[command(flatten)]
    accounts: Accounts,
}

/// Parses a state. EMR documents these.
fn states() -> Choice<ClusterState, Error> {
    Choice::new(str::parse, || ClusterState::NAMES.to_vec())
}

/// Runs the tool with these words of a command line, its own name first.
#[must_use]
pub fn run(words: Vec<OsString>) -> ExitCode {
    emr_cli::run(words, list_job_flows)
}

async fn list_job_flows(args: Args) -> Result<Outcome> {
    let mut report = args.output.begin(args.accounts.account(), &History::default(), &[])?;
    let sides = match sides(&args).await {
        Ok(sides) => sides,
        Err(error) => return report.end(Err(error), emr_cli::clock::now()),
    };
    report.is_of(&sides);
    let listed = args.output.guard(list_all(&args, &sides, &mut report)).await;
    report.end(listed, sides.now())
}

/// Where to ask. With a time that is relative a line of cron may be wrong one day that was right before: its gauges tell.
async fn sides(args: &Args) -> Result<Sides> {
    args.check()?;
    args.accounts.sides().await
}

async fn list_all(args: &Args, sides: &Sides, report: &mut Report) -> Result<Outcome> {
    let printer = RefCell::new(report.printer());
    let out = Out { printer, report, measured: RefCell::default(), waits: Cell::default() };
    let listed = sides.each(|side| Box::pin(list_side(args, side, &out))).await;
    out.printer.borrow_mut().finish()?;
    if listed.is_ok() && out.waits.get() && !args.no_idle && args.output.is_for_programs() {
        emr_cli::detail("idle_s is left out; --idle adds it, with a call or two for each job flow that is up");
    }
    for metrics in out.measured.into_inner() {
        report.add(metrics);
    }
    listed.map(|whole| whole.outcome)
}

/// What the listings of all regions share.
struct Out<'a> {
    printer: RefCell<Printer<JobFlowRecord>>,
    report: &'a Report,
    /// The gauges of the regions that were seen whole.
    measured: RefCell<Vec<Metrics>>,
    /// Whether a job flow waits whose idle time is not asked for.
    waits: Cell<bool>,
}

/// Lists the job flows of one region.
async fn list_side(args: &Args, side: &Side, out: &Out<'_>) -> Result<Outcome> {
    let mut metrics = out.report.metrics_of(side);
    if let Some(metrics) = &mut metrics {
        gauges::begin(metrics, args.pool_name.as_ref().map(PoolName::as_str), args.states());
    }
    let mut listing = Listing { side, args, out, metrics, failures: Failures::first_few() };
    let listed =
        if args.idle || args.output.measures() { list_idle(&mut listing).await } else { list(&mut listing).await };
    listing.failures.rest(|text| side.said(text));
    listed?;
    out.measured.borrow_mut().extend(listing.metrics);
    Ok(listing.failures.outcome())
}

/// Prints each page as it arrives.
async fn list(listing: &mut Listing<'_>) -> Result<()> {
    let args = listing.args;
    let mut pages = listing.side.aws.emr.clusters(args.filter());
    while !listing.is_closed()
        && let Some(page) = pages.next().await?
    {
        let wanted: Vec<_> = page.into_iter().filter(|cluster| args.wants(cluster)).collect();
        if wanted.iter().any(|cluster| cluster.state == ClusterState::Waiting) {
            listing.out.waits.set(true);
        }
        listing.print(wanted).await?;
    }
    Ok(())
}

/// Lists all of them first, to know how long their idle times will take.
async fn list_idle(listing: &mut Listing<'_>) -> Result<()> {
    let args = listing.args;
    let mut pages = listing.side.aws.emr.clusters(args.filter());
    let (mut clusters, mut seen) = (Vec::new(), HashSet::new());
    while let Some(page) = pages.next().await? {
        // What changes its state while EMR lists may be on two pages.
        clusters.extend(page.into_iter().filter(|cluster| args.wants(cluster) && seen.insert(cluster.id.clone())));
    }
    listing.print_idle(clusters).await
}

/// The records of a listing, on their way to the report.
struct Listing<'a> {
    side: &'a Side,
    args: &'a Args,
    out: &'a Out<'a>,
    /// What is measured, if gauges are asked for.
    metrics: Option<Metrics>,
    failures: Failures,
}

impl Listing<'_> {
    /// Whether nobody reads what is printed any more.
    fn is_closed(&self) -> bool {
        self.out.printer.borrow().is_closed()
    }

    /// Prints the records of `clusters`.
    async fn print(&mut self, clusters: Vec<Cluster>) -> Result<()> {
        let records = clusters.into_iter().map(|cluster| (pool::record(cluster), None));
        self.print_each(stream::iter(records), &Bar::hidden()).await
    }

    /// Prints `records`, each with the error so far. A record with an error is printed without the missing part, and
    /// the exit code reports the error.
    async fn print_each(&mut self, records: impl Stream<Item = Told>, bar: &Bar) -> Result<()> {
        let (aws, asks_size) = (&self.side.aws, self.args.size);
        let sized = records.map(|(record, failure)| async move {
            let (record, other) = if asks_size { size::look(aws, record).await } else { (record, None) };
            (record, failure.or(other))
        });
        let mut sized = std::pin::pin!(sized.buffered(LOOKS_AT_ONCE));
        while let Some((record, failure)) = sized.next().await {
            bar.inc(u64::from(is_asked(&record.state)));
            if let Some(error) = failure {
                self.failures.add(&self.side.blame(error));
            }
            self.out.printer.borrow_mut().print(&record)?;
            if let Some(metrics) = &mut self.metrics {
                gauges::count(metrics, &record, self.args.states());
            }
            if self.is_closed() {
                break;
            }
        }
        Ok(())
    }

    /// Prints the records of `clusters` with their idle times.
    async fn print_idle(&mut self, clusters: Vec<Cluster>) -> Result<()> {
        let bar = foretell(self.side, &clusters);
        let aws = &self.side.aws;
        let minimums = &Minimums::new(aws);
        let looks = stream::iter(clusters).map(|cluster| idle::look(aws, minimums, cluster)).buffered(LOOKS_AT_ONCE);
        let printed = self.print_each(looks, &bar).await;
        bar.finish_and_clear();
        printed
    }
}

/// A record, and the error if a part of it is missing.
type Told = (JobFlowRecord, Option<Error>);

/// Whether the idle time of a job flow in this `state` takes calls.
fn is_asked(state: &ClusterState) -> bool {
    matches!(state, ClusterState::Waiting | ClusterState::Running)
}

/// Says how long the idle times of `clusters` will take if that is long, and returns a progress bar.
fn foretell(side: &Side, clusters: &[Cluster]) -> Bar {
    let asked = clusters.iter().filter(|cluster| is_asked(&cluster.state)).count();
    let seconds = quota::duration("ListSteps", asked).as_secs();
    if seconds > 0 {
        let text = format!("asking for the steps of {asked} job flows, which takes about {seconds} s");
        emr_cli::foretell(&side.said(&text));
    }
    progress::count("idle times", u64::try_from(asked).unwrap_or(u64::MAX))
}

impl Args {
    /// Refuses times between which there is none.
    fn check(&self) -> Result<()> {
        let ClusterFilter { created_after, created_before, .. } = self.filter();
        if created_after.zip(created_before).is_some_and(|(after, before)| after >= before) {
            let error = Error::usage("--created-after is not before --created-before");
            return Err(error.advise("let --created-after be the earlier time"));
        }
        Ok(())
    }

    /// The states that are asked for; with `all` others are listed, too.
    fn states(&self) -> &[ClusterState] {
        if self.states.is_empty() { &ClusterState::ALIVE } else { &self.states }
    }

    fn filter(&self) -> ClusterFilter {
        let now = emr_cli::clock::now();
        let states = if self.all { Vec::new() } else { self.states().to_vec() };
        ClusterFilter {
            states,
            created_after: self.created_after.map(|time| time.at(now)),
            created_before: self.created_before.map(|time| time.at(now)),
        }
    }

    fn wants(&self, cluster: &Cluster) -> bool {
        let named = self.name.as_ref().is_none_or(|text| cluster.name.contains(text));
        named && self.wants_pool_of(cluster)
    }

    fn wants_pool_of(&self, cluster: &Cluster) -> bool {
        let pool = Marker::read(&cluster.name).map(|marker| marker.pool_name);
        if self.pool_name.is_some() { pool == self.pool_name } else { pool.is_some() || !self.pooled_only }
    }
}

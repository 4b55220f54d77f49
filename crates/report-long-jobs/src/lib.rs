//! Reports job flows and steps that take too long.

mod exclude;
mod long_jobs;
mod record;

use std::cell::RefCell;
use std::ffi::OsString;
use std::process::ExitCode;
use std::time::Duration;

use chrono::{DateTime, Utc};
use clap::Parser;
use emr_aws::Emr;
use emr_aws::emr::ClusterFilter;
use emr_cli::{Failures, Output, Printer, Regions, Side};
use emr_core::error::{Outcome, Result};
use emr_core::model::cluster::{Cluster, ClusterState};
use emr_core::model::step::Step;
use emr_core::model::time;
use futures_util::{StreamExt, stream};

use crate::long_jobs::Unfinished;
use crate::record::LongJobRecord;
use exclude::Exclusion;

const EXAMPLES: &str = "\
Examples:
  report-long-jobs
  report-long-jobs --min-hours 6 --exclude-tag long-running
  report-long-jobs --min-hours 48 -x team,research --output table
  report-long-jobs --region all -q
  report-long-jobs --min-hours 72 | terminate-job-flow";

/// Job flows looked at together; enough to use EMR's burst of ten.
const LOOKS_AT_ONCE: usize = 8;

/// How far this machine's clock may differ from EMR's, which filters by creation time: signatures allow no more.
const CLOCKS_APART: Duration = Duration::from_mins(15);

/// Report job flows and steps that take too long
///
/// Reports job flows that have been starting or bootstrapping, and steps that have been running, for longer than
/// --min-hours. If a job flow runs no step, it reports the oldest pending one, which should have started. Prints
/// nothing if there are none, because cron mails all output.
///
/// Regions are asked side by side. One that fails does not stop the others; the largest exit code counts.
#[derive(Debug, Parser)]
#[command(version, after_long_help = EXAMPLES)]
struct Args {
    /// How long is too long
    #[arg(long, value_name = "HOURS", default_value = "24", value_parser = time::hours)]
    min_hours: Duration,

    /// Leave out job flows with this tag; may be repeated
    #[arg(long, value_name = "KEY[=VALUE]", value_parser = Exclusion::read)]
    exclude_tag: Vec<Exclusion>,

    /// The same in mrjob's form
    #[arg(short = 'x', long, value_name = "KEY,VALUE", value_parser = Exclusion::read_with_comma)]
    exclude: Vec<Exclusion>,

    #[command(flatten)]
    output: Output,

    #[command(flatten)]
    regions: Regions,
}

/// Runs the tool with these words of a command line, its own name first.
#[must_use]
pub fn run(words: Vec<OsString>) -> ExitCode {
    emr_cli::run(words, report_long_jobs)
}

async fn report_long_jobs(args: Args) -> Result<Outcome> {
    let sides = args.regions.sides().await?;
    let excluded = [args.exclude_tag, args.exclude].concat();
    let printer = RefCell::new(args.output.printer());
    let reported = sides.each(|side| {
        let looking = Looking { emr: &side.aws.emr, least: args.min_hours, excluded: &excluded };
        Box::pin(Report { side, looking, printer: &printer, failures: Failures::default() }.run())
    });
    let reported = reported.await;
    printer.borrow_mut().finish()?;
    reported.map(|whole| whole.outcome)
}

/// Nothing on a job flow is older than the job flow, so EMR can leave out the young ones.
fn filter(least: Duration) -> ClusterFilter {
    ClusterFilter {
        states: vec![ClusterState::Starting, ClusterState::Bootstrapping, ClusterState::Running],
        created_before: Some(emr_cli::clock::now() - least + CLOCKS_APART),
        ..Default::default()
    }
}

/// The report on one region.
struct Report<'a> {
    side: &'a Side,
    looking: Looking<'a>,
    printer: &'a RefCell<Printer<LongJobRecord>>,
    failures: Failures,
}

impl Report<'_> {
    async fn run(mut self) -> Result<Outcome> {
        let mut pages = self.side.aws.emr.clusters(filter(self.looking.least));
        while let Some(page) = pages.next().await? {
            self.print(page).await?;
            if self.printer.borrow().is_closed() {
                break;
            }
        }
        Ok(self.failures.outcome())
    }

    /// Prints the long jobs on the clusters of a page. An error about one cluster does not stop the others.
    async fn print(&mut self, page: Vec<Cluster>) -> Result<()> {
        let looking = &self.looking;
        let mut looks = stream::iter(page).map(|cluster| looking.records(cluster)).buffered(LOOKS_AT_ONCE);
        while let Some(records) = looks.next().await {
            let records = records.unwrap_or_else(|error| {
                self.failures.add(&self.side.blame(error));
                Vec::new()
            });
            for record in records {
                self.printer.borrow_mut().print(&record)?;
            }
        }
        Ok(())
    }
}

/// How to look at clusters.
struct Looking<'a> {
    emr: &'a Emr,
    least: Duration,
    excluded: &'a [Exclusion],
}

impl Looking<'_> {
    async fn records(&self, cluster: Cluster) -> Result<Vec<LongJobRecord>> {
        let mut steps = Vec::new();
        if cluster.state == ClusterState::Running {
            steps = self.emr.unfinished_steps(&cluster.id).await?;
        }
        // A step that has been pending for too long may have waited for another, which has ended since.
        if long_jobs::is_stuck(&steps) && !self.long(&cluster, &steps).is_empty() {
            steps.extend(self.latest_ended(&cluster).await?);
        }
        let long = self.long(&cluster, &steps);
        if long.is_empty() || self.is_excluded(&cluster).await? {
            return Ok(Vec::new());
        }
        let now = self.emr.now();
        Ok(long.into_iter().map(|unfinished| record(&cluster, unfinished, now)).collect())
    }

    fn long(&self, cluster: &Cluster, steps: &[Step]) -> Vec<Unfinished> {
        let now = self.emr.now();
        let mut long = long_jobs::unfinished(cluster, steps);
        long.retain(|unfinished| age(unfinished.since, now) >= self.least);
        long
    }

    /// The newest of the ended steps. If steps run one at a time, the one that ended last is among them.
    async fn latest_ended(&self, cluster: &Cluster) -> Result<Vec<Step>> {
        let mut pages = self.emr.steps(&cluster.id);
        while let Some(mut page) = pages.next().await? {
            page.retain(|step| step.ended_at.is_some());
            if !page.is_empty() {
                return Ok(page);
            }
        }
        Ok(Vec::new())
    }

    /// Asks for tags only where something takes long.
    async fn is_excluded(&self, cluster: &Cluster) -> Result<bool> {
        if self.excluded.is_empty() {
            return Ok(false);
        }
        let tags = self.emr.describe_cluster(&cluster.id).await?.tags;
        Ok(self.excluded.iter().any(|exclusion| exclusion.holds(&tags)))
    }
}

fn age(since: DateTime<Utc>, now: DateTime<Utc>) -> Duration {
    (now - since).to_std().unwrap_or_default()
}

fn record(cluster: &Cluster, Unfinished { step, since }: Unfinished, now: DateTime<Utc>) -> LongJobRecord {
    let state = step.as_ref().map_or_else(|| cluster.state.to_string(), |step| step.state.to_string());
    let (step_id, step_name) = step.map(|step| (step.id, step.name)).unzip();
    LongJobRecord {
        job_flow_id: cluster.id.clone(),
        name: cluster.name.clone(),
        step_id,
        step_name,
        state,
        since: Some(since),
        duration_s: age(since, now).as_secs(),
        place: cluster.place.clone(),
    }
}

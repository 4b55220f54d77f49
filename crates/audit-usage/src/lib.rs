//! Reports what job flows used and wasted.
//!
//! Archived job flows are read from a file, the others are asked of EMR ([`survey`]). Each goes through the report of
//! `emr_core::usage` as it comes, and then into the archive if it has ended.

mod archive;
mod coverage;
mod record;
mod survey;

use std::cell::RefCell;
use std::ffi::OsString;
use std::path::{Path, PathBuf};
use std::process::ExitCode;
use std::time::Duration;

use chrono::{DateTime, Utc};
use clap::Parser;
use emr_cli::{Account, Choice, Failures, Output};
use emr_core::error::{Error, Outcome, Result};
use emr_core::model::cluster::Cluster;
use emr_core::model::time::{self, Time};
use emr_core::usage::{GroupBy, JobFlow, Prices, Report, Window};

use crate::archive::Archive;
use crate::coverage::Coverage;
use crate::record::UsageRecord;
use crate::survey::{PARTS_OF_QUOTA, Survey};

const EXAMPLES: &str = "\
Examples:
  audit-usage
  audit-usage --list-only --group-by owner --since 7d
  audit-usage --budget 10m --group-by job,day --archive ~/emr-usage.jsonl
  audit-usage --archive ~/emr-usage.jsonl --group-by pool --prices prices.txt --output table
  audit-usage --group-by job_flow | jq -r 'select(.idle_at_end_vcpu_h > 100) | .group'";

/// Report what job flows used and wasted
///
/// Divides the life of each job flow into the time in which it was starting, steps ran that completed or still run, steps
/// ran that failed, none ran and one would (between), and none ran any more (at the end). Adds these up in wall time and
/// in vCPU-hours. A second belongs to one job: that of the step that ran, or else of the one before it.
///
/// EMR is asked for the steps of the dearest job flows first, within half of the account's quotas. It forgets a job flow
/// two months after its end; --archive does not.
#[derive(Debug, Parser)]
#[command(version, after_long_help = EXAMPLES)]
struct Args {
    /// Sums by this, each in records of its own; several are separated by commas, or the option is repeated
    #[arg(long, value_name = "WHAT", value_delimiter = ',', default_value = "pool", value_parser = groups())]
    group_by: Vec<GroupBy>,

    /// Only what was after this time (RFC 3339) or this long ago (such as 7d)
    #[arg(long, value_name = "TIME", value_parser = time::read)]
    since: Option<Time>,

    /// Only what was before this time (RFC 3339) or this long ago
    #[arg(long, value_name = "TIME", value_parser = time::read)]
    until: Option<Time>,

    /// Ask for the list alone, fifty job flows a call: what came after a start is unknown, and sizes are those of Names
    #[arg(long, conflicts_with = "budget")]
    list_only: bool,

    /// Begin no look at a job flow after so long (such as 10m); the others are unknown
    #[arg(long, value_name = "DURATION", value_parser = budget)]
    budget: Option<Duration>,

    /// Keep job flows that have ended in this file, a line of JSON each, and ask only for those that are not in it
    #[arg(long, value_name = "FILE")]
    archive: Option<PathBuf>,

    /// Sum up dollars by this file: a line for each instance type, such as 'm5.xlarge 0.24' (dollars an hour)
    #[arg(long, value_name = "FILE")]
    prices: Option<PathBuf>,

    #[command(flatten)]
    output: Output,

    #[command(flatten)]
    account: Account,
}

/// Reads what to group by.
fn groups() -> Choice<GroupBy, Error> {
    Choice::new(str::parse, || GroupBy::NAMES.to_vec())
}

/// Reads a budget, of which a bare number would be anybody's guess.
fn budget(text: &str) -> Result<Duration> {
    match text.parse::<f64>() {
        Ok(_) => Err(Error::usage(format!("'{text}' has no unit")).advise("write 90s, 10m or 1h")),
        Err(_) => time::duration(text),
    }
}

/// Runs the tool with these words of a command line, its own name first.
#[must_use]
pub fn run(words: Vec<OsString>) -> ExitCode {
    emr_cli::run(words, audit_usage)
}

async fn audit_usage(args: Args) -> Result<Outcome> {
    let prices = args.prices.as_deref().map(prices).transpose()?;
    let aws = args.account.aws().await?;
    aws.emr.divide_quotas(PARTS_OF_QUOTA);
    let window = args.window()?;
    let mut audit = Audit::new(Report::new(window, prices, &args.group_by));
    let survey = Survey::new(&aws.emr, window, args.time());
    let archive = args
        .archive
        .clone()
        .map(|path| Archive::read(path, |job_flow| audit.add(&job_flow, survey.now())))
        .transpose()?;
    let mut failures = Failures::default();
    audit.ask(&survey, archive.map(RefCell::new), &mut failures).await?;
    audit.print(&args)?;
    Ok(failures.outcome())
}

/// The prices in the file at `path`.
fn prices(path: &Path) -> Result<Prices> {
    let text = std::fs::read_to_string(path).map_err(|cause| Error::file("read", path, &cause))?;
    Prices::read(&text).map_err(|error| error.on(path.display()))
}

impl Args {
    fn window(&self) -> Result<Window> {
        let now = emr_cli::clock::now();
        let at = |time: Option<Time>| time.map(|time| time.at(now));
        let window = Window { since: at(self.since), until: at(self.until) };
        match (window.since, window.until) {
            (Some(since), Some(until)) if since >= until => {
                Err(Error::usage("--since is not before --until").advise("let --since be the earlier time"))
            }
            _ => Ok(window),
        }
    }

    /// How long job flows may be looked at; `None` for however long it takes.
    fn time(&self) -> Option<Duration> {
        if self.list_only { Some(Duration::ZERO) } else { self.budget }
    }
}

/// A report, and how much of what it is on was looked at.
struct Audit {
    report: Report,
    coverage: Coverage,
}

impl Audit {
    fn new(report: Report) -> Self {
        Self { report, coverage: Coverage::default() }
    }

    fn add(&mut self, job_flow: &JobFlow, now: DateTime<Utc>) {
        if let Some(reckoning) = self.report.add(job_flow, now) {
            self.coverage.note(job_flow, &reckoning.parts);
        }
    }

    /// Asks EMR for what is not archived, adds it, and archives what has ended.
    async fn ask(
        &mut self,
        survey: &Survey<'_>,
        archive: Option<RefCell<Archive>>,
        failures: &mut Failures,
    ) -> Result<()> {
        let is_new = |cluster: &Cluster| archive.as_ref().is_none_or(|archive| !archive.borrow().has(&cluster.id));
        let add = |job_flow: JobFlow| {
            let now = survey.now();
            self.add(&job_flow, now);
            match &archive {
                Some(archive) if job_flow.is_final(now) => archive.borrow_mut().add(&job_flow),
                _ => Ok(()),
            }
        };
        survey.run(is_new, failures, add).await
    }

    fn print(&self, args: &Args) -> Result<()> {
        let mut printer = args.output.printer();
        for (by, group, totals) in self.report.groups() {
            printer.print(&UsageRecord::new(by, group, totals, args.prices.is_some()))?;
        }
        printer.finish()?;
        emr_cli::say(&self.coverage.summary(self.report.total()));
        Ok(())
    }
}

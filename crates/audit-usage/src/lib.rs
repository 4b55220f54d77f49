//! Reports what job flows used and wasted.
//!
//! Archived job flows are read from a file, the others are asked of EMR in each region ([`asking`], [`survey`]). Each
//! goes through the report of `emr_core::usage` as it comes, and then into the archive if it has ended.

mod archive;
mod asking;
mod coverage;
mod gauges;
mod html;
mod record;
mod survey;
#[cfg(feature = "untrusted")]
pub mod untrusted;

use std::collections::HashSet;
use std::ffi::OsString;
use std::path::{Path, PathBuf};
use std::process::ExitCode;
use std::time::Duration;

use chrono::{DateTime, Utc};
use clap::Parser;
use emr_cli::{Accounts, Choice, History, ReportOutput, Sides};
use emr_core::error::{Error, Outcome, Result};
use emr_core::model::time::{self, Time};
use emr_core::usage::{GroupBy, JobFlow, Prices, Report, Window};

use crate::archive::Archive;
use crate::asking::{Asked, Asking};
use crate::coverage::Coverage;
use crate::html::Page;
use crate::record::UsageRecord;

const EXAMPLES: &str = "\
Examples:
  audit-usage
  audit-usage --list-only --group-by owner --since 7d
  audit-usage --budget 10m --group-by job,day --archive ~/emr-usage.jsonl
  audit-usage --archive ~/emr-usage.jsonl --group-by pool --prices prices.txt --output table
  audit-usage --archive ~/emr-usage.jsonl --since 30d --html ~/public_html/emr.html -q > /dev/null
  audit-usage --list-only -q --output prometheus --output-file /var/lib/node_exporter/emr-usage.prom
  audit-usage --region all --profile dev --profile prod --group-by region,owner
  audit-usage --group-by job_flow | jq -r 'select(.idle_at_end_vcpu_h > 100) | .group'";

/// Report what job flows used and wasted
///
/// The life of each job flow is divided into parts that add up to it: starting, used (a step runs that completes), failed
/// (a step runs that does not), idle between steps, and idle at the end. Their sums are printed in wall time and in
/// vCPU-hours. Each second belongs to one job: that of the step that runs, or else of the one before it.
///
/// EMR is asked for the steps of the dearest job flows first, within half of the account's quotas. It forgets a job flow
/// two months after its end; --archive does not. Regions and accounts are asked side by side. The sums of those that
/// answer are printed even if one fails; the largest exit code counts.
///
/// --output prometheus has the parts in seconds and vCPU-seconds, of all job flows and of each pool, owner, job or instance
/// type, as --group-by picks.
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

    /// Stop looking at job flows so long (such as 10m) after the list is read; the others are unknown
    #[arg(long, value_name = "DURATION", value_parser = budget)]
    budget: Option<Duration>,

    /// Keep job flows that have ended in this file, a line of JSON each, and ask only for those that are not in it
    #[arg(long, value_name = "FILE")]
    archive: Option<PathBuf>,

    /// Sum up dollars by this file: a line for each instance type, such as 'm5.xlarge 0.24' (dollars an hour)
    #[arg(long, value_name = "FILE")]
    prices: Option<PathBuf>,

    /// Write a page with charts and tables to this file, which loads nothing from elsewhere
    #[arg(long, value_name = "FILE")]
    html: Option<PathBuf>,

    #[command(flatten)]
    output: ReportOutput,

    #[command(flatten)]
    accounts: Accounts,
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
    args.check()?;
    let mut report = args.output.begin(args.accounts.account(), &History::default(), &args.files())?;
    let (sums, sides) = match begin(&args).await {
        Ok(begun) => begun,
        Err(error) => return report.end(Err(error), emr_cli::clock::now()),
    };
    report.is_of(&sides);
    let audited = args.output.guard(Box::pin(audit(&args, sums, &sides, &mut report))).await;
    report.end(audited, sides.now())
}

/// The sums, with nothing in them, and where to ask.
async fn begin(args: &Args) -> Result<(Report, Sides)> {
    let prices = args.prices.as_deref().map(prices).transpose()?;
    let sides = args.accounts.sides().await?;
    Ok((Report::new(args.window()?, prices, &args.groups()), sides))
}

async fn audit(args: &Args, sums: Report, sides: &Sides, report: &mut emr_cli::Report) -> Result<Outcome> {
    let page = args.html.as_deref().map(Page::new).transpose()?;
    let mut audit = Audit::new(sums, page);
    let archive = args.archive.clone().map(|path| audit.read(path, sides)).transpose()?;
    let asked = Box::pin(Asking::new(audit, archive, args.window()?).ask(args, sides)).await?;
    asked.audit.print(args, report)?;
    asked.finish(args, sides.now())?;
    Ok(asked.outcome)
}

/// The prices in the file at `path`.
fn prices(path: &Path) -> Result<Prices> {
    let text = std::fs::read_to_string(path).map_err(|cause| Error::file("read", path, &cause))?;
    Prices::read(&text).map_err(|error| error.on(path.display()))
}

/// The error of a place that holds no file which can be written line by line or be replaced.
fn no_plain_file(path: &Path) -> Error {
    Error::new(Outcome::Io, format!("cannot write {}: it is no plain file", path.display()))
}

impl Args {
    /// The options that name files, and those.
    fn files(&self) -> Vec<(&str, &Path)> {
        let files = [("--archive", &self.archive), ("--prices", &self.prices), ("--html", &self.html)];
        files.into_iter().filter_map(|(option, path)| Some((option, path.as_deref()?))).collect()
    }

    /// Refuses gauges of what there is ever more of.
    fn check(&self) -> Result<()> {
        let refused = self.group_by.iter().find(|by| self.output.measures() && gauges::of_group(**by).is_none());
        refused.map_or(Ok(()), |by| {
            Err(Error::usage(format!("--output prometheus cannot be used with --group-by {by}"))
                .advise("a monitor keeps each group for long, and of these there are ever more; its groups are region, pool, owner, job and instance_type"))
        })
    }

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

    /// What is summed up: what is asked for, and what the page has besides.
    fn groups(&self) -> Vec<GroupBy> {
        let of_page = if self.html.is_some() { &html::GROUPS[..] } else { &[] };
        let mut groups = Vec::new();
        for by in self.group_by.iter().chain(of_page) {
            if !groups.contains(by) {
                groups.push(*by);
            }
        }
        groups
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
    page: Option<Page>,
}

impl Audit {
    fn new(report: Report, page: Option<Page>) -> Self {
        Self { report, coverage: Coverage::default(), page }
    }

    fn add(&mut self, job_flow: &JobFlow, now: DateTime<Utc>) {
        if let Some(reckoning) = self.report.add(job_flow, now) {
            self.coverage.note(job_flow, &reckoning.parts);
            if let Some(page) = &mut self.page {
                page.add(job_flow, &reckoning);
            }
        }
    }

    /// Reads the archive at `path`, and adds what is in it of the regions that are asked. Of older lines the region is
    /// not known, and they count, too.
    fn read(&mut self, path: PathBuf, sides: &Sides) -> Result<Archive> {
        let now = emr_cli::clock::now();
        let regions: HashSet<&str> = sides.all().iter().map(|side| side.aws.region()).collect();
        let mut elsewhere = 0_u64;
        let archive = Archive::read(path, |job_flow| match &job_flow.region {
            Some(region) if !regions.contains(region.as_str()) => elsewhere += 1,
            _ => self.add(&job_flow, now),
        })?;
        if elsewhere > 0 {
            emr_cli::detail(&format!("{elsewhere} job flows in the archive are of other regions, and do not count"));
        }
        Ok(archive)
    }

    fn print(&self, args: &Args, report: &mut emr_cli::Report) -> Result<()> {
        let mut printer = report.printer();
        if let Some(metrics) = report.metrics() {
            gauges::measure_all(metrics, self.report.total(), &self.coverage, args.prices.is_some());
        }
        for (by, group, totals) in self.report.groups().filter(|(by, ..)| args.group_by.contains(by)) {
            if let Some(metrics) = report.metrics() {
                gauges::measure_group(metrics, by, group.as_deref(), totals, args.prices.is_some());
            }
            printer.print(&UsageRecord::new(by, group, totals, args.prices.is_some()))?;
        }
        printer.finish()
    }
}

impl Asked {
    /// Says what it all comes to, and what the exit code stands for, and writes the page.
    fn finish(&self, args: &Args, now: DateTime<Utc>) -> Result<()> {
        let Audit { report, coverage, page } = &self.audit;
        let incomplete = match self.failed.as_slice() {
            [] => String::new(),
            failed => format!("; incomplete, because these failed: {}", failed.join(", ")),
        };
        let unarchived = if self.is_archived { "" } else { "; not all of it is in the archive" };
        let summary = format!("{}{incomplete}{unarchived}", coverage.summary(report.total()));
        emr_cli::say(&summary);
        match page {
            Some(page) => page.write(report, &summary, now, args.prices.is_some()),
            None => Ok(()),
        }
    }
}

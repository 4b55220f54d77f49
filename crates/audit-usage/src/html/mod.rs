//! The page of `--html`: one file that loads nothing, and shows without scripts whatever it shows.
//!
//! Charts are SVG and tables, written here; the script sorts tables and moves the keyboard's focus. Style and script are
//! allowed by their hashes, so nothing that stands in a Name can run.

mod chart;
mod clock;
mod palette;
mod rows;
mod tables;
mod template;

use std::path::Path;

use chrono::{DateTime, Utc};
use emr_cli::Replacement;
use emr_core::error::Result;
use emr_core::usage::{GroupBy, JobFlow, Reckoning, Report};

use clock::Clock;
use palette::Palette;
use rows::Rows;
use template::{escaped, fill};

const PAGE: &str = include_str!("page.html");
const STYLE: &str = include_str!("page.css");
const SCRIPT: &str = include_str!("page.js");

/// The groups whose tables the page has.
pub(crate) const GROUPS: [GroupBy; 3] = [GroupBy::Pool, GroupBy::Owner, GroupBy::Job];

/// What the page shows, as far as it is known. It does not grow with the number of job flows.
pub(crate) struct Page {
    file: Replacement,
    rows: Rows,
    clock: Clock,
}

impl Page {
    /// A page for the file at `path`. That it can be written there shows now, and not after hours of asking.
    pub(crate) fn new(path: &Path) -> Result<Self> {
        Ok(Self { file: Replacement::of(path)?, rows: Rows::default(), clock: Clock::default() })
    }

    /// Adds `job_flow`, which comes to `reckoning`.
    pub(crate) fn add(&mut self, job_flow: &JobFlow, reckoning: &Reckoning<'_>) {
        self.clock.add(reckoning);
        self.rows.add(job_flow, reckoning);
    }

    /// Writes the page beside its place, and then puts it there.
    pub(crate) fn write(&self, report: &Report, summary: &str, now: DateTime<Utc>, is_priced: bool) -> Result<()> {
        self.file.write(self.text(report, summary, now, is_priced).as_bytes())
    }

    fn text(&self, report: &Report, summary: &str, now: DateTime<Utc>, is_priced: bool) -> String {
        let palette = Palette::of(report);
        let is_sized = report.total().is_measured();
        let shown = self.rows.all();
        let left_out = match report.total().job_flows.saturating_sub(shown.len() as u64) {
            0 => String::new(),
            rest => format!("These are the dearest; {rest} more are in the sums alone."),
        };
        let tables: String = GROUPS.into_iter().map(|by| tables::of_groups(report, by, is_priced)).collect();
        let tables = tables + &tables::missing(report.total());
        fill(PAGE, |name| match name {
            "style" => STYLE.to_owned(),
            "script" => SCRIPT.to_owned(),
            "style-hash" => template::hash(STYLE),
            "script-hash" => template::hash(SCRIPT),
            "summary" => escaped(summary),
            "now" => now.format("%F %R").to_string(),
            "patterns" => Palette::patterns(),
            "owners" => palette.legend(),
            "life" => chart::life(report, is_sized),
            "day" => self.clock.day(is_sized),
            "heat" => self.clock.heat(is_sized),
            "by-date" => chart::by_date(&shown, &palette),
            "by-age" => chart::by_age(&shown, &palette),
            "left-out" => left_out.clone(),
            "tables" => tables.clone(),
            "job-flows" => tables::of_job_flows(&shown),
            _ => String::new(),
        })
    }
}

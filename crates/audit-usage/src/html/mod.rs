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

use std::fs::Permissions;
use std::io::{ErrorKind, Write};
use std::os::unix::fs::PermissionsExt;
use std::path::{Path, PathBuf};

use chrono::{DateTime, Utc};
use emr_core::error::{Error, Result};
use emr_core::usage::{GroupBy, JobFlow, Reckoning, Report};
use tempfile::NamedTempFile;

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
    path: PathBuf,
    rows: Rows,
    clock: Clock,
}

impl Page {
    /// A page for the file at `path`. That it can be written there shows now, and not after hours of asking.
    pub(crate) fn new(path: PathBuf) -> Result<Self> {
        let path = place(path)?;
        // It does not stay: a run that is killed meanwhile leaves nothing.
        drop(beside(&path)?);
        Ok(Self { path, rows: Rows::default(), clock: Clock::default() })
    }

    /// Adds `job_flow`, which comes to `reckoning`.
    pub(crate) fn add(&mut self, job_flow: &JobFlow, reckoning: &Reckoning<'_>) {
        self.clock.add(reckoning);
        self.rows.add(job_flow, reckoning);
    }

    /// Writes the page beside its place, and then puts it there.
    pub(crate) fn write(&self, report: &Report, summary: &str, now: DateTime<Utc>, is_priced: bool) -> Result<()> {
        let text = self.text(report, summary, now, is_priced);
        let mut beside = beside(&self.path)?;
        beside.write_all(text.as_bytes()).map_err(|cause| Error::file("write", &self.path, &cause))?;
        let named = beside.persist(&self.path);
        named.map(drop).map_err(|cause| Error::file("write", &self.path, &cause.error))
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

/// The file that is behind links at `path`, or that will be there.
fn place(path: PathBuf) -> Result<PathBuf> {
    match std::fs::metadata(&path) {
        Ok(found) if found.is_file() => path.canonicalize(),
        Ok(_) => return Err(crate::no_plain_file(&path)),
        Err(cause) if cause.kind() == ErrorKind::NotFound && !path.is_symlink() => return Ok(path),
        Err(cause) => Err(cause),
    }
    .map_err(|cause| Error::file("write", &path, &cause))
}

/// A new file beside `path`, which vanishes if it is not put there.
fn beside(path: &Path) -> Result<NamedTempFile> {
    let folder = path.parent().filter(|folder| !folder.as_os_str().is_empty()).unwrap_or(Path::new("."));
    let mut beside = tempfile::Builder::new();
    // As any other new file: the user's mask says who may read it.
    let beside = beside.prefix(".audit-usage-").permissions(Permissions::from_mode(0o666)).tempfile_in(folder);
    beside.map_err(|cause| Error::file("write", path, &cause))
}

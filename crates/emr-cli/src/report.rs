//! What a run tells in the end, and where: records on stdout or in a file, or gauges for Prometheus.

use std::cell::RefCell;
use std::path::{Path, PathBuf};
use std::rc::Rc;

use chrono::{DateTime, Utc};
use clap::{Args, ValueEnum};
use emr_core::error::{Error, Outcome, Result};
use emr_core::metrics::{Label, Metrics, Run, last_success};
use emr_core::model::record::Record;

use super::account::Account;
use super::accounts::{Side, Sides};
use super::history::History;
use super::local_file::refuse_stdout;
use super::output::{Form, Printer, Sink, write_to_stdout};
use super::replacement::{self, Replacement};
use super::{messages, signal};

/// The heading of these options.
const HEADING: &str = "Output";

/// The form of what a run tells.
#[derive(Debug, Clone, Copy, PartialEq, Eq, ValueEnum)]
enum ReportForm {
    /// One JSON object a line
    Json,
    /// Aligned columns with a heading
    Table,
    /// The id alone
    Id,
    /// Gauges in the text format of Prometheus; see emr-cron(7)
    Prometheus,
}

/// How records are printed, or measured.
#[derive(Debug, Clone, Args)]
pub struct ReportOutput {
    /// Form of the records, or gauges that sum them up [default: table on a terminal, else json]
    #[arg(long = "output", value_enum, value_name = "FORM", help_heading = HEADING, hide_short_help = true)]
    form: Option<ReportForm>,

    /// Write to this file instead of stdout (-): beside it, and then in its place
    #[arg(long = "output-file", value_name = "FILE", help_heading = HEADING, hide_short_help = true)]
    file: Option<PathBuf>,

    /// Give each gauge this label; may be repeated. Files of one folder need labels that tell them apart
    #[arg(long = "output-label", value_name = "NAME=VALUE", help_heading = HEADING, hide_short_help = true)]
    labels: Vec<Label>,
}

impl ReportOutput {
    /// Whether gauges are printed instead of records.
    #[must_use]
    pub fn measures(&self) -> bool {
        self.form == Some(ReportForm::Prometheus)
    }

    /// Whether records are printed as JSON, which programs read.
    #[must_use]
    pub fn is_for_programs(&self) -> bool {
        !self.measures() && self.record_form() == Form::Json
    }

    /// Begins a report. That its file cannot be written, or is needed by something else, shows now, before anything is
    /// asked or done: by the configuration of `account`, by `history`, or by the other options in `files` that name files.
    pub fn begin(&self, account: &Account, history: &History, files: &[(&str, &Path)]) -> Result<Report> {
        self.check_labels()?;
        let recorded = history.file()?;
        let recorded = recorded.iter().map(|(source, path)| (*source, path.as_path()));
        let own = self.file().map(|path| ("--output-file", path));
        check_files(&recorded.chain(files.iter().copied()).chain(own).collect::<Vec<_>>(), account)?;
        let file = self.file().map(Replacement::of).transpose()?;
        let file = if self.measures() { file.map(Replacement::readable_by_all) } else { file };
        let old = file.as_ref().filter(|_| self.measures()).and_then(Replacement::text);
        Ok(Report {
            form: self.record_form(),
            records: Rc::default(),
            metrics: self.measures().then(|| Metrics::new(&self.labels)),
            last_success: old.and_then(|text| last_success(&text, messages::tool())),
            file,
        })
    }

    /// Refuses labels without gauges, and two of one name.
    fn check_labels(&self) -> Result<()> {
        if !self.measures() && !self.labels.is_empty() {
            return Err(Error::usage("--output-label is for --output prometheus"));
        }
        let names: Vec<_> = self.labels.iter().map(Label::name).collect();
        if let Some(name) =
            names.iter().enumerate().find_map(|(place, name)| names[..place].contains(name).then_some(name))
        {
            return Err(Error::usage(format!("--output-label names {name} twice")));
        }
        Ok(())
    }

    /// Does `work`. If something is written in the end, a signal ends the work and not the process.
    pub async fn guard<T>(&self, work: impl Future<Output = Result<T>>) -> Result<T> {
        if self.measures() || self.file().is_some() { signal::or_interrupted(work).await.flatten() } else { work.await }
    }

    fn file(&self) -> Option<&Path> {
        self.file.as_deref().filter(|path| *path != Path::new("-"))
    }

    fn record_form(&self) -> Form {
        match self.form {
            Some(ReportForm::Table) => Form::Table,
            Some(ReportForm::Id) => Form::Id,
            None if self.file().is_none() => Form::usual(),
            Some(ReportForm::Json | ReportForm::Prometheus) | None => Form::Json,
        }
    }
}

/// Refuses that two of `files`, each with what names it, are one: it would replace what the other writes or reads. None may
/// be of the configuration of `account`, which is read only if there are any.
fn check_files(files: &[(&str, &Path)], account: &Account) -> Result<()> {
    let conf = if files.is_empty() { Vec::new() } else { account.conf_files() };
    for (place, &(option, path)) in files.iter().enumerate() {
        refuse_stdout(option, path)?;
        if conf.iter().any(|conf| replacement::is_one_file(conf, path)) {
            let error = Error::usage(format!("{option} names a file of the configuration, {}", path.display()));
            return Err(error.advise("name another one"));
        }
        if let Some((other, _)) = files[..place].iter().find(|(_, known)| replacement::is_one_file(known, path)) {
            let error = Error::usage(format!("{other} and {option} name one file, {}", path.display()));
            return Err(error.advise("name a file for each"));
        }
    }
    Ok(())
}

/// Gives the gauges to come the labels of `side`.
fn label(metrics: &mut Metrics, side: &Side) {
    for (name, value) in side.labels() {
        metrics.label(name, value);
    }
}

/// What a run tells in the end.
#[derive(Debug)]
pub struct Report {
    form: Form,
    /// The text of records for the file.
    records: Rc<RefCell<Vec<u8>>>,
    metrics: Option<Metrics>,
    /// When a run before this one succeeded, as its file tells.
    last_success: Option<u64>,
    file: Option<Replacement>,
}

impl Report {
    /// Gives the gauges to come the region and the profile as labels, if `sides` are only one.
    pub fn is_of(&mut self, sides: &Sides) {
        if let (Some(metrics), Some(only)) = (&mut self.metrics, sides.only()) {
            label(metrics, only);
        }
    }

    /// The gauges, if they are what is told.
    pub fn metrics(&mut self) -> Option<&mut Metrics> {
        self.metrics.as_mut()
    }

    /// Gauges of `side`, for [`Report::add`], if gauges are what is told.
    #[must_use]
    pub fn metrics_of(&self, side: &Side) -> Option<Metrics> {
        let mut metrics = self.metrics.as_ref()?.without_samples();
        label(&mut metrics, side);
        Some(metrics)
    }

    /// Adds the gauges of a side that was seen whole.
    pub fn add(&mut self, metrics: Metrics) {
        if let Some(all) = &mut self.metrics {
            all.append(metrics);
        }
    }

    /// A printer of records to where this report goes.
    #[must_use]
    pub fn printer<R: Record>(&self) -> Printer<R> {
        let sink = match (&self.metrics, &self.file) {
            (Some(_), _) => Sink::Nowhere,
            (None, Some(_)) => Sink::Memory(Rc::clone(&self.records)),
            (None, None) => Sink::Stdout,
        };
        Printer::to(sink, self.form)
    }

    /// A printer of records of what was changed. Beside gauges they are kept: if those cannot be written, they are told.
    #[must_use]
    pub fn printer_of_changes<R: Record>(&self) -> Printer<R> {
        match (&self.metrics, &self.file) {
            (Some(_), Some(_)) => Printer::to(Sink::Memory(Rc::clone(&self.records)), self.form),
            _ => self.printer(),
        }
    }

    /// Ends the report of a run that came to `done` at `at` (AWS's clock), and returns what the run comes to with it.
    ///
    /// A run that broke off knows nothing for certain: its records leave the file as it was, and of its gauges only
    /// those of the run itself are left, which say that it failed. With an [`Outcome`], even a bad one, all that was
    /// told counts.
    pub fn end(mut self, done: Result<Outcome>, at: DateTime<Utc>) -> Result<Outcome> {
        match (self.write(&done, at), done) {
            (Err(failure), Ok(Outcome::Done)) => Err(failure),
            (Err(failure), done) => {
                messages::report(&failure);
                done
            }
            (Ok(()), done) => done,
        }
    }

    fn write(&mut self, done: &Result<Outcome>, at: DateTime<Utc>) -> Result<()> {
        if let Some(mut metrics) = self.metrics.take() {
            if done.is_err() {
                metrics.clear();
            }
            let outcome = done.as_ref().map_or_else(|error| error.outcome, |outcome| *outcome);
            Run { tool: messages::tool(), outcome, at, last_success: self.last_success }.measure(&mut metrics);
            let text = metrics.to_string();
            return match &self.file {
                Some(file) => file.write(text.as_bytes()).map_err(|error| self.tell(error)),
                None => write_to_stdout(text.as_bytes()).map(drop),
            };
        }
        let Some(file) = self.file.as_ref().filter(|_| done.is_ok()) else { return Ok(()) };
        let written = file.write(&self.records.borrow());
        written.map_err(|error| self.tell(error))
    }

    /// Prints the records on stdout after `error`: what was done is done, and somebody has to know of it.
    fn tell(&self, error: Error) -> Error {
        let records = self.records.borrow();
        match write_to_stdout(&records) {
            Ok(_) if !records.is_empty() => error.advise("the records are on stdout"),
            _ => error,
        }
    }
}

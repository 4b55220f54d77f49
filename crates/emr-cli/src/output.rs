//! Records on stdout: JSON Lines for programs, a table for people, ids for shells.

use std::cell::RefCell;
use std::io::{self, IsTerminal, Write};
use std::marker::PhantomData;
use std::rc::Rc;

use clap::{Args, ValueEnum};
use emr_core::config::options::SHARED;
use emr_core::error::{Error, Outcome, Result, reason};
use emr_core::model::record::Record;
use emr_core::text::{escaped, escaped_json};
use rustix::termios::tcgetwinsize;

use super::seen::Seen;
use super::table::Table;

/// The form of records.
#[derive(Debug, Clone, Copy, PartialEq, Eq, ValueEnum)]
pub enum Form {
    /// One JSON object a line.
    Json,
    /// Aligned columns with a heading.
    Table,
    /// The id alone.
    Id,
}

impl Form {
    /// The form that suits stdout: a table for people, JSON for programs.
    pub(super) fn usual() -> Self {
        if io::stdout().is_terminal() { Self::Table } else { Self::Json }
    }

    /// The form of this name.
    #[must_use]
    pub fn named(name: &str) -> Option<Self> {
        Self::from_str(name, false).ok()
    }
}

/// How records are printed.
#[derive(Debug, Clone, Args)]
pub struct Output {
    /// Form of the records on stdout [default: table on a terminal, else json]
    #[arg(long = "output", value_enum, value_name = "FORM", help_heading = SHARED)]
    form: Option<Form>,
}

impl Output {
    /// Whether a form was asked for.
    #[must_use]
    pub fn is_chosen(&self) -> bool {
        self.form.is_some()
    }

    /// Whether records are printed as JSON, which programs read.
    #[must_use]
    pub fn is_for_programs(&self) -> bool {
        self.form.unwrap_or_else(Form::usual) == Form::Json
    }

    /// Whether records are printed as a table, which people read.
    #[must_use]
    pub fn is_table(&self) -> bool {
        self.form.unwrap_or_else(Form::usual) == Form::Table
    }

    /// A printer of records in this form.
    #[must_use]
    pub fn printer<R: Record>(&self) -> Printer<R> {
        Printer::new(self.form)
    }
}

/// Where a printer's text goes.
#[derive(Debug, Clone)]
pub(super) enum Sink {
    /// To stdout, at once.
    Stdout,
    /// Into memory, for a file that is written when the run ends.
    Memory(Rc<RefCell<Vec<u8>>>),
    /// Nowhere: the run prints something else than records.
    Nowhere,
}

/// Prints records of one kind. If the reader closes the pipe (`| head`), the work goes on and nothing more is printed.
pub struct Printer<R> {
    form: Form,
    sink: Sink,
    table: Option<Table>,
    seen: Seen,
    closed: bool,
    records: PhantomData<R>,
}

impl<R: Record> Printer<R> {
    /// A printer of records in `form`, or in the one that suits stdout.
    #[must_use]
    pub fn new(form: Option<Form>) -> Self {
        Self::to(Sink::Stdout, form.unwrap_or_else(Form::usual))
    }

    /// A printer of records in `form` that go to `sink`.
    pub(super) fn to(sink: Sink, form: Form) -> Self {
        Self { form, sink, table: None, seen: Seen::default(), closed: false, records: PhantomData }
    }

    /// Prints `record`, at once where the form allows it.
    pub fn print(&mut self, record: &R) -> Result<()> {
        self.seen.add(record.names());
        match self.form {
            Form::Json => {
                let json = serde_json::to_string(record);
                let json = json.map_err(|cause| Error::new(Outcome::Bug, format!("a record has no JSON: {cause}")))?;
                self.line(&escaped_json(&json))
            }
            // An id with a line break in it must stay one line.
            Form::Id => self.line(&escaped(record.id())),
            Form::Table => {
                self.table.get_or_insert_with(Table::of::<R>).push(&record.cells());
                Ok(())
            }
        }
    }

    /// Prints the table, if that is the form, and remembers for completion what the records name.
    pub fn finish(&mut self) -> Result<()> {
        std::mem::take(&mut self.seen).remember();
        let Some(table) = self.table.take() else { return Ok(()) };
        let width = if matches!(self.sink, Sink::Stdout) { width() } else { None };
        self.write(table.text(width).as_bytes())
    }

    /// Whether the reader has closed the pipe, so that more records are of no use.
    #[must_use]
    pub fn is_closed(&self) -> bool {
        self.closed
    }

    fn line(&mut self, line: &str) -> Result<()> {
        self.write(format!("{line}\n").as_bytes())
    }

    fn write(&mut self, text: &[u8]) -> Result<()> {
        match &self.sink {
            Sink::Stdout if !self.closed => self.closed = !write_to_stdout(text)?,
            Sink::Memory(memory) => memory.borrow_mut().extend_from_slice(text),
            Sink::Stdout | Sink::Nowhere => {}
        }
        Ok(())
    }
}

/// Writes `text` to stdout, and returns whether anybody still reads there.
pub(super) fn write_to_stdout(text: &[u8]) -> Result<bool> {
    let mut stdout = io::stdout().lock();
    match stdout.write_all(text).and_then(|()| stdout.flush()) {
        Err(cause) if cause.kind() == io::ErrorKind::BrokenPipe => Ok(false),
        Err(cause) => Err(unwritable(&cause)),
        Ok(()) => Ok(true),
    }
}

/// The columns of the terminal on stdout, from `COLUMNS` or the terminal itself; `None` if stdout is no terminal.
fn width() -> Option<usize> {
    let stdout = io::stdout();
    if !stdout.is_terminal() {
        return None;
    }
    let said = std::env::var("COLUMNS").ok().and_then(|columns| columns.parse().ok());
    let own = || tcgetwinsize(&stdout).ok().map(|size| usize::from(size.ws_col));
    let wide = said.filter(|columns| *columns > 0).or_else(own).filter(|columns| *columns > 0);
    // 80 columns if the terminal does not know its width.
    Some(wide.unwrap_or(80))
}

/// The error of a failed write to stdout.
pub(super) fn unwritable(cause: &io::Error) -> Error {
    Error::new(Outcome::Io, format!("cannot write to stdout: {}", reason(cause)))
}

/// Prints `value` as one line of JSON: what a dry run would send.
pub fn print_json(value: &serde_json::Value) -> Result<()> {
    write_to_stdout(format!("{}\n", escaped_json(&value.to_string())).as_bytes()).map(drop)
}

//! Checks histories: reads their lines, merges those of several files by time, and prints what is violated.

use std::fs::File;
use std::io::{self, BufRead, BufReader, Read};
use std::path::{Path, PathBuf};

use emr_cli::Printer;
use emr_core::error::{Error, Outcome, Result};
use emr_core::history::{Finding, LONGEST, Parsed, Place, VerdictRecord, Verifier, ViolationRecord, parse};

use crate::args::Verify;

/// How much is read at once.
const CHUNK: usize = 1 << 18;

/// Checks histories, and prints what is violated and the verdict.
pub(crate) fn verify(args: &Verify) -> Result<Outcome> {
    let mut printer = args.output.printer();
    let verdict = check(&args.histories, &mut printer)?;
    printer.finish()?;
    if verdict.lines == verdict.torn_lines {
        return Err(Error::new(Outcome::NoInput, "the histories have no whole line, so nothing is verified"));
    }
    let mut printer = args.output.printer();
    printer.print(&verdict)?;
    printer.finish()?;
    conclude(&verdict)
}

/// The verdict on `paths`. Prints what is violated.
pub(crate) fn check(paths: &[PathBuf], printer: &mut Printer<ViolationRecord>) -> Result<VerdictRecord> {
    let mut histories = paths.iter().map(|path| History::open(path)).collect::<Result<Vec<_>>>()?;
    let names: Vec<_> = histories.iter().map(|history| history.name.clone()).collect();
    let mut verifier = Verifier::of(histories.len());
    let mut found = Vec::new();
    while let Some(number) = next(&mut histories)? {
        histories[number].give(u32::try_from(number).unwrap_or(u32::MAX), &mut verifier, &mut found)?;
        print(&mut found, &names, printer)?;
    }
    let verdict = verifier.finish(&mut found);
    print(&mut found, &names, printer)?;
    Ok(verdict)
}

/// What the exit code and stderr say of `verdict`.
pub(crate) fn conclude(verdict: &VerdictRecord) -> Result<Outcome> {
    if verdict.late_acts > 0 {
        emr_cli::warn(&format!(
            "requests to EMR that may have come after their lease: {}; see emr-locks(7)",
            verdict.late_acts
        ));
    }
    if verdict.unproved_takeovers > 0 {
        emr_cli::warn(&format!(
            "takeovers of which nothing tells that the lease had ended: {}; see emr-locks(7)",
            verdict.unproved_takeovers
        ));
    }
    if verdict.holds {
        let VerdictRecord { lines, locks, .. } = verdict;
        emr_cli::say(&format!("nothing is violated (lines: {lines}, locks: {locks})"));
        return Ok(Outcome::Done);
    }
    Err(Error::new(Outcome::No, format!("the histories are violated (violations: {})", verdict.violations)))
}

fn print(found: &mut Vec<Finding>, names: &[String], printer: &mut Printer<ViolationRecord>) -> Result<()> {
    for finding in found.drain(..) {
        printer.print(&ViolationRecord::of(&finding, names))?;
    }
    Ok(())
}

/// The history whose next line is the oldest.
fn next(histories: &mut [History]) -> Result<Option<usize>> {
    if let [only] = histories {
        return Ok(only.load()?.then_some(0));
    }
    for history in histories.iter_mut().filter(|history| history.line.is_empty()) {
        if history.load()? {
            history.read_time();
        }
    }
    let loaded = histories.iter().enumerate().filter(|(_, history)| !history.line.is_empty());
    Ok(loaded.min_by(|(_, one), (_, other)| one.time.cmp(&other.time)).map(|(number, _)| number))
}

/// A history that is read line by line.
struct History {
    name: String,
    lines: Box<dyn BufRead>,
    /// The next line, empty before it is read.
    line: Vec<u8>,
    number: u64,
    /// When the next line was written, where histories are merged.
    time: String,
}

impl History {
    fn open(path: &Path) -> Result<Self> {
        let is_stdin = path == Path::new("-");
        let lines: Box<dyn BufRead> = if is_stdin {
            Box::new(BufReader::with_capacity(CHUNK, io::stdin()))
        } else {
            let file = File::open(path).map_err(|cause| Error::file("read", path, &cause))?;
            Box::new(BufReader::with_capacity(CHUNK, file))
        };
        let name = if is_stdin { "stdin".to_owned() } else { path.display().to_string() };
        Ok(Self { name, lines, line: Vec::new(), number: 0, time: String::new() })
    }

    /// Reads the next line that is not empty. Returns whether there is one.
    fn load(&mut self) -> Result<bool> {
        loop {
            self.line.clear();
            self.number += 1;
            let mut longest = (&mut self.lines).take(LONGEST as u64 + 1);
            let read = longest.read_until(b'\n', &mut self.line);
            let read = read.map_err(|cause| Error::file("read", self.name.as_ref(), &cause))?;
            if self.line.len() > LONGEST {
                return Err(self.damaged("it is too long"));
            }
            if self.line.ends_with(b"\n") {
                self.line.pop();
            }
            if self.line == b"\r" {
                self.line.clear();
            }
            if read == 0 || !self.line.is_empty() {
                return Ok(read > 0);
            }
        }
    }

    fn read_time(&mut self) {
        self.time.clear();
        if let Parsed::Entry(entry) = parse(&self.line) {
            self.time.push_str(entry.time());
        }
    }

    /// Gives the next line to `verifier`, as one of the file of this number.
    fn give(&mut self, file: u32, verifier: &mut Verifier, found: &mut Vec<Finding>) -> Result<()> {
        match parse(&self.line) {
            Parsed::Entry(entry) => verifier.take(&entry, Place { file, line: self.number }, found),
            Parsed::Torn => self.tear(verifier)?,
            Parsed::Damaged(why) => return Err(self.damaged(&why)),
        }
        self.line.clear();
        Ok(())
    }

    /// Accepts a line that breaks off at the end of the history, or where the next writer has noted it by an empty line:
    /// its request was never sent, or its answer is unknown.
    fn tear(&mut self, verifier: &mut Verifier) -> Result<()> {
        let rest = self.lines.fill_buf().map_err(|cause| Error::file("read", self.name.as_ref(), &cause))?;
        if !(rest.is_empty() || rest.starts_with(b"\n")) {
            return Err(self.damaged("it breaks off"));
        }
        verifier.take_torn();
        emr_cli::warn(&format!(
            "{}:{}: the line breaks off, and its request counts as unanswered",
            self.name, self.number
        ));
        Ok(())
    }

    fn damaged(&self, why: &str) -> Error {
        let text = format!("{}:{}: the line is no record of a history: {why}", self.name, self.number);
        Error::usage(text).advise("nothing is verified beyond it")
    }
}

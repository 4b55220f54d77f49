//! The lines of a history, read in batches.

use std::fs::File;
use std::io::{self, BufRead, BufReader};
use std::path::Path;

use emr_core::error::{Error, Result};
use emr_core::history::{Batch, LONGEST, Line, Parsed, Place, parse};

/// How much is read at once.
const CHUNK: usize = 1 << 18;

/// How many lines are in a batch at most.
pub(crate) const BATCH: usize = 512;

/// A history that is read line by line.
pub(crate) struct Lines {
    pub(crate) name: String,
    /// Its number among those that are verified together.
    file: u32,
    reader: BufReader<Source>,
    /// A line that does not lie in the buffer of the reader as a whole.
    line: Vec<u8>,
    number: u64,
}

/// A file or stdin.
pub(crate) type Source = Box<dyn io::Read + Send>;

/// Whether there may be more lines.
#[derive(Clone, Copy, PartialEq, Eq)]
pub(crate) enum Read {
    More,
    End,
}

impl Lines {
    pub(crate) fn open(path: &Path, file: u32) -> Result<Self> {
        let is_stdin = path == Path::new("-");
        let source: Source = if is_stdin {
            Box::new(io::stdin())
        } else {
            Box::new(File::open(path).map_err(|cause| Error::file("read", path, &cause))?)
        };
        let name = if is_stdin { "stdin".to_owned() } else { path.display().to_string() };
        Ok(Self::of(source, name, file))
    }

    /// The history in `source`, of this name and number.
    pub(crate) fn of(source: Source, name: String, file: u32) -> Self {
        let reader = BufReader::with_capacity(CHUNK, source);
        Self { name, file, reader, line: Vec::new(), number: 0 }
    }

    /// Adds lines to `batch` until it is full, or more would have to be waited for.
    pub(crate) fn fill(&mut self, batch: &mut Batch) -> Result<Read> {
        while batch.len() < BATCH {
            if self.read(batch)? == Read::End {
                return Ok(Read::End);
            }
            if self.reader.buffer().is_empty() {
                break;
            }
        }
        Ok(Read::More)
    }

    /// Reads the next line, and adds it to `batch` unless it is empty.
    fn read(&mut self, batch: &mut Batch) -> Result<Read> {
        self.number += 1;
        let place = Place { file: self.file, line: self.number };
        let buffer = self.reader.fill_buf().map_err(|cause| unreadable(&self.name, &cause))?;
        if buffer.is_empty() {
            return Ok(Read::End);
        }
        let (line, used) = match memchr::memchr(b'\n', buffer) {
            Some(end) => (&buffer[..end], end + 1),
            None => (gather(&mut self.reader, &mut self.line, &self.name)?, 0),
        };
        let line = line.strip_suffix(b"\r").unwrap_or(line);
        let is_torn =
            !line.is_empty() && is_torn(line, place, batch).map_err(|why| damaged(&self.name, place, &why))?;
        self.reader.consume(used);
        if is_torn {
            self.check_torn(place)?;
            batch.push_torn(place);
        }
        Ok(Read::More)
    }

    /// Accepts a line that breaks off at the end of the history, or where the next writer has noted it by an empty line:
    /// its request was never sent, or its answer is unknown.
    fn check_torn(&mut self, place: Place) -> Result<()> {
        if self.peek()? == Some(b'\r') {
            self.reader.consume(1);
        }
        match self.peek()? {
            None | Some(b'\n') => Ok(()),
            Some(_) => Err(damaged(&self.name, place, "it breaks off")),
        }
    }

    /// The next byte, if there is one.
    fn peek(&mut self) -> Result<Option<u8>> {
        let rest = self.reader.fill_buf().map_err(|cause| unreadable(&self.name, &cause))?;
        Ok(rest.first().copied())
    }
}

/// Whether `line` breaks off. If not, its record is added to `batch`; the error is why it is none.
fn is_torn(line: &[u8], place: Place, batch: &mut Batch) -> std::result::Result<bool, String> {
    // A machine that loses power may leave whole blocks of NULs.
    let length = line.iter().rposition(|byte| *byte != 0).map_or(0, |last| last + 1);
    if length >= LONGEST {
        return Err("it is too long".to_owned());
    }
    match parse(line) {
        Parsed::Entry(entry) => batch.push(&Line::of(&entry, place)),
        Parsed::Torn => return Ok(true),
        Parsed::Damaged(why) => return Err(why),
    }
    Ok(false)
}

/// Reads a line, or the first of one that is too long, into `line`, without its end.
fn gather<'a>(reader: &mut BufReader<Source>, line: &'a mut Vec<u8>, name: &str) -> Result<&'a [u8]> {
    line.clear();
    read_up_to(LONGEST as u64 + 1, reader, line).map_err(|cause| unreadable(name, &cause))?;
    Ok(line.strip_suffix(b"\n").unwrap_or(line))
}

/// Reads a line of at most `length` bytes into `line`. NULs beyond them are skipped, and its end is read.
fn read_up_to(length: u64, reader: &mut BufReader<Source>, line: &mut Vec<u8>) -> io::Result<()> {
    let read = io::Read::take(&mut *reader, length).read_until(b'\n', line)?;
    if read as u64 == length && line.ends_with(b"\0") {
        skip_nuls(reader)?;
        io::Read::take(reader, 2).read_until(b'\n', line)?;
    }
    Ok(())
}

fn skip_nuls(reader: &mut BufReader<Source>) -> io::Result<()> {
    loop {
        let buffer = reader.fill_buf()?;
        let nuls = buffer.iter().take_while(|byte| **byte == 0).count();
        let is_end = nuls == 0 || nuls < buffer.len();
        reader.consume(nuls);
        if is_end {
            return Ok(());
        }
    }
}

fn unreadable(name: &str, cause: &io::Error) -> Error {
    Error::file("read", name.as_ref(), cause)
}

fn damaged(name: &str, Place { line, .. }: Place, why: &str) -> Error {
    let text = format!("{name}:{line}: the line is no record of a history: {why}");
    Error::usage(text).advise("nothing is verified beyond it")
}

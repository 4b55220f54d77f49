//! The lines of a history, read one by one.

use std::fs::File;
use std::io::{self, BufRead, BufReader};
use std::path::Path;

use emr_core::error::{Error, Result};
use emr_core::history::{Entry, LONGEST, Parsed, Place, parse};

/// How much is read at once.
const CHUNK: usize = 1 << 18;

/// A history that is read line by line.
pub(crate) struct Lines {
    pub(crate) name: String,
    /// Its number among those that are verified together.
    file: u32,
    reader: Box<dyn BufRead>,
    /// A line that does not lie in the buffer of the reader as a whole.
    line: Vec<u8>,
    number: u64,
}

/// What was read.
pub(crate) enum Read {
    /// A record, which was given away.
    Record,
    /// A line that breaks off.
    Torn,
    /// There are no more lines.
    End,
}

impl Lines {
    pub(crate) fn open(path: &Path, file: u32) -> Result<Self> {
        let is_stdin = path == Path::new("-");
        let reader: Box<dyn BufRead> = if is_stdin {
            Box::new(BufReader::with_capacity(CHUNK, io::stdin()))
        } else {
            let file = File::open(path).map_err(|cause| Error::file("read", path, &cause))?;
            Box::new(BufReader::with_capacity(CHUNK, file))
        };
        let name = if is_stdin { "stdin".to_owned() } else { path.display().to_string() };
        Ok(Self { name, file, reader, line: Vec::new(), number: 0 })
    }

    /// Reads the next line that is not empty, and gives its record to `take`.
    pub(crate) fn read(&mut self, take: impl FnOnce(&Entry<'_>, Place)) -> Result<Read> {
        loop {
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
            if line.is_empty() {
                self.reader.consume(used);
                continue;
            }
            let read = give(line, place, take).map_err(|why| damaged(&self.name, place, &why))?;
            self.reader.consume(used);
            return if matches!(read, Read::Torn) { self.tear(place) } else { Ok(read) };
        }
    }

    /// Accepts a line that breaks off at the end of the history, or where the next writer has noted it by an empty line:
    /// its request was never sent, or its answer is unknown.
    fn tear(&mut self, place: Place) -> Result<Read> {
        if self.peek()? == Some(b'\r') {
            self.reader.consume(1);
        }
        if !matches!(self.peek()?, None | Some(b'\n')) {
            return Err(damaged(&self.name, place, "it breaks off"));
        }
        let Self { name, number, .. } = self;
        emr_cli::warn(&format!("{name}:{number}: the line breaks off, and its request counts as unanswered"));
        Ok(Read::Torn)
    }

    /// The next byte, if there is one.
    fn peek(&mut self) -> Result<Option<u8>> {
        let rest = self.reader.fill_buf().map_err(|cause| unreadable(&self.name, &cause))?;
        Ok(rest.first().copied())
    }
}

/// Gives the record of `line` to `take`. The error is why it is none.
fn give(line: &[u8], place: Place, take: impl FnOnce(&Entry<'_>, Place)) -> std::result::Result<Read, String> {
    // A machine that loses power may leave whole blocks of NULs.
    let length = line.iter().rposition(|byte| *byte != 0).map_or(0, |last| last + 1);
    if length >= LONGEST {
        return Err("it is too long".to_owned());
    }
    match parse(line) {
        Parsed::Entry(entry) => {
            take(&entry, place);
            Ok(Read::Record)
        }
        Parsed::Torn => Ok(Read::Torn),
        Parsed::Damaged(why) => Err(why),
    }
}

/// Reads a line, or the first of one that is too long, into `line`, without its end.
fn gather<'a>(reader: &mut Box<dyn BufRead>, line: &'a mut Vec<u8>, name: &str) -> Result<&'a [u8]> {
    line.clear();
    read_up_to(LONGEST as u64 + 1, reader, line).map_err(|cause| unreadable(name, &cause))?;
    Ok(line.strip_suffix(b"\n").unwrap_or(line))
}

/// Reads a line of at most `length` bytes into `line`. NULs beyond them are skipped, and its end is read.
fn read_up_to(length: u64, reader: &mut Box<dyn BufRead>, line: &mut Vec<u8>) -> io::Result<()> {
    let read = io::Read::take(&mut *reader, length).read_until(b'\n', line)?;
    if read as u64 == length && line.ends_with(b"\0") {
        skip_nuls(reader)?;
        io::Read::take(reader, 2).read_until(b'\n', line)?;
    }
    Ok(())
}

fn skip_nuls(reader: &mut Box<dyn BufRead>) -> io::Result<()> {
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

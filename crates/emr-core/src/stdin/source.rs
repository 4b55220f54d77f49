//! Splits input into words and JSON values, and counts lines for messages.
//!
//! Nothing is read ahead, and words and values have a maximum size, so that `/dev/zero` or a wrong file is an error and
//! does not fill the memory.

use std::io::{self, BufRead, Read};

/// The longest word, in bytes: more than 20 times the longest id.
const LONGEST: usize = 4096;

/// The byte order mark.
const MARK: &[u8] = "\u{feff}".as_bytes();

/// The next piece of the input.
pub(super) enum Found {
    /// A word.
    Word(String),
    /// A JSON value, not read yet.
    Value,
}

/// The input and the position in it.
pub(super) struct Source<R> {
    input: R,
    /// The current line, from 1.
    line: usize,
    /// The largest value, in bytes.
    largest: usize,
    /// Bytes that the current value may still have.
    left: usize,
    failure: Option<String>,
    /// The first bytes of the input, if they are those of a byte order mark and the rest of it is lacking.
    begun: Vec<u8>,
}

impl<R: BufRead> Source<R> {
    /// Reads `input`, in which no value may have more than `largest` bytes.
    pub(super) fn new(input: R, largest: usize) -> Self {
        Self { input, line: 1, largest, left: largest, failure: None, begun: Vec::new() }
    }

    /// Skips a byte order mark, which may arrive byte by byte.
    pub(super) fn skip_mark(&mut self) -> io::Result<()> {
        for byte in MARK {
            if self.peek()? != Some(*byte) {
                return Ok(());
            }
            self.input.consume(1);
            self.begun.push(*byte);
        }
        self.begun.clear();
        Ok(())
    }

    /// The current line, from 1.
    pub(super) fn line(&self) -> usize {
        self.line
    }

    /// Sets the line for messages.
    pub(super) fn go_back_to(&mut self, line: usize) {
        self.line = line;
    }

    /// Why reading the value stopped, unless the input failed.
    pub(super) fn failure(&self) -> Option<&str> {
        self.failure.as_deref()
    }

    /// The next piece; `None` at the end.
    pub(super) fn next(&mut self) -> io::Result<Option<Found>> {
        if !self.begun.is_empty() {
            return self.word().map(Found::Word).map(Some);
        }
        while let Some(byte) = self.peek()? {
            if is_blank(byte) {
                self.advance(byte);
                continue;
            }
            self.left = self.largest;
            return Ok(Some(if matches!(byte, b'{' | b'[' | b'"') { Found::Value } else { Found::Word(self.word()?) }));
        }
        Ok(None)
    }

    /// A word; an overlong one is cut, and then is no id.
    fn word(&mut self) -> io::Result<String> {
        let mut word = std::mem::take(&mut self.begun);
        while let Some(byte) = self.peek()?.filter(|byte| !is_blank(*byte) && word.len() < LONGEST) {
            word.push(byte);
            self.advance(byte);
        }
        Ok(String::from_utf8_lossy(&word).into_owned())
    }

    fn peek(&mut self) -> io::Result<Option<u8>> {
        loop {
            match self.input.fill_buf() {
                Ok(buffer) => return Ok(buffer.first().copied()),
                Err(cause) if cause.kind() == io::ErrorKind::Interrupted => {}
                Err(cause) => return Err(cause),
            }
        }
    }

    fn advance(&mut self, byte: u8) {
        self.line += usize::from(byte == b'\n');
        self.input.consume(1);
    }
}

/// Reads one byte at a time, so that bytes after a value stay in the input.
impl<R: BufRead> Read for Source<R> {
    fn read(&mut self, buffer: &mut [u8]) -> io::Result<usize> {
        let (Some(place), Some(byte)) = (buffer.first_mut(), self.peek()?) else { return Ok(0) };
        if self.left == 0 {
            self.failure = Some(format!("a value of more than {} MiB", self.largest >> 20));
            return Err(io::Error::other("too large"));
        }
        *place = byte;
        self.left -= 1;
        self.advance(byte);
        Ok(1)
    }
}

/// Whether a byte separates words. C counts the vertical tab as white space, Rust does not.
fn is_blank(byte: u8) -> bool {
    byte.is_ascii_whitespace() || byte == b'\x0b'
}

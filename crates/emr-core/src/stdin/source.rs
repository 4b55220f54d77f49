//! Input in pieces: words and the beginnings of JSON values, with the number of the line for messages.
//!
//! Nothing is read ahead, and a word or a value has a greatest size, so that `/dev/zero` or the wrong file is an error
//! rather than all of the memory.

use std::io::{self, BufRead, Read};

/// The longest word, in bytes. No id is as long as a twentieth of it.
const LONGEST: usize = 4096;

/// The byte order mark.
const MARK: &[u8] = "\u{feff}".as_bytes();

/// What stands next in the input.
pub(super) enum Found {
    /// A word, without what separates it.
    Word(String),
    /// A JSON value, of which nothing is read yet.
    Value,
}

/// Input, and how far it is read.
pub(super) struct Source<R> {
    input: R,
    /// The line that is being read, from 1.
    line: usize,
    /// The largest value, in bytes.
    largest: usize,
    /// Bytes that the value that is being read may still have.
    left: usize,
    failure: Option<String>,
}

impl<R: BufRead> Source<R> {
    /// The words and values of `input`, none of which may have more than `largest` bytes.
    pub(super) fn new(input: R, largest: usize) -> Self {
        Self { input, line: 1, largest, left: largest, failure: None }
    }

    /// Passes over the mark with which some programs begin a text in UTF-8.
    pub(super) fn skip_mark(&mut self) -> io::Result<()> {
        if self.peek()? == Some(MARK[0]) && self.input.fill_buf()?.starts_with(MARK) {
            self.input.consume(MARK.len());
        }
        Ok(())
    }

    /// The line that was read last, from 1.
    pub(super) fn line(&self) -> usize {
        self.line
    }

    /// Makes `line` the one that messages name.
    pub(super) fn go_back_to(&mut self, line: usize) {
        self.line = line;
    }

    /// Why the value was not read to its end, where that is no failure of the input.
    pub(super) fn failure(&self) -> Option<&str> {
        self.failure.as_deref()
    }

    /// What comes next; `None` at the end.
    pub(super) fn next(&mut self) -> io::Result<Option<Found>> {
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

    /// A word; of an overlong one the beginning, which is no id.
    fn word(&mut self) -> io::Result<String> {
        let mut word = Vec::new();
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

/// Reads a byte at a time, so that what is behind a value stays in the input.
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

/// What separates words. The vertical tab is among it everywhere but in Rust.
fn is_blank(byte: u8) -> bool {
    byte.is_ascii_whitespace() || byte == b'\x0b'
}

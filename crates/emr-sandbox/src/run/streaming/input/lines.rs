//! Reads lines as Hadoop does: a line ends with LF, CR, CR LF, or the job's own delimiter. Source:
//! `org.apache.hadoop.util.LineReader`.

use std::io::{self, Read, Write};
use std::ops::Range;

use memchr::{memchr, memchr_iter, memchr2, memmem, memrchr};

/// Initial size of the buffer. It doubles for longer lines.
const BUFFER: usize = 64 * 1024;

/// Lines of an input.
pub(in super::super) struct Lines<R> {
    input: R,
    buffer: Vec<u8>,
    /// The range of the buffer that is read and not yet returned.
    start: usize,
    end: usize,
    /// The range of the last line read.
    line: Range<usize>,
    /// Replaces LF and CR.
    delimiter: Option<Vec<u8>>,
}

impl<R: Read> Lines<R> {
    pub(in super::super) fn new(input: R) -> Self {
        Self::ended_by(input, None)
    }

    pub(super) fn ended_by(input: R, delimiter: Option<Vec<u8>>) -> Self {
        Self { input, buffer: vec![0; BUFFER], start: 0, end: 0, line: 0..0, delimiter }
    }

    /// The last line read, without its end.
    pub(in super::super) fn line(&self) -> &[u8] {
        &self.buffer[self.line.clone()]
    }

    /// Reads the next line. Returns its size in the input, including its end; 0 at the end of the input.
    pub(in super::super) fn advance(&mut self) -> io::Result<usize> {
        let mut searched = 0;
        let (length, size) = loop {
            if let Some(found) = self.find_end(searched) {
                break found;
            }
            // A delimiter may be cut by the end of the buffer.
            let tail = self.delimiter.as_ref().map_or(1, Vec::len);
            searched = (self.end - self.start).saturating_sub(tail);
            if !self.fill()? {
                let size = self.end - self.start;
                let is_ended = self.delimiter.is_none() && self.buffer[self.start..self.end].last() == Some(&b'\r');
                break (size - usize::from(is_ended), size);
            }
        };
        self.line = self.start..self.start + length;
        self.start += size;
        Ok(size)
    }

    /// The length of the first line without and with its end, if the end is in the buffer. The first `searched` bytes
    /// have none.
    fn find_end(&self, searched: usize) -> Option<(usize, usize)> {
        let text = &self.buffer[self.start..self.end];
        if let Some(delimiter) = &self.delimiter {
            let length = searched + memmem::find(&text[searched..], delimiter)?;
            return Some((length, length + delimiter.len()));
        }
        let length = searched + memchr2(b'\n', b'\r', &text[searched..])?;
        match (text[length], text.get(length + 1)) {
            (b'\r', Some(b'\n')) => Some((length, length + 2)),
            // It is not known yet whether an LF follows.
            (b'\r', None) => None,
            _ => Some((length, length + 1)),
        }
    }

    /// Reads more input. Returns whether there was any.
    fn fill(&mut self) -> io::Result<bool> {
        if self.start > 0 {
            self.buffer.copy_within(self.start..self.end, 0);
            (self.start, self.end) = (0, self.end - self.start);
        }
        if self.end == self.buffer.len() {
            self.buffer.resize(self.buffer.len() * 2, 0);
        }
        loop {
            match self.input.read(&mut self.buffer[self.end..]) {
                Ok(read) => {
                    self.end += read;
                    return Ok(read > 0);
                }
                Err(error) if error.kind() == io::ErrorKind::Interrupted => {}
                Err(error) => return Err(error),
            }
        }
    }

    /// Copies the buffered lines that end with LF, up to `most` bytes. Returns the bytes and lines copied; with 0,
    /// [`advance`](Self::advance) must read on.
    pub(super) fn copy_some(&mut self, most: u64, output: &mut impl Write) -> io::Result<(usize, u64)> {
        if self.delimiter.is_some() {
            return Ok((0, 0));
        }
        if self.start == self.end {
            self.fill()?;
        }
        let text = &self.buffer[self.start..self.end];
        let text = &text[..usize::try_from(most).unwrap_or(usize::MAX).min(text.len())];
        let text = &text[..memchr(b'\r', text).unwrap_or(text.len())];
        let text = &text[..memrchr(b'\n', text).map_or(0, |last| last + 1)];
        output.write_all(text)?;
        let copied = (text.len(), memchr_iter(b'\n', text).count() as u64);
        self.start += copied.0;
        Ok(copied)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    /// A reader that gives a few bytes at a time.
    struct Slow<'a>(&'a [u8], usize);

    impl Read for Slow<'_> {
        fn read(&mut self, buffer: &mut [u8]) -> io::Result<usize> {
            let length = self.1.min(buffer.len()).min(self.0.len());
            buffer[..length].copy_from_slice(&self.0[..length]);
            self.0 = &self.0[length..];
            Ok(length)
        }
    }

    fn lines(text: &str, at_once: usize, delimiter: Option<&str>) -> Vec<(String, usize)> {
        let delimiter = delimiter.map(|delimiter| delimiter.as_bytes().to_vec());
        let mut lines = Lines::ended_by(Slow(text.as_bytes(), at_once), delimiter);
        let mut all = Vec::new();
        loop {
            match lines.advance().unwrap() {
                0 => return all,
                size => all.push((String::from_utf8_lossy(lines.line()).into_owned(), size)),
            }
        }
    }

    #[test]
    fn a_line_ends_with_lf_or_cr_or_both() {
        for at_once in [1, 2, 3, 100] {
            let all = lines("a\nb\r\n\rc\r\rlast", at_once, None);
            let wanted = [("a", 2), ("b", 3), ("", 1), ("c", 2), ("", 1), ("last", 4)];
            assert_eq!(all, wanted.map(|(text, size)| (text.to_owned(), size)), "{at_once}");
            assert_eq!(lines("x\r", at_once, None), [("x".to_owned(), 2)]);
        }
        assert!(lines("", 1, None).is_empty());
    }

    #[test]
    fn a_job_may_have_its_own_delimiter() {
        for at_once in [1, 2, 100] {
            let all = lines("a;;b\n;c;;", at_once, Some(";;"));
            assert_eq!(all, [("a".to_owned(), 3), ("b\n;c".to_owned(), 6)], "{at_once}");
        }
    }

    #[test]
    fn a_line_may_be_longer_than_the_buffer() {
        let long = "x".repeat(BUFFER * 3);
        assert_eq!(lines(&format!("{long}\ny"), BUFFER, None)[0].0, long);
    }
}

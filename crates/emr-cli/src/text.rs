//! Text of others on stdout: unchanged into a pipe, with control characters escaped on a terminal.

use std::io::{self, IsTerminal, Write};

use emr_core::error::{Error, Result};
use emr_core::text::is_unfit;

use super::output::unwritable;

/// Prints text that comes in pieces. A reader that closes the pipe (`| head`) is no error.
#[derive(Debug)]
pub struct Text {
    is_terminal: bool,
    is_closed: bool,
    /// The first bytes of a character that the next piece completes.
    begun: Vec<u8>,
    failure: Option<Error>,
}

impl Text {
    /// Text for stdout.
    #[must_use]
    pub fn on_stdout() -> Self {
        Self { is_terminal: io::stdout().is_terminal(), is_closed: false, begun: Vec::new(), failure: None }
    }

    /// Whether people read it, on a terminal.
    #[must_use]
    pub fn is_for_people(&self) -> bool {
        self.is_terminal
    }

    /// Prints `bytes`. Returns false once the reader has closed the pipe.
    pub fn print(&mut self, bytes: &[u8]) -> bool {
        if self.is_closed {
            return false;
        }
        let written = if self.is_terminal {
            let text = self.harmless(bytes);
            io::stdout().lock().write_all(text.as_bytes())
        } else {
            io::stdout().lock().write_all(bytes)
        };
        if let Err(cause) = written {
            self.is_closed = true;
            self.failure = (cause.kind() != io::ErrorKind::BrokenPipe).then(|| unwritable(&cause));
        }
        !self.is_closed
    }

    /// Ends a text. Returns false once the reader has closed the pipe.
    pub fn end(&mut self) -> Result<bool> {
        self.begun.clear();
        self.flush()
    }

    /// Flushes a text that goes on. Returns false once the reader has closed the pipe.
    pub fn flush(&mut self) -> Result<bool> {
        let flushed = if self.is_closed { Ok(()) } else { io::stdout().lock().flush() };
        if let Err(cause) = flushed {
            self.is_closed = true;
            self.failure = (cause.kind() != io::ErrorKind::BrokenPipe).then(|| unwritable(&cause));
        }
        self.failure.take().map_or(Ok(!self.is_closed), Err)
    }

    /// Whether the reader has closed the pipe.
    #[must_use]
    pub fn is_closed(&self) -> bool {
        self.is_closed
    }

    /// `bytes` with control characters escaped: a log must not move the cursor, clear the screen or set the title.
    fn harmless(&mut self, bytes: &[u8]) -> String {
        let bytes = [&std::mem::take(&mut self.begun), bytes].concat();
        let mut text = String::new();
        let mut chunks = bytes.utf8_chunks().peekable();
        while let Some(chunk) = chunks.next() {
            for character in chunk.valid().chars() {
                match character {
                    '\n' | '\t' => text.push(character),
                    unfit if is_unfit(unfit) => text.extend(unfit.escape_default()),
                    fit => text.push(fit),
                }
            }
            let rest = chunk.invalid();
            let may_go_on =
                chunks.peek().is_none() && std::str::from_utf8(rest).is_err_and(|end| end.error_len().is_none());
            if may_go_on {
                self.begun = rest.to_vec();
            } else if !rest.is_empty() {
                text.push(char::REPLACEMENT_CHARACTER);
            }
        }
        text
    }
}

/// Prints `text` of others, whole lines, on stderr.
pub fn pass_on(text: &[u8]) {
    let mut stderr = io::stderr().lock();
    let harmless = if stderr.is_terminal() { Text::on_stdout().harmless(text).into_bytes() } else { text.to_vec() };
    // If stderr is closed, nobody reads it.
    drop(stderr.write_all(&harmless));
}

#[cfg(test)]
mod tests {
    use super::*;

    fn seen(pieces: &[&[u8]]) -> String {
        let mut text = Text { is_terminal: true, is_closed: false, begun: Vec::new(), failure: None };
        pieces.iter().map(|piece| text.harmless(piece)).collect()
    }

    #[test]
    fn nothing_in_a_log_reaches_the_terminal_but_text() {
        assert_eq!(seen(&[b"a\tb\n\x1b[2Jc\r\n"]), "a\tb\n\\u{1b}[2Jc\\r\n");
        assert_eq!(seen(&["\u{202e}x\u{9b}".as_bytes()]), "\\u{202e}x\\u{9b}");
        assert_eq!(seen(&[b"\xff\xfe junk \x00"]), "\u{fffd}\u{fffd} junk \\u{0}");
    }

    #[test]
    fn a_character_in_two_pieces_is_one() {
        assert_eq!(seen(&[b"\xe2\x82", b"\xac!"]), "€!");
        assert_eq!(seen(&[b"\xe2", b"x"]), "\u{fffd}x");
    }
}

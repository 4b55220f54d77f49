//! Text of others on stdout: unchanged into a pipe, with control characters escaped on a terminal.

use std::io::{self, IsTerminal, Write};

use emr_core::error::{Error, Result};
use emr_core::text::is_unfit;
use rustix::event::{PollFd, PollFlags, Timespec, poll};

use super::output::unwritable;
use super::signal::Alarm;

/// Bytes for which a pipe has room whenever it has any.
const PIECE: usize = 4096;

/// How long a reader is waited for until it is time to look whether a signal has come: a quarter of a second.
const WAIT: Timespec = Timespec { tv_sec: 0, tv_nsec: 250_000_000 };

/// Prints text that comes in pieces. A reader that closes the pipe (`| head`) is no error.
#[derive(Debug)]
pub struct Text {
    is_terminal: bool,
    /// What ends the run while the reader is slow.
    alarm: Option<Alarm>,
    is_closed: bool,
    /// The first bytes of a character that the next piece completes.
    begun: Vec<u8>,
    failure: Option<Error>,
}

impl Text {
    /// Text for stdout.
    #[must_use]
    pub fn on_stdout() -> Self {
        Self {
            is_terminal: io::stdout().is_terminal(),
            alarm: None,
            is_closed: false,
            begun: Vec::new(),
            failure: None,
        }
    }

    /// Text for a tool that prints on the thread of its runtime, which stands still while the reader is slow. Nothing more
    /// is printed once `alarm` goes off.
    #[must_use]
    pub fn with_alarm(alarm: Alarm) -> Self {
        Self { alarm: Some(alarm), ..Self::on_stdout() }
    }

    /// Whether people read it, on a terminal.
    #[must_use]
    pub fn is_for_people(&self) -> bool {
        self.is_terminal
    }

    /// Prints `bytes`. Returns false once the reader has closed the pipe. With an alarm a piece of up to 4096 bytes is printed
    /// whole or not at all.
    pub fn print(&mut self, bytes: &[u8]) -> bool {
        if self.is_closed {
            return false;
        }
        let text = self.is_terminal.then(|| self.harmless(bytes));
        let bytes = text.as_ref().map_or(bytes, |text| text.as_bytes());
        let Some(alarm) = self.alarm.clone() else { return self.write(bytes) };
        bytes.chunks(PIECE).all(|piece| waits_for_reader(&alarm) && self.write(piece) && self.write_out())
    }

    fn write(&mut self, bytes: &[u8]) -> bool {
        let written = io::stdout().lock().write_all(bytes);
        self.take_in(written)
    }

    fn write_out(&mut self) -> bool {
        let flushed = io::stdout().lock().flush();
        self.take_in(flushed)
    }

    /// Takes in whether something was `written`, and returns whether there is any use in more.
    fn take_in(&mut self, written: io::Result<()>) -> bool {
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
        let is_of_use = !self.is_closed && self.write_out() && !self.is_closed();
        self.failure.take().map_or(Ok(is_of_use), Err)
    }

    /// Whether no more is printed: a write has shown that the reader closed the pipe, or the alarm has gone off.
    #[must_use]
    pub fn is_closed(&self) -> bool {
        self.is_closed || self.alarm.as_ref().is_some_and(|alarm| alarm.number().is_some())
    }

    /// Looks whether the reader has gone away, which a write would show only once there is something to write.
    pub fn look_for_reader(&mut self) -> bool {
        let stdout = io::stdout();
        let mut ends = [PollFd::new(&stdout, PollFlags::empty())];
        let is_known = poll(&mut ends, Some(&Timespec { tv_sec: 0, tv_nsec: 0 })).is_ok();
        // A pipe whose reader is gone says so, asked or not.
        self.is_closed |= is_known && ends[0].revents().contains(PollFlags::ERR);
        !self.is_closed
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

/// Waits until the reader of stdout has taken enough for another piece; false if `alarm` goes off before.
fn waits_for_reader(alarm: &Alarm) -> bool {
    let stdout = io::stdout();
    loop {
        if alarm.number().is_some() {
            return false;
        }
        let mut room = [PollFd::new(&stdout, PollFlags::OUT)];
        match poll(&mut room, Some(&WAIT)) {
            Ok(0) | Err(rustix::io::Errno::INTR) => {}
            // What else there is to say, the write says.
            _ => return true,
        }
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
        let mut text = Text { is_terminal: true, ..Text::on_stdout() };
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

//! The lines before a stack trace: an exception, whose message may span lines, or any other last line.

use super::super::exception;
use super::super::excerpt::Excerpt;
use super::super::line::Line;

/// The most lines of an exception's message.
const LONGEST: usize = 32;

/// Lines that a stack trace may follow.
#[derive(Debug)]
pub(in super::super) struct Opening {
    pub(super) line: Line,
    /// The message of an exception after its first line.
    pub(super) rest: Vec<Line>,
    /// The traceback of the Python program that called Java, if any.
    pub(super) lead: Excerpt,
    is_exception: bool,
    is_uncaught: bool,
    is_of_record: bool,
}

impl Opening {
    /// Begins with `line`, after `before` and after `lead`, the traceback of a Python program that called Java.
    pub(in super::super) fn new(line: &Line, before: Option<&Self>, lead: Option<Excerpt>) -> Self {
        let message = line.message();
        let is_exception = exception::begins(message);
        // A log record about an exception is followed by the exception itself.
        let record = before.filter(|before| is_exception && before.line.is_record() && before.rest.is_empty());
        let is_announced = record.is_some_and(Self::is_uncaught) || is_exception && lead.is_some();
        Self {
            line: line.clone(),
            rest: Vec::new(),
            lead: lead.unwrap_or_default(),
            is_exception,
            is_uncaught: exception::is_uncaught(message) || is_announced,
            is_of_record: record.is_some() || line.is_record(),
        }
    }

    /// Takes `line` if it may belong to the message of an exception.
    pub(in super::super) fn takes(&mut self, line: &Line) -> bool {
        let is_rest =
            self.is_exception && self.rest.len() < LONGEST && !line.is_record() && !exception::begins(line.message());
        if is_rest {
            self.rest.push(line.clone());
        }
        is_rest
    }

    /// Whether it is an uncaught exception.
    pub(in super::super) fn is_uncaught(&self) -> bool {
        self.is_uncaught
    }

    /// Whether it is in a log4j record, or after one about it.
    pub(in super::super) fn is_of_record(&self) -> bool {
        self.is_of_record
    }

    /// Its first line.
    pub(in super::super) fn line(&self) -> &Line {
        &self.line
    }

    /// Its last line.
    pub(in super::super) fn last(&self) -> &Line {
        self.rest.last().unwrap_or(&self.line)
    }
}

//! What stands before a stack: an exception, whose message may go on for lines, or whatever was said last.

use super::super::exception;
use super::super::excerpt::Excerpt;
use super::super::line::Line;

/// The message of an exception is followed for so many lines.
const LONGEST: usize = 32;

/// The lines that a stack may follow.
#[derive(Debug)]
pub(in super::super) struct Opening {
    pub(super) line: Line,
    /// The rest of the message of an exception.
    pub(super) rest: Vec<Line>,
    /// What led to it: the traceback of the Python that called Java.
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
        // A record that says what happened is followed by the exception itself.
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

    /// Whether it is an exception that nobody caught.
    pub(in super::super) fn is_uncaught(&self) -> bool {
        self.is_uncaught
    }

    /// Whether a log4j record said it, or announced it.
    pub(in super::super) fn is_of_record(&self) -> bool {
        self.is_of_record
    }

    /// The line that it begins with.
    pub(in super::super) fn line(&self) -> &Line {
        &self.line
    }

    /// Its last line.
    pub(in super::super) fn last(&self) -> &Line {
        self.rest.last().unwrap_or(&self.line)
    }
}

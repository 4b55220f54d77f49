//! Reads a text log and keeps the finding with the highest weight.

use super::block::{self, Block, Opening, Stack, is_frame};
use super::exception;
use super::excerpt::Excerpt;
use super::line::{LONGEST, Line};
use super::log4j::{self, Level};
use super::reason::{self, Context, Reason, Strength};
use super::{Evidence, Finding, Weight, exit, python, words};
use crate::logs::{Attempt, Identity, Stream, Subject};
use crate::model::cause::{Cause, CauseKind, Quote};
use crate::model::log::Place;
use crate::text::one_line;

/// The most failed attempts to keep.
const FAILED: usize = 1000;

/// A text log while its lines are read.
#[derive(Debug)]
#[expect(clippy::struct_excessive_bools, reason = "they are independent facts about the lines so far")]
pub(super) struct Text {
    place: Place,
    stream: Stream,
    /// Whether it is the log of a program that runs a job: of a step, or of the first container of an application.
    is_driver: bool,
    /// The attempt of the log.
    own: Option<String>,
    number: Option<u64>,
    /// The level of the current record.
    level: Option<Level>,
    /// The attempt whose failure is being reported.
    attempt: Option<String>,
    /// The current block; without a context, if Python ignores the error, its reason does not count.
    block: Option<(Block, Option<Context>)>,
    /// Lines that a stack trace may follow.
    opening: Option<Opening>,
    /// The traceback of a Python program that called Java, if Java's error comes next.
    lead: Option<Excerpt>,
    /// Whether the last block ended the program.
    was_uncaught: bool,
    /// Whether Python ignores the next error.
    is_ignoring: bool,
    /// Whether Python ignored the previous error.
    has_ignored: bool,
    /// The last line that a program printed.
    last: Option<Line>,
    evidence: Evidence,
}

impl Text {
    /// Begins to read the log at `place`. `number` is the number of the line before the first, if known.
    pub(super) fn of(place: &Place, identity: &Identity, number: Option<u64>) -> Self {
        let attempt = match &identity.subject {
            Subject::Attempt(attempt) => Some(attempt),
            _ => None,
        };
        Self {
            place: place.clone(),
            stream: identity.stream,
            is_driver: attempt.map_or(matches!(identity.subject, Subject::Step(_)), Attempt::is_master),
            own: attempt.map(|attempt| attempt.id.clone()),
            number,
            level: None,
            attempt: None,
            block: None,
            opening: None,
            lead: None,
            was_uncaught: false,
            is_ignoring: false,
            has_ignored: false,
            last: None,
            evidence: Evidence::default(),
        }
    }

    /// Reads the next line.
    pub(super) fn line(&mut self, text: &str) {
        self.number = self.number.map(|number| number + 1);
        let line = Line::new(self.number, text);
        self.mention(&line.text);
        if words::is_heading(&line.text) || self.block.as_mut().is_some_and(|(block, _)| block.takes(&line)) {
            return;
        }
        self.end_block();
        if self.ignores(&line) {
            return;
        }
        let message = self.begin_record(&line);
        self.block = self.begin_block(&line);
        if self.block.is_none() {
            self.open(&line);
            self.weigh(&line, &message);
        }
    }

    /// The evidence in the log, after its last line.
    pub(super) fn evidence(mut self) -> Evidence {
        self.end_block();
        self.close();
        if let Some(line) = self.last.take() {
            let (kind, message) = (CauseKind::ProgramError, line.text.trim().to_owned());
            let said = Reason { strength: Strength::Error, kind, message, line };
            self.found(Weight::Said, said, Excerpt::default());
        }
        if let Some(Finding { cause, .. }) = &mut self.evidence.finding {
            cause.attempt = cause.attempt.take().or(self.own);
            cause.input = self.evidence.input.clone();
        }
        self.evidence
    }

    /// Notes the jobs and failed containers that a line names.
    fn mention(&mut self, text: &str) {
        self.evidence.jobs.extend(words::started(text));
        if let Some(container) = words::failed_container(text) {
            self.failed(container);
        }
        if self.stream == Stream::Controller {
            self.evidence.exit_code = exit::of_step(text).or(self.evidence.exit_code);
        }
    }

    fn failed(&mut self, id: &str) {
        let failed = &mut self.evidence.failed;
        if failed.len() < FAILED && !failed.iter().any(|known| known == id) {
            failed.push(id.to_owned());
        }
    }

    /// Whether `line` is an error that Python ignores, or announces one.
    fn ignores(&mut self, line: &Line) -> bool {
        if python::ignores(&line.text) || self.has_ignored && python::continues(&line.text) {
            self.is_ignoring = true;
            return true;
        }
        if line.text.is_empty() || Block::beginning(line).is_some() {
            return false;
        }
        self.has_ignored = false;
        std::mem::take(&mut self.is_ignoring) && python::is_error(&line.text)
    }

    /// Notes the level of the line, and the attempt or input that it names. Returns its message.
    fn begin_record(&mut self, line: &Line) -> String {
        let message = match log4j::record(&line.text) {
            Some((level, message)) => {
                self.level = Some(level);
                self.attempt = None;
                message
            }
            None => words::unstamped(line.text.trim()),
        };
        if let Some(input) = words::input(message) {
            self.evidence.input = Some(input.to_owned());
        }
        if let Some(attempt) = words::failed_attempt(message) {
            self.attempt = Some(attempt.to_owned());
            self.failed(attempt);
        }
        message.to_owned()
    }

    /// The block that begins with `line`, with its context; without one if Python ignores it.
    fn begin_block(&mut self, line: &Line) -> Option<(Block, Option<Context>)> {
        if let Some(block) = Block::beginning(line) {
            let context = if block.is_of_python() { self.context_of_python(line) } else { Context::Error };
            self.close();
            self.lead = None;
            return Some((block, (!std::mem::take(&mut self.is_ignoring)).then_some(context)));
        }
        if !is_frame(&line.text) {
            return None;
        }
        let opening = self.opening.take();
        let context = match &opening {
            Some(opening) => self.context_of_java(opening),
            None if self.was_uncaught => Context::Uncaught,
            None => Context::Error,
        };
        let mut stack = Block::Stack(Stack::new(opening));
        stack.takes(line);
        Some((stack, Some(context)))
    }

    /// The context of a traceback: printed by Python for the program that runs a job, or by Java for a Python process.
    fn context_of_python(&self, line: &Line) -> Context {
        let before = self.opening.as_ref().map(Opening::last).filter(|line| !line.is_record());
        let is_reported = before.is_some_and(|line| python::is_reported(&line.text));
        let text = line.message();
        let is_uncaught = if text.starts_with("Traceback") || text.starts_with('+') {
            self.is_driver && !is_reported && !line.is_record()
        } else {
            exception::is_uncaught(text) || self.lead.is_some() || self.was_uncaught && text.starts_with("Caused by: ")
        };
        if is_uncaught { Context::Uncaught } else { Context::Error }
    }

    /// The context of the stack trace that follows `opening`.
    fn context_of_java(&self, opening: &Opening) -> Context {
        let header = opening.line().message();
        if opening.is_uncaught() {
            return Context::Uncaught;
        }
        if self.attempt.is_some() || header.contains("running child") || header.contains("in thread") {
            return Context::Error;
        }
        match (self.level, self.stream) {
            (Some(Level::Warn), Stream::Stderr) if opening.is_of_record() => Context::Warning,
            (None | Some(Level::Error), _) | (_, Stream::Stderr) => Context::Error,
            _ => Context::Remark,
        }
    }

    fn end_block(&mut self) {
        let Some((block, context)) = self.block.take() else { return };
        let leads_to_java = block.leads_to_java();
        let (reason, excerpt) = block.end();
        self.has_ignored = context.is_none();
        let Some(context) = context else { return };
        self.was_uncaught = context == Context::Uncaught || leads_to_java;
        self.lead = leads_to_java.then(|| excerpt.clone());
        if let Some(reason) = reason {
            self.last = None;
            self.found(context.weight(reason.strength), reason, excerpt);
        }
    }

    /// Keeps `line`, because a stack trace may follow.
    fn open(&mut self, line: &Line) {
        if line.text.is_empty() || self.opening.as_mut().is_some_and(|opening| opening.takes(line)) {
            return;
        }
        let opening = Opening::new(line, self.opening.as_ref(), self.lead.take());
        self.close();
        self.opening = Some(opening);
    }

    /// Ends an opening that no stack trace followed. An uncaught exception counts without one.
    fn close(&mut self) {
        if let Some(opening) = self.opening.take()
            && opening.is_uncaught()
            && let (Some(reason), excerpt) = Block::Stack(Stack::new(Some(opening))).end()
        {
            self.found(Context::Uncaught.weight(reason.strength), reason, excerpt);
        }
    }

    /// Weighs a line that belongs to no block.
    fn weigh(&mut self, line: &Line, message: &str) {
        let is_record = line.is_record();
        if let Some(says) = self.says(message, is_record)
            && let Some((weight, kind, message)) = self.meaning(message, says, is_record)
        {
            let reason = Reason { strength: Strength::Error, kind, message, line: line.clone() };
            self.found(weight, reason, Excerpt::default());
        }
        if python::is_syntax_error(&line.text) {
            let (kind, message) = (CauseKind::PythonTraceback, message.to_owned());
            let reason = Reason { strength: Strength::Cause, kind, message, line: line.clone() };
            self.found(Weight::Convincing, reason, Excerpt::default());
        } else if self.stream == Stream::Stderr && !is_record && words::is_said(message) {
            self.last = Some(line.clone());
        }
    }

    /// The meaning of `message`. A known cause has the weight `says`.
    fn meaning(&self, message: &str, says: Weight, is_record: bool) -> Option<(Weight, CauseKind, String)> {
        let program_error = |weight, text: &str| Some((weight, CauseKind::ProgramError, text.to_owned()));
        match reason::known(exception::essence(message.trim_start_matches(['#', ' ']))) {
            Some((Strength::Cause, kind, message)) => Some((says, kind, message)),
            Some((Strength::Consequence, kind, message)) => Some((Weight::Hint, kind, message)),
            Some((_, kind, message)) => Some((says.min(Weight::Likely), kind, message)),
            None if words::is_consequence(message) => None,
            None => match words::diagnosis(message) {
                Some(diagnosis) => program_error(Weight::Likely, diagnosis),
                None if self.attempt.is_some() && message.starts_with("Error: ")
                    || is_record && self.level == Some(Level::Error) =>
                {
                    program_error(Weight::Said, message)
                }
                None => None,
            },
        }
    }

    /// The weight of a known cause in `message`; `None` if it means nothing there.
    fn says(&self, message: &str, is_record: bool) -> Option<Weight> {
        let ends_a_job = self.stream == Stream::Controller || message.contains("failed with state ");
        match self.level {
            _ if self.attempt.is_some() => Some(Weight::Convincing),
            _ if message.contains("running child") || block::is_last_word(message) => Some(Weight::Convincing),
            // A program may print anything to stderr.
            _ if !is_record && self.stream == Stream::Stderr => Some(Weight::Likely),
            Some(Level::Error) => Some(Weight::Convincing),
            Some(Level::Warn) => Some(Weight::Likely),
            Some(Level::Info) => ends_a_job.then_some(Weight::Likely),
            None => (self.stream != Stream::Stdout).then_some(Weight::Likely),
        }
    }

    fn found(&mut self, weight: Weight, reason: Reason, excerpt: Excerpt) {
        if self.evidence.finding.as_ref().is_some_and(|finding| finding.weight > weight) {
            return;
        }
        let Reason { kind, message, line, .. } = reason.with_place(excerpt.lines());
        let Line { number: line, text: log_line } = line;
        let cause = Cause {
            kind,
            message: one_line(exception::essence(&message), LONGEST),
            quote: Some(Quote { log_line, place: self.place.clone(), line }),
            excerpt: excerpt.into_lines(),
            input: None,
            attempt: self.attempt.clone(),
        };
        self.evidence.finding = Some(Finding { weight, cause });
    }
}

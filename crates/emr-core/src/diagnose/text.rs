//! Reads a log that is text, and keeps what says the most.

use super::block::{Block, Language, Line};
use super::log4j::{self, Level};
use super::{Evidence, Finding, Weight, exit, phrases, words};
use crate::logs::{Identity, Stream, Subject};
use crate::model::cause::{Cause, CauseKind};
use crate::model::log::Place;
use crate::text::one_line;

/// Longer lines are cut here: what they say stands at their beginning.
const LINE: usize = 1000;

/// No job is looked for in more attempts than this.
const FAILED: usize = 1000;

/// A log that is text.
#[derive(Debug)]
pub(super) struct Text {
    place: Place,
    stream: Stream,
    number: Option<u64>,
    /// The level of the record that the line belongs to.
    level: Option<Level>,
    /// The attempt that is being spoken of.
    attempt: Option<String>,
    /// The attempt that the log is of.
    own: Option<String>,
    block: Option<Block>,
    /// What stood before a stack.
    before: Option<Line>,
    /// The last that a program said.
    last: Option<Line>,
    evidence: Evidence,
}

impl Text {
    pub(super) fn of(place: &Place, identity: &Identity, number: Option<u64>) -> Self {
        let own = match &identity.subject {
            Subject::Attempt(attempt) => Some(attempt.id.clone()),
            _ => None,
        };
        Self {
            place: place.clone(),
            stream: identity.stream,
            number,
            level: None,
            attempt: None,
            own,
            block: None,
            before: None,
            last: None,
            evidence: Evidence::default(),
        }
    }

    pub(super) fn line(&mut self, text: &str) {
        self.number = self.number.map(|number| number + 1);
        let line = Line { number: self.number, text: cut(text.trim_end()) };
        if self.block.as_mut().is_some_and(|block| block.takes(&line)) {
            return;
        }
        self.end_block();
        self.block = Block::beginning(&line, self.before.as_ref());
        let message = self.begin_record(&line);
        if self.block.is_none() {
            self.weigh(&line, &message);
        }
        if !line.text.is_empty() {
            self.before = Some(line);
        }
    }

    pub(super) fn evidence(mut self) -> Evidence {
        self.end_block();
        if let Some(line) = self.last.take() {
            let message = line.text.trim().to_owned();
            self.found(Weight::Said, CauseKind::ProgramError, &message, &line, Vec::new());
        }
        if let Some(Finding { cause, .. }) = &mut self.evidence.finding {
            cause.attempt = cause.attempt.take().or(self.own);
            cause.input = self.evidence.input.clone();
        }
        self.evidence
    }

    /// Takes note of what the line says of itself: its level, and which job, attempt or input it speaks of. Returns the
    /// message in it.
    fn begin_record(&mut self, line: &Line) -> String {
        let message = match log4j::record(&line.text) {
            Some((level, message)) => {
                self.level = Some(level);
                self.attempt = None;
                message
            }
            None => words::unstamped(line.text.trim()),
        };
        self.evidence.jobs.extend(words::started(message));
        if let Some(input) = words::input(message) {
            self.evidence.input = Some(input.to_owned());
        }
        if let Some(attempt) = words::failed_attempt(message) {
            self.attempt = Some(attempt.to_owned());
            if self.evidence.failed.len() < FAILED && !self.evidence.failed.iter().any(|id| id == attempt) {
                self.evidence.failed.push(attempt.to_owned());
            }
        }
        message.to_owned()
    }

    /// Weighs a line that stands for itself.
    fn weigh(&mut self, line: &Line, message: &str) {
        let is_record = log4j::record(&line.text).is_some();
        let says = self.says(message, is_record);
        if let Some(says) = says {
            if let Some(kind) = phrases::kind(message) {
                self.found(says, kind, message, line, Vec::new());
            } else if let Some((weight, kind, meaning)) = exit::meaning(message) {
                self.found(weight, kind, &format!("{meaning}: {message}"), line, Vec::new());
            } else if self.attempt.is_some() && message.starts_with("Error: ")
                || is_record && self.level == Some(Level::Error) && !words::is_sequel(message)
            {
                self.found(Weight::Said, CauseKind::ProgramError, message, line, Vec::new());
            }
        }
        if words::is_syntax_error(&line.text) {
            self.found(Weight::Convincing, CauseKind::PythonTraceback, message, line, Vec::new());
        } else if self.stream == Stream::Stderr && !is_record && words::is_said(message) {
            self.last = Some(line.clone());
        }
    }

    /// How much words for a failure say in `message`; none where they say nothing.
    fn says(&self, message: &str, is_record: bool) -> Option<Weight> {
        let ends_a_job = self.stream == Stream::Controller || message.contains("failed with state ");
        match self.level {
            _ if self.attempt.is_some() => Some(Weight::Convincing),
            _ if message.contains("running child") => Some(Weight::Convincing),
            // Plain lines of stderr may be a program's own.
            _ if !is_record && self.stream == Stream::Stderr => Some(Weight::Likely),
            Some(Level::Error) => Some(Weight::Convincing),
            Some(Level::Warn) => Some(Weight::Likely),
            Some(Level::Info) => ends_a_job.then_some(Weight::Likely),
            None => (self.stream != Stream::Stdout).then_some(Weight::Likely),
        }
    }

    fn end_block(&mut self) {
        let Some(block) = self.block.take() else { return };
        let header = log4j::record(&block.header.text).map_or(block.header.text.trim(), |(_, message)| message);
        let root = log4j::record(&block.root.text).map_or(block.root.text.trim(), |(_, message)| message);
        let root = root.trim_start_matches("Caused by: ");
        let (weight, kind, message) = match block.language {
            Language::Python => (Weight::Convincing, CauseKind::PythonTraceback, root.to_owned()),
            Language::Java => self.of_stack(header, root),
        };
        let root = block.root.clone();
        self.last = None;
        self.found(weight, kind, &message, &root, block.lines);
    }

    /// What a Java stack says that begins with `header` and whose last cause is `root`.
    fn of_stack(&self, header: &str, root: &str) -> (Weight, CauseKind, String) {
        let fatal = self.attempt.is_some()
            || header.contains("running child")
            || header.contains("in thread")
            || self.stream == Stream::Stderr
            || self.level.is_none_or(|level| level == Level::Error);
        let said = |text: &str| phrases::kind(text).map(|kind| (kind, text.to_owned()));
        if let Some((kind, text)) = said(root).or_else(|| said(header)) {
            return (if fatal { Weight::Convincing } else { Weight::Said }, kind, text);
        }
        if header.contains("subprocess failed with code")
            && let Some((weight, kind, meaning)) = exit::meaning(header)
        {
            return (weight, kind, format!("{meaning}: {header}"));
        }
        (if fatal { Weight::Likely } else { Weight::Said }, CauseKind::JavaStack, root.to_owned())
    }

    fn found(&mut self, weight: Weight, kind: CauseKind, message: &str, line: &Line, excerpt: Vec<String>) {
        if self.evidence.finding.as_ref().is_some_and(|finding| finding.weight > weight) {
            return;
        }
        let cause = Cause {
            kind,
            message: one_line(words::essence(message), LINE),
            log_line: line.text.clone(),
            place: self.place.clone(),
            line: line.number,
            excerpt,
            input: None,
            attempt: self.attempt.clone(),
        };
        self.evidence.finding = Some(Finding { weight, cause });
    }
}

/// The beginning of a long line.
fn cut(text: &str) -> String {
    text.chars().take(LINE).collect()
}

//! Reads a log line by line, and keeps what says the most.

use super::block::{Block, Language, Line};
use super::history::History;
use super::log4j::{self, Level};
use super::{Finding, Told, Weight, exit, phrases};
use crate::model::cause::{Cause, CauseKind};
use crate::model::log::Place;
use crate::model::text::one_line;
use crate::policy::logs::{Attempt, Identity, JobNumber, Stream, Subject, find};

/// Most of a line is enough.
const LINE: usize = 1000;

/// No job is looked for in more attempts than this.
const FAILED: usize = 1000;

/// By these words others say which job is theirs.
const STARTED: [&str; 6] = [
    "Submitted application ",
    "Running job: ",
    "Starting Job = ",
    "with App id ",
    "Application report for ",
    "HadoopJobId: ",
];

/// A log that is being read.
#[derive(Debug)]
pub struct Scan(Reading);

#[derive(Debug)]
enum Reading {
    Text(Box<Text>),
    History(Box<History>),
}

impl Scan {
    /// The log at `place`, none of it read. `from_its_beginning` says whether its lines can be numbered.
    #[must_use]
    pub fn of(place: &Place, from_its_beginning: bool) -> Self {
        let identity = Identity::of(place.path());
        Self(match identity.subject {
            Subject::History(_) => Reading::History(Box::new(History::of(place))),
            _ => Reading::Text(Box::new(Text::of(place, &identity, from_its_beginning.then_some(0)))),
        })
    }

    /// Reads the next line, without its end.
    pub fn line(&mut self, line: &str) {
        match &mut self.0 {
            Reading::Text(text) => text.line(line),
            Reading::History(history) => history.line(line),
        }
    }

    /// What the log told, once it is read.
    #[must_use]
    pub fn told(self) -> Told {
        match self.0 {
            Reading::Text(text) => text.told(),
            Reading::History(history) => history.told(),
        }
    }
}

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
    told: Told,
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
            told: Told::default(),
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

    pub(super) fn told(mut self) -> Told {
        self.end_block();
        if let Some(line) = self.last.take() {
            let message = line.text.trim().to_owned();
            self.found(Weight::Said, CauseKind::ProgramError, &message, &line, Vec::new());
        }
        if let Some(Finding { cause, .. }) = &mut self.told.finding {
            cause.attempt = cause.attempt.take().or(self.own);
            cause.input = self.told.input.clone();
        }
        self.told
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
            None => unstamped(line.text.trim()),
        };
        if STARTED.iter().any(|words| message.contains(words)) {
            let ids = ["application_", "job_"].into_iter().filter_map(|prefix| find(message, prefix));
            self.told.jobs.extend(ids.filter_map(JobNumber::read));
        }
        if let Some(input) = input(message) {
            self.told.input = Some(input.to_owned());
        }
        if let Some(attempt) = failed_attempt(message) {
            self.attempt = Some(attempt.to_owned());
            if self.told.failed.len() < FAILED && !self.told.failed.iter().any(|id| id == attempt) {
                self.told.failed.push(attempt.to_owned());
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
                || is_record && self.level == Some(Level::Error) && !is_sequel(message)
            {
                self.found(Weight::Said, CauseKind::ProgramError, message, line, Vec::new());
            }
        }
        if is_syntax_error(&line.text) {
            self.found(Weight::Convincing, CauseKind::PythonTraceback, message, line, Vec::new());
        } else if self.stream == Stream::Stderr && !is_record && is_said(message) {
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
        if self.told.finding.as_ref().is_some_and(|finding| finding.weight > weight) {
            return;
        }
        let cause = Cause {
            kind,
            message: one_line(essence(message), LINE),
            log_line: line.text.clone(),
            place: self.place.clone(),
            line: line.number,
            excerpt,
            input: None,
            attempt: self.attempt.clone(),
        };
        self.told.finding = Some(Finding { weight, cause });
    }
}

/// The beginning of a long line.
fn cut(text: &str) -> String {
    text.chars().take(LINE).collect()
}

/// What stands behind the time in brackets that YARN puts before lines of its diagnostics since Hadoop 3.
fn unstamped(text: &str) -> &str {
    let stamped = text.strip_prefix('[').and_then(|rest| rest.split_once(']'));
    let is_time = |stamp: &str| stamp.starts_with(|c: char| c.is_ascii_digit()) && stamp.contains(':');
    stamped.filter(|(stamp, _)| is_time(stamp)).map_or(text, |(_, rest)| rest)
}

/// What a mapper reads, as Hadoop says before it does.
fn input(message: &str) -> Option<&str> {
    let opened = message.strip_prefix("Opening '").and_then(|rest| rest.split_once("' for reading"));
    opened.map(|(path, _)| path).or_else(|| message.strip_prefix("Processing split: ").map(str::trim))
}

/// The attempt whose failure `message` begins to tell.
fn failed_attempt(message: &str) -> Option<&str> {
    let failed = message.starts_with("Task Id") && message.contains("FAILED");
    let diagnosed = message.starts_with("Diagnostics report from attempt_");
    let id = if failed || diagnosed { find(message, "attempt_")? } else { return None };
    Attempt::read(id).map(|_| id)
}

/// Python says of a program that it cannot read only where and what, and not how it came there.
fn is_syntax_error(text: &str) -> bool {
    ["SyntaxError: ", "IndentationError: ", "TabError: "].iter().any(|error| text.starts_with(error))
}

/// Whether an error only says that something before it was one.
fn is_sequel(message: &str) -> bool {
    ["Job not Successful!", "Job not successful", "Streaming Command Failed!", "Error Launching job : Job"]
        .iter()
        .any(|sequel| message.starts_with(sequel))
}

/// A message without the words by which Hadoop begins every one of its kind.
fn essence(message: &str) -> &str {
    const WORDS: [&str; 4] =
        ["Error Launching job : ", "Exception running child : ", "Error running child : ", "Error: "];
    WORDS.iter().find_map(|words| message.strip_prefix(words)).unwrap_or(message)
}

/// Whether a line of stderr may be what a program said of its failure.
fn is_said(message: &str) -> bool {
    const NOISE: [&str; 10] = [
        "log4j:",
        "SLF4J:",
        "reporter:",
        "+ ",
        "packageJobJar:",
        "Error Launching job",
        "Streaming Command Failed!",
        "Command exiting with ret",
        "Job not Successful!",
        "OpenJDK 64-Bit Server VM warning:",
    ];
    !message.is_empty() && !NOISE.iter().any(|noise| message.starts_with(noise))
}

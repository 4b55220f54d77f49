//! Java stack traces: an exception, its frames, and the chain of its causes.
//!
//! The deepest cause is the best reason, unless it has no message: `java.io.EOFException` alone says less than the
//! `Python worker exited unexpectedly` above it.

use super::super::exception::{begins, essence, has_message, split};
use super::super::excerpt::Excerpt;
use super::super::line::{Line, joined};
use super::super::reason::{Reason, Strength, known};
use super::super::words;
use super::{Block, Opening};
use crate::model::cause::CauseKind;

/// The most causes in a chain to keep: the first and the last.
const LINKS: usize = 16;

/// The most lines of a cause's message to read.
const MESSAGE: usize = 32;

/// The most lines of a message to show.
const SHOWN: usize = 4;

/// A stack trace while its lines are read.
#[derive(Debug)]
pub(in super::super) struct Stack {
    /// The exception and its causes, the deepest last; empty if frames follow another kind of line.
    links: Vec<Link>,
    excerpt: Excerpt,
    /// Whether the message of the last link may continue.
    is_in_message: bool,
    /// Whether the next lines belong to a suppressed exception.
    is_suppressed: bool,
}

/// An exception in a chain of causes.
#[derive(Debug)]
struct Link {
    line: Line,
    /// The lines of its message after the first.
    rest: Vec<Line>,
    /// Its innermost frame.
    frame: Option<String>,
}

impl Link {
    fn new(line: Line, rest: Vec<Line>) -> Self {
        Self { line, rest, frame: None }
    }

    fn essence(&self) -> &str {
        essence(self.line.message())
    }

    /// Its message, line by line.
    fn texts(&self) -> impl Iterator<Item = (&str, &Line)> {
        let rest = self.rest.iter().map(|line| (words::unstamped(line.text.trim()), line));
        std::iter::once((self.essence(), &self.line)).chain(rest)
    }

    fn message(&self) -> String {
        joined(self.texts().take(SHOWN).map(|(text, _)| text))
    }

    /// Whether it has a message that says more than that something failed.
    fn is_informative(&self) -> bool {
        let essence = self.essence();
        has_message(essence) && !words::is_consequence(essence) && known(essence).is_none()
    }

    /// Its class and the frame that threw it.
    fn place(&self) -> String {
        let class = split(self.essence()).map_or(self.essence(), |(class, _)| class);
        self.frame.as_ref().map_or_else(|| class.to_owned(), |frame| format!("{class} {frame}"))
    }
}

impl Stack {
    /// A stack trace whose frames follow `opening`; `None` if they follow a block that was read already.
    pub(in super::super) fn new(opening: Option<Opening>) -> Self {
        let mut stack = Self { links: vec![], excerpt: Excerpt::default(), is_in_message: true, is_suppressed: false };
        if let Some(Opening { line, rest, lead, .. }) = opening {
            stack.excerpt = lead;
            std::iter::once(&line).chain(&rest).for_each(|line| stack.excerpt.push(&line.text));
            stack.links.push(Link::new(line, rest));
        }
        stack
    }

    /// Takes `line` if it belongs to the stack.
    pub(super) fn takes(&mut self, line: &Line) -> bool {
        let text = line.text.as_str();
        let is_inner = text.starts_with([' ', '\t']);
        if text.is_empty() {
            return true;
        }
        if line.is_record() || Block::beginning(line).is_some() {
            return false;
        }
        if is_frame(text) {
            self.frame(text.trim());
        } else if text.trim_start().starts_with("Suppressed: ") && is_inner {
            self.is_suppressed = true;
        } else if text.trim_start().starts_with("Caused by: ") {
            self.is_suppressed &= is_inner;
            self.cause(line);
        } else if self.is_in_message && begins(text) {
            self.cause(line);
        } else if !is_more(text) && !self.takes_message(line) {
            return false;
        }
        self.excerpt.push(text);
        true
    }

    fn frame(&mut self, text: &str) {
        self.is_in_message = false;
        if let Some(link) = self.links.last_mut()
            && !self.is_suppressed
        {
            link.frame.get_or_insert_with(|| text.to_owned());
        }
    }

    fn cause(&mut self, line: &Line) {
        if self.is_suppressed {
            return;
        }
        if self.links.len() == LINKS {
            self.links.remove(LINKS / 2);
        }
        self.links.push(Link::new(line.clone(), Vec::new()));
        self.is_in_message = true;
    }

    fn takes_message(&mut self, line: &Line) -> bool {
        let open = self.links.last_mut().filter(|link| self.is_in_message && link.rest.len() < MESSAGE);
        open.map(|link| link.rest.push(line.clone())).is_some()
    }

    pub(super) fn end(self) -> (Option<Reason>, Excerpt) {
        (self.reason(), self.excerpt)
    }

    /// The deepest known cause, or else a known symptom, or else the deepest message.
    fn reason(&self) -> Option<Reason> {
        let texts = || self.links.iter().rev().flat_map(Link::texts);
        let known: Vec<_> = texts().filter_map(|(text, line)| Some((known(text)?, line))).collect();
        let strongest = known.iter().rev().max_by_key(|((strength, ..), _)| *strength);
        let of_known = |((strength, kind, message), line): &((Strength, CauseKind, String), &Line)| Reason {
            strength: *strength,
            kind: *kind,
            message: message.clone(),
            line: (*line).clone(),
        };
        match strongest {
            Some(found @ ((strength, ..), _)) if *strength > Strength::Consequence => Some(of_known(found)),
            found => self.deepest_message().or_else(|| found.map(of_known)).or_else(|| self.bare()),
        }
    }

    /// The deepest message, with the root cause if that has none.
    fn deepest_message(&self) -> Option<Reason> {
        let link = self.links.iter().rev().find(|link| link.is_informative());
        let root = self.links.last()?;
        let is_bare = !has_message(root.essence());
        let message = match link {
            Some(link) if is_bare => joined([&*link.message(), &format!("(caused by {})", root.place())]),
            Some(link) => link.message(),
            None if is_bare && (self.links.len() > 1 || !words::is_consequence(root.essence())) => root.place(),
            None => return None,
        };
        Some(Reason {
            strength: Strength::Error,
            kind: CauseKind::JavaStack,
            message,
            line: link.unwrap_or(root).line.clone(),
        })
    }

    /// The message of an exception that only says that something else failed.
    fn bare(&self) -> Option<Reason> {
        let link = self.links.first()?;
        let (kind, message) = (CauseKind::JavaStack, link.message());
        Some(Reason { strength: Strength::Consequence, kind, message, line: link.line.clone() })
    }
}

/// Whether `text` is a frame, such as `at a.B.c(B.java:1)`. YARN's diagnostics do not indent frames.
pub(in super::super) fn is_frame(text: &str) -> bool {
    let Some(frame) = text.trim_start().strip_prefix("at ") else { return false };
    let is_inner = text.starts_with([' ', '\t']);
    let Some((method, _)) = frame.split_once('(') else { return false };
    is_inner || method.contains('.') && !method.contains(' ') && frame.ends_with(')')
}

fn is_more(text: &str) -> bool {
    text.starts_with([' ', '\t']) && text.trim_start().starts_with("... ") && text.ends_with(" more")
}

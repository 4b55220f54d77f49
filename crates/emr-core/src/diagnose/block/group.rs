//! Exception groups of Python 3.11 and later: several errors, each in a box of `|`, `+` and `-`.

use super::super::excerpt::Excerpt;
use super::super::line::{Line, joined};
use super::super::python;
use super::super::reason::{Reason, Strength};

/// The most errors of a group to keep: their messages make one line.
const ERRORS: usize = 8;

/// A group while its lines are read.
#[derive(Debug)]
pub(in super::super) struct Group {
    header: Line,
    /// The message of the group itself.
    message: Option<Line>,
    /// The errors in the group.
    errors: Vec<Line>,
    /// The error in the current box.
    current: Option<Line>,
    /// Whether the next line without indentation is the error.
    is_expected: bool,
    excerpt: Excerpt,
}

impl Group {
    pub(super) fn beginning(line: &Line) -> Option<Self> {
        if !line.text.contains(python::GROUP) {
            return None;
        }
        let (header, is_expected) = (line.clone(), true);
        let mut group =
            Self { header, message: None, errors: vec![], current: None, is_expected, excerpt: Excerpt::default() };
        group.excerpt.push(&line.text);
        Some(group)
    }

    /// Takes `line` if it belongs to a box.
    pub(super) fn takes(&mut self, line: &Line) -> bool {
        match unboxed(&line.text) {
            Some(Boxed::Border) => self.end_error(),
            Some(Boxed::Text(text)) => self.inside(line.number, text),
            None => return false,
        }
        self.excerpt.push(&line.text);
        true
    }

    fn inside(&mut self, number: Option<u64>, text: &str) {
        if python::is_inner(text) || text.contains(python::TRACEBACK) {
            self.is_expected = true;
        } else if self.is_expected && !text.is_empty() {
            self.is_expected = false;
            self.current = Some(Line::new(number, text));
        }
    }

    /// Keeps the error of a box that ends. A line with the number of sub-exceptions is the message of the group.
    fn end_error(&mut self) {
        self.is_expected = true;
        let Some(error) = self.current.take() else { return };
        if error.text.contains(" sub-exception") {
            self.message.get_or_insert(error);
        } else if self.errors.len() < ERRORS {
            self.errors.push(error);
        }
    }

    pub(super) fn end(mut self) -> (Option<Reason>, Excerpt) {
        self.end_error();
        let own = self.message.as_ref().map(|message| format!("({})", message.text));
        let Some(first) = self.errors.first() else {
            let line = self.message.unwrap_or(self.header);
            let (strength, kind) = (Strength::Cause, python::kind(&line.text).1);
            return (Some(Reason { strength, kind, message: line.text.clone(), line }), self.excerpt);
        };
        let errors: Vec<_> = self.errors.iter().map(|error| error.text.as_str()).collect();
        let message = joined([&*errors.join("; "), own.as_deref().unwrap_or_default()]);
        let (strength, kind) = python::kind(&first.text);
        (Some(Reason { strength, kind, message, line: first.clone() }), self.excerpt)
    }
}

/// A line of a box.
enum Boxed<'a> {
    /// A border, which ends one error and may begin another.
    Border,
    Text(&'a str),
}

/// Strips the box from `text`; `None` without one.
fn unboxed(text: &str) -> Option<Boxed<'_>> {
    let text = text.trim_start();
    if text.starts_with("+-") {
        return Some(Boxed::Border);
    }
    let inner = text.strip_prefix('|')?;
    Some(Boxed::Text(inner.strip_prefix(' ').unwrap_or(inner)))
}

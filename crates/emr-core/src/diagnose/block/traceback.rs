//! A traceback of Python.

use super::super::excerpt::Excerpt;
use super::super::line::Line;
use super::super::python;
use super::super::reason::{Reason, Strength};

/// A traceback that is being read.
#[derive(Debug)]
pub(in super::super) struct Traceback {
    /// The line that says what happened.
    root: Line,
    /// The last place in a program: `File "job.py", line 3, in f`.
    place: Option<String>,
    excerpt: Excerpt,
    is_complete: bool,
}

impl Traceback {
    pub(super) fn beginning(line: &Line) -> Option<Self> {
        let is_header = line.text.contains(python::TRACEBACK);
        let mut excerpt = Excerpt::default();
        excerpt.push(&line.text);
        is_header.then(|| Self { root: line.clone(), place: None, excerpt, is_complete: false })
    }

    /// Takes `line` until the one that says what happened, which is the first without indentation.
    pub(super) fn takes(&mut self, line: &Line) -> bool {
        if self.is_complete || line.is_record() {
            return false;
        }
        if !line.text.is_empty() {
            self.root = line.clone();
            self.is_complete = !line.text.starts_with([' ', '\t']);
            self.place = python::place(&line.text).map(str::to_owned).or(self.place.take());
        }
        self.excerpt.push(&line.text);
        true
    }

    pub(super) fn end(self) -> (Option<Reason>, Excerpt) {
        let error = self.root.message();
        let message = match &self.place {
            Some(place) if python::is_bare(error) => format!("{error} ({place})"),
            _ => error.to_owned(),
        };
        let (strength, kind) = python::kind(error);
        let strength = if self.leads_to_java() { Strength::Symptom } else { strength };
        (Some(Reason { strength, kind, message, line: self.root }), self.excerpt)
    }

    /// Whether it only says that Java failed, and what Java says stands behind it.
    pub(super) fn leads_to_java(&self) -> bool {
        self.root.text.contains("An error occurred while calling ")
    }
}

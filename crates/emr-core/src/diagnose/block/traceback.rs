//! Python tracebacks.

use super::super::excerpt::Excerpt;
use super::super::line::{Line, joined};
use super::super::python;
use super::super::reason::{Reason, Strength};

/// A traceback while its lines are read.
#[derive(Debug)]
pub(in super::super) struct Traceback {
    /// The line of the error.
    root: Line,
    /// The next line of the error, if the first ends with a colon.
    rest: Option<Line>,
    /// The last place in the program, such as `File "job.py", line 3, in f`.
    place: Option<String>,
    excerpt: Excerpt,
    is_complete: bool,
}

impl Traceback {
    pub(super) fn beginning(line: &Line) -> Option<Self> {
        let is_header = line.text.contains(python::TRACEBACK);
        let mut excerpt = Excerpt::default();
        excerpt.push(&line.text);
        is_header.then(|| Self { root: line.clone(), rest: None, place: None, excerpt, is_complete: false })
    }

    /// Takes lines up to the error, which is the first line without indentation.
    pub(super) fn takes(&mut self, line: &Line) -> bool {
        if line.is_record() || self.is_complete && !self.continues_in(line) {
            return false;
        }
        if self.is_complete {
            self.rest = Some(line.clone());
        } else if !line.text.is_empty() {
            self.root = line.clone();
            self.is_complete = !python::is_inner(&line.text);
            self.place = python::place(&line.text).map(str::to_owned).or(self.place.take());
        }
        self.excerpt.push(&line.text);
        true
    }

    /// Whether the error continues in `line`.
    fn continues_in(&self, line: &Line) -> bool {
        let is_begun = self.rest.is_none() && self.root.text.ends_with(':');
        is_begun && !line.text.is_empty() && !line.text.contains(python::TRACEBACK)
    }

    pub(super) fn end(self) -> (Option<Reason>, Excerpt) {
        let rest = self.rest.as_ref().map_or("", |line| &line.text);
        let error = joined([self.root.message(), rest]);
        let (strength, kind, message) = python::of_spark(&error).unwrap_or_else(|| {
            let (strength, kind) = python::kind(&error);
            let message = match &self.place {
                Some(place) if python::is_bare(&error) => format!("{error} ({place})"),
                _ => error,
            };
            (strength, kind, message)
        });
        let strength = if self.leads_to_java() { Strength::Symptom } else { strength };
        (Some(Reason { strength, kind, message, line: self.root }), self.excerpt)
    }

    /// Whether it only says that Java failed. Java's own stack trace follows.
    pub(super) fn leads_to_java(&self) -> bool {
        self.root.text.contains("An error occurred while calling ")
    }
}

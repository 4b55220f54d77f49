//! Reads a log line by line, whatever kind of log it is.

use super::Evidence;
use super::history::History;
use super::text::Text;
use crate::logs::{Identity, Subject};
use crate::model::log::Place;

/// A log that is being read.
#[derive(Debug)]
pub struct Scan(Reading);

#[derive(Debug)]
enum Reading {
    Text(Box<Text>),
    History(Box<History>),
}

impl Scan {
    /// Begins to read the log at `place`. Its lines have numbers if they are read `from_its_beginning`.
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

    /// What the log says, once it is read.
    #[must_use]
    pub fn evidence(self) -> Evidence {
        match self.0 {
            Reading::Text(text) => text.evidence(),
            Reading::History(history) => history.evidence(),
        }
    }
}

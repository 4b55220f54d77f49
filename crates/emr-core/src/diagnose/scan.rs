//! Reads a log of any kind, line by line.

use super::Evidence;
use super::history::History;
use super::text::Text;
use crate::logs::{Identity, Subject};
use crate::model::log::Place;

/// A log while its lines are read.
#[derive(Debug)]
pub struct Scan(Reading);

#[derive(Debug)]
enum Reading {
    Text(Box<Text>),
    History(Box<History>),
}

impl Scan {
    /// Begins to read the log at `place`. Line numbers are known only if it is read `from_its_beginning`.
    #[must_use]
    pub fn of(place: &Place, from_its_beginning: bool) -> Self {
        let identity = Identity::of(place.path());
        Self(match identity.subject {
            Subject::History(_) => Reading::History(Box::new(History::of(place))),
            _ => Reading::Text(Box::new(Text::of(place, &identity, from_its_beginning.then_some(0)))),
        })
    }

    /// Reads the next line, without its line break.
    pub fn line(&mut self, line: &str) {
        match &mut self.0 {
            Reading::Text(text) => text.line(line),
            Reading::History(history) => history.line(line),
        }
    }

    /// The evidence in the log, after its last line.
    #[must_use]
    pub fn evidence(self) -> Evidence {
        match self.0 {
            Reading::Text(text) => text.evidence(),
            Reading::History(history) => history.evidence(),
        }
    }
}

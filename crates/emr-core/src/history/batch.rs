//! Lines that one thread reads and another takes in.

use super::event::{Event, Line};
use super::finding::Place;

/// Lines in their order, whose texts lie in one.
#[derive(Debug, Default)]
pub struct Batch {
    rows: Vec<Row>,
    texts: String,
    /// How many rows were given away.
    given: usize,
    /// Where the texts of the next one begin.
    begin: usize,
}

#[derive(Debug)]
enum Row {
    /// A line, and where its texts end.
    Line {
        event: Event,
        uri_end: usize,
        time_end: usize,
    },
    Torn(Place),
}

/// What is given away.
#[derive(Debug)]
pub enum Item<'a> {
    /// A line.
    Line(Line<'a>),
    /// A line that breaks off.
    Torn(Place),
}

impl Batch {
    /// An empty one that has room for so many lines.
    #[must_use]
    pub fn with_capacity(lines: usize) -> Self {
        Self { rows: Vec::with_capacity(lines), ..Self::default() }
    }

    /// Adds a line.
    pub fn push(&mut self, line: &Line<'_>) {
        self.texts.push_str(line.uri);
        let uri_end = self.texts.len();
        self.texts.push_str(line.time);
        self.rows.push(Row::Line { event: line.event, uri_end, time_end: self.texts.len() });
    }

    /// Adds that the line at `place` breaks off.
    pub fn push_torn(&mut self, place: Place) {
        self.rows.push(Row::Torn(place));
    }

    /// How many lines were added.
    #[must_use]
    #[expect(clippy::len_without_is_empty, reason = "whether it is used up is another question")]
    pub fn len(&self) -> usize {
        self.rows.len()
    }

    /// Whether all lines were given away.
    #[must_use]
    pub fn is_used_up(&self) -> bool {
        self.given == self.rows.len()
    }

    /// Gives the next line away, if there is one.
    pub fn take(&mut self) -> Option<Item<'_>> {
        let row = self.rows.get(self.given)?;
        self.given += 1;
        match *row {
            Row::Torn(place) => Some(Item::Torn(place)),
            Row::Line { event, uri_end, time_end } => {
                let begin = std::mem::replace(&mut self.begin, time_end);
                let (uri, time) = (&self.texts[begin..uri_end], &self.texts[uri_end..time_end]);
                Some(Item::Line(Line { event, uri, time }))
            }
        }
    }
}

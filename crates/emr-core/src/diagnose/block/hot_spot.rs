//! The fatal error reports of `HotSpot`, the Java virtual machine: it crashed, or ran out of memory.
//!
//! It prints the report to standard output and then aborts, so its exit code shows SIGABRT and not the cause.

use super::super::excerpt::Excerpt;
use super::super::line::{Line, joined};
use super::super::reason::{Reason, Strength};
use crate::model::cause::CauseKind;

const CRASH: &str = "A fatal error has been detected by the Java Runtime Environment";
const MEMORY: &str = "There is insufficient memory for the Java Runtime Environment to continue";

/// The most lines of a report.
const LONGEST: usize = 64;

/// A report while its lines are read.
#[derive(Debug)]
pub(in super::super) struct HotSpot {
    lines: Vec<Line>,
    excerpt: Excerpt,
}

/// Whether `text` is one of `HotSpot`'s one-line messages that it ends for lack of memory.
pub(in super::super) fn is_last_word(text: &str) -> bool {
    let text = text.trim_start_matches(['#', ' ']);
    let text =
        ["Terminating due to ", "Aborting due to "].iter().find_map(|words| text.strip_prefix(words)).unwrap_or(text);
    text.starts_with("java.lang.OutOfMemoryError") || text.starts_with("Could not reserve enough space for ")
}

impl HotSpot {
    pub(super) fn beginning(line: &Line) -> Option<Self> {
        let text = line.text.trim_start();
        let is_header = text.starts_with('#') && (text.contains(CRASH) || text.contains(MEMORY));
        let mut excerpt = Excerpt::default();
        excerpt.push(&line.text);
        is_header.then(|| Self { lines: vec![line.clone()], excerpt })
    }

    pub(super) fn takes(&mut self, line: &Line) -> bool {
        let is_of_report = line.text.trim_start().starts_with('#') && self.lines.len() < LONGEST;
        if is_of_report {
            self.lines.push(line.clone());
            self.excerpt.push(&line.text);
        }
        is_of_report
    }

    pub(super) fn end(self) -> (Option<Reason>, Excerpt) {
        let words = |line: &Line| {
            line.text.trim_start_matches([' ', '\t', '#']).split_whitespace().collect::<Vec<_>>().join(" ")
        };
        let mut lines = self.lines.iter().map(|line| (words(line), line)).filter(|(text, _)| !text.is_empty());
        let Some((header, first)) = lines.next() else { return (None, self.excerpt) };
        let (what, line) = lines.next().unwrap_or((header.clone(), first));
        let is_memory = header.contains(MEMORY) || what.contains("Out of Memory Error");
        let frame = lines.find(|(text, _)| text.starts_with("Problematic frame")).and_then(|_| lines.next());
        let message = match frame {
            _ if is_memory => joined([&*header, &*what]),
            Some((frame, _)) => joined([&*what, "in", &*frame]),
            None => what,
        };
        let kind = if is_memory { CauseKind::OutOfMemory } else { CauseKind::KilledBySignal };
        let line = if is_memory { first } else { line }.clone();
        (Some(Reason { strength: Strength::Cause, kind, message, line }), self.excerpt)
    }
}

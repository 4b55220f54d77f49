//! The two things that span lines: a Python traceback and a Java stack.

use super::log4j;

/// The most lines of a block that are kept.
const KEPT: usize = 40;

/// A line with its number, from 1, where it is known.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) struct Line {
    pub(super) number: Option<u64>,
    pub(super) text: String,
}

/// A block that is being read.
#[derive(Debug)]
pub(super) struct Block {
    pub(super) language: Language,
    /// The line that says what happened: the exception of a traceback, the header or the last cause of a stack.
    pub(super) root: Line,
    /// The line that a stack begins with.
    pub(super) header: Line,
    /// Its lines, of a long one the first and the last.
    pub(super) lines: Vec<String>,
    is_complete: bool,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Language {
    Python,
    Java,
}

impl Block {
    /// The block that `line` begins, which came after `before`.
    pub(super) fn beginning(line: &Line, before: Option<&Line>) -> Option<Self> {
        let begun = |language, header: &Line| {
            let lines = vec![header.text.clone()];
            Self { language, root: header.clone(), header: header.clone(), lines, is_complete: false }
        };
        if line.text.contains("Traceback (most recent call last):") {
            return Some(begun(Language::Python, line));
        }
        if is_frame(&line.text)
            && let Some(before) = before
        {
            let mut block = begun(Language::Java, before);
            block.keep(&line.text);
            return Some(block);
        }
        None
    }

    /// Takes `line` if it belongs to the block.
    pub(super) fn takes(&mut self, line: &Line) -> bool {
        let belongs = match self.language {
            Language::Python => !self.is_complete && log4j::record(&line.text).is_none(),
            Language::Java => is_frame(&line.text) || is_cause(&line.text) || is_more(&line.text),
        };
        if !belongs {
            return false;
        }
        let is_inner = line.text.is_empty() || line.text.starts_with([' ', '\t']);
        match self.language {
            Language::Python if line.text.is_empty() => {}
            Language::Python => {
                self.root = line.clone();
                self.is_complete = !is_inner;
            }
            Language::Java if is_cause(&line.text) => self.root = line.clone(),
            Language::Java => {}
        }
        self.keep(&line.text);
        true
    }

    /// Keeps the first half and the latest of the second.
    fn keep(&mut self, text: &str) {
        if self.lines.len() == KEPT {
            self.lines.remove(KEPT / 2);
        }
        self.lines.push(text.to_owned());
    }
}

fn is_frame(text: &str) -> bool {
    text.starts_with([' ', '\t']) && text.trim_start().starts_with("at ") && text.contains('(')
}

fn is_cause(text: &str) -> bool {
    text.trim_start().starts_with("Caused by: ")
}

fn is_more(text: &str) -> bool {
    text.starts_with([' ', '\t']) && text.trim_start().starts_with("... ") && text.ends_with(" more")
}

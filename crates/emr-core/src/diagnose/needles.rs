//! Searches a line for many words at once.
//!
//! A log has millions of lines, and more than a hundred words are searched in each. One pass over a line finds the few
//! words that need a closer look.

use aho_corasick::AhoCorasick;

/// The words to search for.
#[derive(Debug)]
pub(super) struct Needles {
    count: usize,
    /// `None` if it cannot be built; then every word is a candidate.
    automaton: Option<AhoCorasick>,
}

impl Needles {
    /// Prepares a search for `words`, which are numbered from 0.
    pub(super) fn new<'a>(words: impl IntoIterator<Item = &'a str>) -> Self {
        let words: Vec<_> = words.into_iter().collect();
        Self { count: words.len(), automaton: AhoCorasick::new(&words).ok() }
    }

    /// The numbers of the words that may be in `text`, in ascending order.
    pub(super) fn candidates(&self, text: &str) -> Vec<usize> {
        let Some(automaton) = &self.automaton else { return (0..self.count).collect() };
        let mut found: Vec<_> = automaton.find_overlapping_iter(text).map(|found| found.pattern().as_usize()).collect();
        found.sort_unstable();
        found.dedup();
        found
    }

    /// Whether any of the words may be in `text`.
    pub(super) fn may_be_in(&self, text: &str) -> bool {
        self.automaton.as_ref().is_none_or(|automaton| automaton.is_match(text))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn overlapping_words_are_found() {
        let needles = Needles::new(["lost", "st", "found"]);
        assert_eq!(needles.candidates("lost and lost"), [0, 1]);
        assert!(needles.may_be_in("the last") && !needles.may_be_in("the end"));
    }
}

//! The part of a traceback or stack trace that is kept for the record.

/// The most lines to keep.
const KEPT: usize = 40;

/// The first and the last lines of a longer text.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub(super) struct Excerpt(Vec<String>);

impl Excerpt {
    pub(super) fn push(&mut self, text: &str) {
        if self.0.len() == KEPT {
            self.0.remove(KEPT / 2);
        }
        self.0.push(text.to_owned());
    }

    pub(super) fn lines(&self) -> &[String] {
        &self.0
    }

    pub(super) fn into_lines(self) -> Vec<String> {
        self.0
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn of_many_lines_the_first_and_the_last_are_kept() {
        let mut excerpt = Excerpt::default();
        (0..100).for_each(|number: u32| excerpt.push(&number.to_string()));
        let lines = excerpt.into_lines();
        assert_eq!((lines.len(), &*lines[19], &*lines[20], &*lines[39]), (KEPT, "19", "80", "99"));
    }
}

//! Finds where a command's own output begins.
//!
//! A login shell runs the user's `.bashrc` before the command, and that may print anything. So every command first
//! prints a mark on both streams, and output before the mark is dropped. The mark is random, so no `.bashrc` prints it
//! by chance. The streams have different marks, to tell them apart if a shell has joined them. Neither is in the
//! command line, which some shells print.

use std::fmt;

/// How many bytes before the mark are kept. If the command never begins, they say why.
const KEPT: usize = 1 << 14;

/// The mark of a session's commands.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Mark(String);

/// A stream of an `ssh` that runs a marked command.
#[derive(Debug)]
pub struct AfterMark {
    mark: Vec<u8>,
    began: bool,
    before: Vec<u8>,
}

impl Mark {
    /// The shell lines that print the mark `$1`. They first switch off a trace of the login shell.
    pub(super) const SAY: &str = "{ set +xv; } 2>/dev/null\necho \"$1-err\" >&2\necho \"$1-out\"\n";

    /// The mark made of `random`, which must not be guessable.
    #[must_use]
    pub fn new(random: impl fmt::Display) -> Self {
        Self(format!("emr-tools-{random}"))
    }

    /// The `$1` of [`Self::SAY`].
    pub(super) fn word(&self) -> &str {
        &self.0
    }

    /// The mark at the beginning of a command's stdout.
    #[must_use]
    pub fn on_stdout(&self) -> AfterMark {
        AfterMark::new(format!("{}-out\n", self.0))
    }

    /// The mark at the beginning of a command's stderr.
    #[must_use]
    pub fn on_stderr(&self) -> AfterMark {
        AfterMark::new(format!("{}-err\n", self.0))
    }
}

impl AfterMark {
    fn new(mark: String) -> Self {
        Self { mark: mark.into_bytes(), began: false, before: Vec::new() }
    }

    /// Takes the next bytes of the stream, and returns those of the command.
    pub fn read<'a>(&mut self, bytes: &'a [u8]) -> &'a [u8] {
        if self.began {
            return bytes;
        }
        let overlap = self.before.len().min(self.mark.len() - 1);
        let searched = [&self.before[self.before.len() - overlap..], bytes].concat();
        if let Some(place) = searched.windows(self.mark.len()).position(|window| window == self.mark) {
            self.began = true;
            return &bytes[place + self.mark.len() - overlap..];
        }
        keep_last(&mut self.before, bytes);
        &[]
    }

    /// Whether the mark has been read.
    #[must_use]
    pub fn began(&self) -> bool {
        self.began
    }

    /// The end of what came before the mark: output of the login shell and, on stderr, of `ssh`.
    #[must_use]
    pub fn before(&self) -> &[u8] {
        &self.before
    }

    /// The mark itself. It also ends a stderr whose exit code 255 is the command's.
    pub(super) fn mark(&self) -> &[u8] {
        &self.mark
    }
}

/// Adds `bytes` to `kept`, and keeps the last 16 KiB.
pub(crate) fn keep_last(kept: &mut Vec<u8>, bytes: &[u8]) {
    kept.extend_from_slice(bytes);
    let excess = kept.len().saturating_sub(KEPT);
    kept.drain(..excess);
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    /// The command's part of a stdout that comes in these pieces.
    fn read(pieces: &[&[u8]]) -> (Vec<u8>, AfterMark) {
        let mut stream = Mark::new("X").on_stdout();
        let read = pieces.iter().flat_map(|piece| stream.read(piece).to_vec()).collect();
        (read, stream)
    }

    #[test]
    fn output_before_the_mark_is_not_the_command_s() {
        let (read, stream) = read(&[b"welcome\nno newline", b"emr-tools-X-", b"out\nreal\n", b"emr-tools-X-out\n"]);
        assert_eq!(read, b"real\nemr-tools-X-out\n");
        assert!(stream.began());
    }

    #[test]
    fn text_that_only_looks_like_the_mark_is_not_it() {
        let noise = b"exec sh -c '...' sh emr-tools-X 'true'\nemr-tools-X-err\nemr-tools-Y-out\nemr-tools-X-out \n";
        let (read, stream) = read(&[noise]);
        assert!(read.is_empty() && !stream.began());
        assert_eq!(stream.before(), noise);
    }

    #[test]
    fn only_the_end_of_megabytes_before_the_mark_is_kept() {
        let (read, stream) = read(&[&vec![b'x'; 3 << 20], b"why\n"]);
        assert!(read.is_empty() && stream.before().len() == KEPT && stream.before().ends_with(b"xxwhy\n"));
    }

    proptest! {
        #[test]
        fn pieces_do_not_matter(noise in "[emr\\-tolsXu\n]{0,40}", size in 1..30_usize, real: Vec<u8>) {
            let all = [noise.as_bytes(), b"emr-tools-X-out\n", &real].concat();
            prop_assume!(!noise.contains("emr-tools-X-out\n"));
            prop_assert_eq!(read(&all.chunks(size).collect::<Vec<_>>()).0, real);
        }
    }
}

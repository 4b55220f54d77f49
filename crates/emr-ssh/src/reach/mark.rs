//! Where a command's own output begins.
//!
//! A login shell runs the user's `.bashrc` before the command, and that may print anything on either stream. So every
//! command says a mark on both streams first, and what comes before the mark is dropped. The mark is random: no
//! `.bashrc` prints it by chance, and the streams have different ones, which tells them apart where a shell has joined
//! them. Neither is in the command line itself, which some shells print.

use std::fmt;

/// How much is kept of what comes before the mark, in bytes: if the command never begins, it says why.
const KEPT: usize = 1 << 14;

/// The mark of a session's commands.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Mark(String);

/// One stream of an `ssh` that runs a marked command.
#[derive(Debug)]
pub struct AfterMark {
    mark: Vec<u8>,
    began: bool,
    before: Vec<u8>,
}

impl Mark {
    /// The shell lines that say the mark `$1`. A trace that the login shell has switched on ends here.
    pub(super) const SAY: &str = "{ set +xv; } 2>/dev/null\necho \"$1-err\" >&2\necho \"$1-out\"\n";

    /// The mark made of `random`, a word that nobody can guess.
    #[must_use]
    pub fn new(random: impl fmt::Display) -> Self {
        Self(format!("emr-tools-{random}"))
    }

    /// What [`Self::SAY`] takes as `$1`.
    pub(super) fn word(&self) -> &str {
        &self.0
    }

    /// What stands at the beginning of a command's stdout.
    #[must_use]
    pub fn on_stdout(&self) -> AfterMark {
        AfterMark::new(format!("{}-out\n", self.0))
    }

    /// What stands at the beginning of a command's stderr.
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

    /// Whether the mark has come.
    #[must_use]
    pub fn began(&self) -> bool {
        self.began
    }

    /// The last of what came before the mark: of the login shell, and on stderr of `ssh`.
    #[must_use]
    pub fn before(&self) -> &[u8] {
        &self.before
    }

    /// The mark itself, which ends a stream, too, where `ssh` cannot tell what a command's end means.
    pub(super) fn mark(&self) -> &[u8] {
        &self.mark
    }
}

/// Adds `bytes` to `kept`, of which the last 16 KiB stay.
pub(crate) fn keep_last(kept: &mut Vec<u8>, bytes: &[u8]) {
    kept.extend_from_slice(bytes);
    let excess = kept.len().saturating_sub(KEPT);
    kept.drain(..excess);
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    /// What is the command's of a stdout that comes in these pieces.
    fn read(pieces: &[&[u8]]) -> (Vec<u8>, AfterMark) {
        let mut stream = Mark::new("X").on_stdout();
        let read = pieces.iter().flat_map(|piece| stream.read(piece).to_vec()).collect();
        (read, stream)
    }

    #[test]
    fn what_comes_before_the_mark_is_not_the_command_s() {
        let (read, stream) = read(&[b"welcome\nno newline", b"emr-tools-X-", b"out\nreal\n", b"emr-tools-X-out\n"]);
        assert_eq!(read, b"real\nemr-tools-X-out\n");
        assert!(stream.began());
    }

    #[test]
    fn what_only_looks_like_the_mark_is_none() {
        let noise = b"exec sh -c '...' sh emr-tools-X 'true'\nemr-tools-X-err\nemr-tools-Y-out\nemr-tools-X-out \n";
        let (read, stream) = read(&[noise]);
        assert!(read.is_empty() && !stream.began());
        assert_eq!(stream.before(), noise);
    }

    #[test]
    fn of_megabytes_before_the_mark_the_last_are_kept() {
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

//! How far a run is, for the message when it ends early.

use std::sync::atomic::{AtomicU64, Ordering};

/// What is printed, or kept.
#[derive(Debug, Default)]
pub(crate) struct Tally {
    bytes: AtomicU64,
    files: AtomicU64,
}

impl Tally {
    /// Notes that so many bytes are out.
    pub(crate) fn add_bytes(&self, bytes: usize) {
        self.bytes.fetch_add(bytes as u64, Ordering::Relaxed);
    }

    /// Notes that a file is whole.
    pub(crate) fn add_file(&self) {
        self.files.fetch_add(1, Ordering::Relaxed);
    }

    /// How many files are whole.
    pub(crate) fn files(&self) -> u64 {
        self.files.load(Ordering::Relaxed)
    }

    /// `1234 bytes (3 whole files)`
    pub(crate) fn bytes_and_files(&self) -> String {
        let (bytes, files) = (self.bytes.load(Ordering::Relaxed), self.files());
        format!("{} ({})", count(bytes, "byte"), count(files, "whole file"))
    }
}

/// `1 file`, `2 files`
pub(crate) fn count(number: u64, one: &str) -> String {
    if number == 1 { format!("1 {one}") } else { format!("{number} {one}s") }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn it_counts_bytes_and_whole_files() {
        let tally = Tally::default();
        assert_eq!(tally.bytes_and_files(), "0 bytes (0 whole files)");
        tally.add_bytes(1);
        tally.add_file();
        assert_eq!(tally.bytes_and_files(), "1 byte (1 whole file)");
    }
}

//! A sequence of records.

use std::io;

/// Records, one after the other: a sorted buffer or a merge.
pub(in super::super) trait Records {
    /// The key and the value of the next record; `None` at the end.
    fn next(&mut self) -> io::Result<Option<(&[u8], &[u8])>>;
}

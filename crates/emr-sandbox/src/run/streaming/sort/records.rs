//! A sequence of records.

use std::io;

/// Records, one after the other. Two kinds hand them out: a sorted buffer and a merge.
pub(in super::super) trait Records {
    /// The key and the value of the next record; `None` at the end.
    fn next(&mut self) -> io::Result<Option<(&[u8], &[u8])>>;
}

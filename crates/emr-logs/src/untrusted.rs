//! The readers of what programs and nodes wrote, as functions of bytes, for `tests/fuzz`.

use emr_core::model::instance::Node;
use emr_core::model::log::LogFile;

use super::node;
use super::text::{Lines, Unpacked};

/// The files in the list that `find` printed on `node`.
#[must_use]
pub fn files(node: &Node, list: &[u8]) -> Vec<LogFile> {
    node::files(node, list).into_iter().map(|(_, file)| file).collect()
}

/// The lines of a log that comes in pieces, and whether it was whole.
pub fn lines<'a>(is_packed: bool, pieces: impl Iterator<Item = &'a [u8]>) -> (Vec<String>, bool) {
    let (mut found, mut lines, mut unpacked) = (Vec::new(), Lines::default(), Unpacked::new(is_packed));
    let mut each = |text: &[u8]| {
        lines.read(text, &mut |line| found.push(line.to_owned()));
        true
    };
    for piece in pieces {
        if !unpacked.read(piece, &mut each) {
            break;
        }
    }
    let is_whole = unpacked.end(&mut each);
    if lines.has_begun() {
        lines.end(&mut |line| found.push(line.to_owned()));
    }
    (found, is_whole)
}

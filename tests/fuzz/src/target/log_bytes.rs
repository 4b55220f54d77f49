//! The bytes of a log, packed or not, up to its lines. The first byte is the size of the pieces.

use emr_logs::untrusted::lines;

use crate::input::{choice, pieces};

/// Runs the target.
pub fn run(input: &[u8]) {
    let (size, bytes) = choice(input);
    for is_packed in [false, true] {
        let (whole, was_whole) = lines(is_packed, std::iter::once(bytes));
        let (in_pieces, were_whole) = lines(is_packed, pieces(bytes, size));
        assert_eq!(was_whole, were_whole, "pieces do not matter");
        // Of a damaged log it depends how far it is read.
        if was_whole {
            assert_eq!(whole, in_pieces, "pieces do not matter");
        }
        if !is_packed {
            assert!(was_whole && whole.iter().all(|line| !line.contains('\n')));
        }
    }
}

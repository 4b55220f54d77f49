//! What the helper on a node answers: frames, and the list of core dumps that they make.

use ssh_core_dump::untrusted::{is_frame, listing};

/// The most files in a list, and one that shows that there are more.
const MOST: usize = 10_001;

/// Runs the target.
pub fn run(input: &[u8]) {
    let _ = is_frame(input);
    if let Ok(paths) = listing(input) {
        assert!(paths.len() <= MOST);
    }
}

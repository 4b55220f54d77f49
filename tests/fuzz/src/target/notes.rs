//! The notes of a folder into which `fetch-output` fetches.

use fetch_output::untrusted::noted;

use crate::input::in_file;

/// Runs the target.
pub fn run(input: &[u8]) {
    in_file(input, |path| {
        let (before, after) = noted(path).unwrap();
        assert_eq!(before, after, "what is written anew is the same");
    });
}

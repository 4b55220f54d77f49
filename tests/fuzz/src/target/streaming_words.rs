//! The words of streaming jobs in the sandbox: of each line one word.

use emr_sandbox::untrusted::streaming;

use crate::input::text;

/// Runs the target.
pub fn run(input: &[u8]) {
    let words: Vec<_> = text(input).lines().map(str::to_owned).collect();
    if let Ok(inputs) = streaming(&words) {
        // Commas separate them, too.
        assert!(inputs <= input.len());
    }
}

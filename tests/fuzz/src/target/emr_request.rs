//! Requests to the sandbox's EMR: of each line an operation, a blank, and its body.

use emr_sandbox::untrusted::emr;

use crate::input::text;

/// Runs the target.
pub fn run(input: &[u8]) {
    let text = text(input);
    let requests = text.lines().map(|line| line.split_once(' ').unwrap_or((line, "")));
    let answers = emr(requests);
    assert!(answers <= text.lines().count());
}

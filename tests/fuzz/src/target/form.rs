//! Requests of the query protocol, to STS and IAM.

use emr_sandbox::untrusted::query;

/// Runs the target.
pub fn run(input: &[u8]) {
    let answer = query(input);
    assert!(answer.starts_with('<'), "{answer}");
}

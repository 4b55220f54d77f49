//! Requests to the sandbox's S3: what arrives on one connection.

use emr_sandbox::untrusted::s3;

use crate::input::wait;

/// Runs the target.
pub fn run(input: &[u8]) {
    let folder = tempfile::tempdir().unwrap();
    let answers = wait(s3(folder.path(), input)).unwrap();
    assert!(answers.is_empty() || answers.starts_with(b"HTTP/1."), "{}", answers.escape_ascii());
    assert!(!contains(&answers, b"<Code>InternalError</Code>"), "{}", answers.escape_ascii());
}

fn contains(text: &[u8], word: &[u8]) -> bool {
    text.windows(word.len()).any(|window| window == word)
}

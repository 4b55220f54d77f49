//! Bodies in S3's encoding `aws-chunked`, as the sandbox reads them. The first byte is the size of the pieces.

use emr_sandbox::untrusted::unchunked;

use crate::input::{choice, pieces};

/// Runs the target.
pub fn run(input: &[u8]) {
    let (size, body) = choice(input);
    let whole = unchunked(std::iter::once(body));
    assert_eq!(whole, unchunked(pieces(body, size)), "pieces do not matter");
    if let Some((data, trailers)) = whole {
        assert!(data.len() + trailers <= body.len());
    }
}

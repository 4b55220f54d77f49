//! The part of a request's body that no operation reads.

use std::time::Duration;

use http_body_util::BodyExt as _;
use hyper::body::Incoming;
use tokio::time::timeout;

/// How long a client may pause while it sends a body, as in S3.
pub(crate) const STALLED: Duration = Duration::from_secs(20);

/// The most bytes that are read and discarded.
const MOST: usize = 64 * 1024 * 1024;

/// How long reading them may take.
const PATIENCE: Duration = Duration::from_secs(5);

/// Reads a body to its end: a client that is still sending would see a cut connection instead of the answer. Returns
/// whether it ended. A body that is too large or too slow is left unread, and its connection must be closed.
pub(crate) async fn drain(mut body: Incoming) -> bool {
    let read = async {
        let mut left = MOST;
        while let Some(frame) = body.frame().await {
            let size = frame.ok()?.data_ref().map_or(0, bytes::Bytes::len);
            left = left.checked_sub(size)?;
        }
        Some(())
    };
    timeout(PATIENCE, read).await.is_ok_and(|ended| ended.is_some())
}

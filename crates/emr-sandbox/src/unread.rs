//! The rest of a request's body that no operation reads.

use std::time::Duration;

use http_body_util::BodyExt as _;
use hyper::body::Incoming;
use tokio::time::timeout;

/// How long a client may take to send the next bytes of a body, as in S3.
pub(crate) const STALLED: Duration = Duration::from_secs(20);

/// The most bytes that are read for nothing.
const MOST: usize = 64 * 1024 * 1024;

/// How long they may take.
const PATIENCE: Duration = Duration::from_secs(5);

/// Reads a body to its end, so that a client that still sends it sees the answer and not a cut connection.
/// Returns whether it ended: a body that is too large or too slow stays unread, and its connection must be
/// closed.
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

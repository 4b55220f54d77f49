//! Fetches part files in ranges, several at a time, and hands them on in order.
//!
//! What is handed on is read on a thread of its own, so that unpacking and a slow reader of stdout do not hold up the
//! transfer. The number of ranges in memory is bounded, whichever side is the slower.

use std::ops::Range;
use std::pin::pin;
use std::sync::Arc;
use std::sync::mpsc::channel;

use emr_aws::S3;
use emr_cli::progress::Bar;
use emr_core::error::{Error, Outcome, Result};
use futures_util::{StreamExt, stream};
use tokio::sync::Semaphore;
use tokio::task::{JoinError, spawn_blocking};

use crate::parts::Part;
use crate::pieces::{Piece, Pieces};

/// The bytes of a range. S3 advises 8 to 16 MB.
const RANGE: u64 = 8 << 20;

/// Ranges under way. One connection to S3 has some 90 MB/s.
const AT_ONCE: usize = 8;

/// Ranges in memory: under way, and those whose turn has not come.
const HELD: usize = 12;

/// The ranges of `bytes` bytes, of `size` each but for the last.
pub(crate) fn ranges(bytes: u64, size: u64) -> impl Iterator<Item = Range<u64>> {
    (0..bytes.div_ceil(size)).map(move |number| number * size..bytes.min((number + 1) * size))
}

/// Fetches `parts` and has `take` read them, one after another. Ends when it has read enough.
pub(crate) async fn transfer<T: Send + 'static>(
    s3: &S3,
    parts: &[Part],
    bar: Bar,
    take: impl FnOnce(Pieces) -> Result<T> + Send + 'static,
) -> Result<T> {
    let (sender, coming) = channel();
    let mut taken = spawn_blocking(move || take(Pieces::new(coming, bar)));
    let room = Arc::new(Semaphore::new(HELD));
    let all = parts.iter().flat_map(|part| ranges(part.version.bytes, RANGE).map(move |range| (part, range)));
    let fetches = stream::iter(all).map(|(part, range)| fetch(s3, part, range, Arc::clone(&room))).buffered(AT_ONCE);
    let mut fetches = pin!(fetches);
    loop {
        let piece = tokio::select! {
            biased;
            taken = &mut taken => return joined(taken),
            piece = fetches.next() => piece,
        };
        // A thread that has stopped reading returns the reason.
        if piece.is_none_or(|piece| sender.send(piece).is_err()) {
            break;
        }
    }
    drop(sender);
    joined(taken.await)
}

async fn fetch(s3: &S3, part: &Part, range: Range<u64>, room: Arc<Semaphore>) -> Result<Piece> {
    let place = room.acquire_owned().await.ok();
    let bytes = s3.read_range(&part.version, range).await?;
    Ok(Piece { bytes, place })
}

fn joined<T>(taken: std::result::Result<Result<T>, JoinError>) -> Result<T> {
    taken.unwrap_or_else(|cause| Err(Error::new(Outcome::Bug, format!("the thread that reads was lost: {cause}"))))
}

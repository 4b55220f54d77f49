//! The readers of what nodes and crashed programs wrote, as functions of bytes, for `tests/fuzz`.

use std::convert::Infallible;

use emr_core::error::{Error, Outcome, Result};

use crate::dump::head::Head;
use crate::dump::header::Header;
use crate::dump::memory::{BLOCK, Part};
use crate::dump::{backtrace, python};
use crate::remote::{Frame, FrameKind, HEAD, gather};

/// The functions in the backtrace that gdb printed.
#[must_use]
pub fn backtrace(gdb: &str) -> Vec<String> {
    backtrace::merged(backtrace::functions(gdb), None).unwrap_or_default()
}

/// The length that the head of a core dump announces.
#[must_use]
pub fn announced(head: &[u8]) -> u64 {
    header(head).complete_at
}

/// The Python functions in which the process of a core dump was. `part` reads up to so many bytes, from a position on, of
/// the dump and of each file that was mapped.
pub fn traceback(head: &[u8], part: impl Fn(u64, usize) -> Vec<u8>) -> Option<Vec<String>> {
    let length = usize::try_from(BLOCK).unwrap_or(usize::MAX);
    let read = |Part { start, .. }: &Part| Ok::<_, Infallible>(part(*start, length));
    python::traceback(&header(head), read).unwrap_or_default()
}

/// Whether `bytes` are a frame of a helper, whole and undamaged.
#[must_use]
pub fn is_frame(bytes: &[u8]) -> bool {
    let Some((head, packed)) = bytes.split_first_chunk::<HEAD>() else { return false };
    Frame::read(head).is_some_and(|frame| frame.payload(packed).is_some())
}

/// The paths in a list of a helper. Each frame is its kind, its number in 8 bytes, the length of its payload in 2, and
/// that.
pub fn listing(mut frames: &[u8]) -> Result<Vec<Vec<u8>>> {
    let listing = gather(|| next(&mut frames).ok_or_else(|| Error::new(Outcome::Unavailable, "it breaks off")))?;
    let found = listing.found.into_iter().map(|found| found.identity.path);
    let passed = listing.empty.into_iter().chain(listing.packed).map(|passed| passed.path);
    Ok(found.chain(listing.unreadable).chain(passed).collect())
}

fn next(frames: &mut &[u8]) -> Option<(Frame, Vec<u8>)> {
    let ([kind, number @ ..], rest) = frames.split_first_chunk::<9>()?;
    let (length, rest) = rest.split_first_chunk()?;
    let (payload, rest) = rest.split_at_checked(u16::from_be_bytes(*length).into())?;
    *frames = rest;
    let (number, length) = (u64::from_be_bytes(*number), payload.len());
    let frame = Frame { kind: FrameKind::of(*kind)?, number, length, packed: length, sha256: [0; 32] };
    Some((frame, payload.to_vec()))
}

fn header(bytes: &[u8]) -> Header {
    let mut head = Head::default();
    head.add(0, bytes.to_vec());
    Header::read(&head)
}

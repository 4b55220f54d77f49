//! Fetches a file from a node, chunk by chunk.

use std::sync::mpsc::{Receiver, SyncSender, sync_channel};
use std::thread;

use emr_core::error::{Error, Outcome, Result};
use serde_json::json;

use super::frame::{CHUNK, FrameKind};
use super::link::{Link, failure, nonsense, parse};
use super::link_error::LinkError;
use super::part::Part;
use crate::file_name::Identity;

/// The number of chunks that may wait to be written. The link continues while a long hole is hashed or the disk is
/// slow.
const WAITING: usize = 16;

/// A step in writing the file.
enum Step {
    /// A new chunk.
    Take(u64, Vec<u8>),
    /// The SHA-256 on the node of a chunk that is already here.
    Keep(u64, Vec<u8>),
    /// The end, with the numbers of the file's [`Identity`] at that time.
    End([u64; 3]),
}

/// Fetches the rest of `part`, a core dump or an executable, and returns the SHA-256 of the whole file.
///
/// `advanced` is called with the number of bytes so far.
pub(crate) fn fetch(
    link: &mut Link,
    identity: &Identity,
    is_core: bool,
    part: Part,
    advanced: impl Fn(u64),
) -> Result<[u8; 32]> {
    let path = hex::encode(&identity.path);
    link.ask(
        &json!({"do": "fetch", "path": path, "identity": identity.numbers, "core": is_core, "have": part.have()}),
    )?;
    let size = part.size();
    let (steps, waiting) = sync_channel(WAITING);
    thread::scope(|scope| {
        let writer = scope.spawn(|| write(part, waiting, identity));
        let read = read(link, &steps, |number| advanced((number + 1).saturating_mul(CHUNK).min(size)));
        drop(steps);
        let written = writer.join().map_err(|_| Error::new(Outcome::Bug, "the thread that writes ended early"))?;
        // An error of the writer explains why the reader stopped, so it comes first.
        written?.ok_or_else(|| read.err().unwrap_or_else(nonsense))
    })
}

/// Reads a file to its end, or until the writer stops.
fn read(link: &mut Link, steps: &SyncSender<Step>, advanced: impl Fn(u64)) -> Result<()> {
    loop {
        let (frame, payload) = link.answer()?;
        let step = match frame.kind {
            FrameKind::Chunk => Step::Take(frame.number, payload),
            FrameKind::Same => Step::Keep(frame.number, payload),
            FrameKind::Patience => continue,
            FrameKind::End => Step::End(parse(&payload)?),
            FrameKind::Failure => return Err(failure(&frame, &payload)),
            _ => return Err(nonsense()),
        };
        let is_end = frame.kind == FrameKind::End;
        if steps.send(step).is_err() || is_end {
            return Ok(());
        }
        advanced(frame.number);
    }
}

/// Writes the steps to `part`. Returns the SHA-256 of the whole file, or `None` if the end does not arrive.
fn write(mut part: Part, steps: Receiver<Step>, identity: &Identity) -> Result<Option<[u8; 32]>> {
    for step in steps {
        let fits = match step {
            Step::Take(number, chunk) => part.take(number, &chunk)?,
            Step::Keep(number, sha256) => part.keep(number, &sha256)?,
            Step::End(at_the_end) => return finish(part, identity, at_the_end).map(Some),
        };
        if !fits {
            part.discard();
            return Err(differs());
        }
    }
    Ok(None)
}

fn finish(part: Part, identity: &Identity, at_the_end: [u64; 3]) -> Result<[u8; 32]> {
    if at_the_end != identity.numbers {
        part.discard();
        return Err(LinkError::Changed.says("it changed while it was read, so it is not complete yet"));
    }
    part.finish()?.ok_or_else(differs)
}

fn differs() -> Error {
    LinkError::Changed.says("the part that was fetched before differs from the file on the node")
}

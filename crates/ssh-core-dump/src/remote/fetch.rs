//! A file from a node to here, chunk by chunk.

use emr_core::error::{Error, Result};
use serde_json::json;

use super::frame::{CHUNK, FrameKind};
use super::link::{Link, failure, nonsense, parse};
use super::link_error::LinkError;
use super::part::Part;
use crate::file_name::Identity;

/// Fetches what is missing of `part`, a core dump or an executable, and returns the SHA-256 of the whole.
///
/// `advanced` is told how many of its bytes are done.
pub(crate) fn fetch(
    link: &mut Link,
    identity: &Identity,
    is_core: bool,
    mut part: Part,
    advanced: impl Fn(u64),
) -> Result<[u8; 32]> {
    let path = hex::encode(&identity.path);
    link.ask(
        &json!({"do": "fetch", "path": path, "identity": identity.numbers, "core": is_core, "have": part.have()}),
    )?;
    loop {
        let (frame, payload) = link.answer()?;
        let fits = match frame.kind {
            FrameKind::Chunk => part.take(frame.number, &payload)?,
            FrameKind::Same => part.keep(frame.number, &payload)?,
            FrameKind::Patience => continue,
            FrameKind::End => return finish(part, identity, parse(&payload)?),
            FrameKind::Failure => return Err(failure(&frame, &payload)),
            _ => return Err(nonsense()),
        };
        if !fits {
            part.discard();
            return Err(differs());
        }
        advanced((frame.number + 1).saturating_mul(CHUNK).min(part.size()));
    }
}

fn finish(part: Part, identity: &Identity, at_the_end: [u64; 3]) -> Result<[u8; 32]> {
    if at_the_end != identity.numbers {
        part.discard();
        return Err(LinkError::Changed.says("it was written to while it was read, and is not complete yet"));
    }
    part.finish()?.ok_or_else(differs)
}

fn differs() -> Error {
    LinkError::Changed.says("what came of it before is not the same any more")
}

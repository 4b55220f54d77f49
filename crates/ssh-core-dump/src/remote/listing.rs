//! Lists a node's core dumps, and the files that look like core dumps.

use emr_core::error::{Error, Outcome, Result};
use serde::Deserialize;
use serde_json::json;

use super::frame::{Frame, FrameKind};
use super::link::{Link, failure, nonsense, parse};
use super::link_error::LinkError;
use crate::dump::head::Head;
use crate::dump::header::Header;
use crate::file_name::Identity;

/// The largest size of a list, in bytes; `helper.py` sends less.
const LIST: usize = 128 << 20;

/// The memory of an entry beside its payload, in bytes, estimated high.
const ENTRY: usize = 1 << 10;

/// The largest number of files in a node's list; the same number as in `helper.py`.
const MOST: usize = 10_000;

/// The core dumps of a node, and the files that cannot be fetched.
#[derive(Debug, Default)]
pub(crate) struct Listing {
    /// Those that can be read.
    pub found: Vec<FoundCore>,
    /// The paths of those that only root may read.
    pub unreadable: Vec<Vec<u8>>,
    /// The empty ones: they did not fit on the disk, or into a limit.
    pub empty: Vec<Passed>,
    /// The compressed ones.
    pub packed: Vec<Passed>,
    /// Why other files or folders could not be read.
    pub failures: Vec<Error>,
}

/// A core dump on a node.
#[derive(Debug, Clone)]
pub(crate) struct FoundCore {
    /// What distinguishes it from every other core dump.
    pub identity: Identity,
    /// The space that it uses on the node's disk, in bytes.
    pub stored: u64,
    /// Whether it belongs to the user of the helper.
    pub mine: bool,
    /// What its head tells.
    pub header: Header,
}

/// A file that is only reported.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct Passed {
    /// Its path on the node, in bytes.
    pub path: Vec<u8>,
    /// When it was last written, in seconds since 1970.
    pub written: u64,
}

/// What the helper says of a core dump. It comes after the head.
#[derive(Deserialize)]
struct Said {
    path: String,
    identity: [u64; 3],
    stored: u64,
    mine: bool,
}

/// Lists the core dumps in `folders`.
pub(crate) fn list(link: &mut Link, folders: &[String]) -> Result<Listing> {
    link.ask(&json!({"do": "list", "folders": folders}))?;
    gather(|| link.answer())
}

/// The listing that the frames of `next` make, which ends with [`FrameKind::End`].
pub(crate) fn gather(mut next: impl FnMut() -> Result<(Frame, Vec<u8>)>) -> Result<Listing> {
    let (mut listing, mut head) = (Listing::default(), Head::default());
    let (mut room, mut count) = (LIST, 0);
    loop {
        let (frame, payload) = next()?;
        // A node in foreign hands might send without end.
        room = room.checked_sub(payload.len() + ENTRY).ok_or_else(nonsense)?;
        match frame.kind {
            FrameKind::End => return Ok(listing),
            FrameKind::Head => head.add(frame.number, payload),
            _ if count > MOST => return Err(nonsense()),
            FrameKind::Core => listing.found.extend(found(&parse(&payload)?, &std::mem::take(&mut head))),
            FrameKind::Unreadable => listing.unreadable.push(payload),
            FrameKind::Empty => listing.empty.push(Passed { path: payload, written: frame.number }),
            FrameKind::Packed => listing.packed.push(Passed { path: payload, written: frame.number }),
            FrameKind::Failure => listing.failures.push(cannot_look(&frame, &payload)),
            _ => return Err(nonsense()),
        }
        count += usize::from(frame.kind != FrameKind::Head);
    }
}

fn found(core: &Said, head: &Head) -> Option<FoundCore> {
    let identity = Identity { path: hex::decode(&core.path).ok()?, numbers: core.identity };
    Some(FoundCore { identity, stored: core.stored, mine: core.mine, header: Header::read(head) })
}

/// The error of a file or folder that cannot be read. A retry would not help.
fn cannot_look(frame: &Frame, payload: &[u8]) -> Error {
    let error = failure(frame, payload);
    if LinkError::Refused(frame.number).is_denied() { error } else { error.with_outcome(Outcome::Unavailable) }
}

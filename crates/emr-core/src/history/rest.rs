//! What is remembered of a lock that is free and quiet.

use super::clock::Bounds;
use super::clocks::Clocks;
use super::digest::{ABSENT, Id};

/// What remains of the chain of a lock that is free and quiet.
#[derive(Debug)]
pub(super) struct Rest {
    pub(super) origin: Id,
    pub(super) etag: Id,
    pub(super) nonce: Option<Id>,
    pub(super) generation: Option<u64>,
    pub(super) known: Bounds,
    /// The line at which clocks were left out last.
    pub(super) left_out: u64,
}

impl Rest {
    /// Whether the newest object has this `ETag`.
    pub(super) fn is(&self, etag: Id) -> bool {
        self.etag == etag
    }

    /// What remains of a lock that had no object since `first`.
    pub(super) fn of_none(first: &Bounds, left_out: u64) -> Self {
        Self { origin: ABSENT, etag: ABSENT, nonce: None, generation: None, known: first.clone(), left_out }
    }

    /// Since when there was no object, if there was none.
    pub(super) fn absent_since(&self) -> Option<&Bounds> {
        (self.etag == ABSENT).then_some(&self.known)
    }

    /// The clocks by which it is known since when the newest object was there.
    pub(super) fn clocks(&self) -> Clocks {
        Clocks::resume(&self.known, self.left_out)
    }
}

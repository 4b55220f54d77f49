//! Requests in flight: those that have no answer yet, or an unclear one. And writes that certainly had no effect, which
//! must not come back.

use std::collections::VecDeque;

use super::digest::Id;
use super::entry::Request;
use super::link::Write;

/// How many of each are remembered.
const KEPT: usize = 1024;

/// A request that has no answer yet, or an unclear one.
#[derive(Debug)]
pub(super) struct Open {
    pub(super) write: Write,
    pub(super) request: Request,
    /// The `ETag` of what it wrote, if somebody has read that.
    pub(super) shown: Option<Id>,
}

/// The requests for one lock.
#[derive(Debug, Default)]
pub(super) struct InFlight {
    open: VecDeque<Open>,
    /// Writes that certainly had no effect.
    void: VecDeque<Write>,
}

/// Who wrote an object of which no answer is recorded.
pub(super) enum Writer {
    /// One that has no answer yet.
    Open(Write),
    /// One that was refused.
    Void(Write),
}

impl InFlight {
    pub(super) fn is_empty(&self) -> bool {
        self.open.is_empty()
    }

    /// Adds a request. Returns one that is given up for it: the oldest that can have no effect any more, because what it
    /// would replace is not the object of `head`.
    pub(super) fn send(&mut self, open: Open, head: Option<Id>) -> Option<Open> {
        let is_over = |open: &Open| open.request == Request::Read || Some(open.write.replaces) != head;
        let mut given_up = None;
        if self.open.len() == KEPT {
            given_up = self.open.remove(self.open.iter().position(is_over).unwrap_or_default());
        }
        self.open.push_back(open);
        given_up
    }

    /// Takes the request of this process and number.
    pub(super) fn close(&mut self, by: (Id, u64)) -> Option<Open> {
        let number = self.open.iter().rposition(|open| open.write.by == by)?;
        self.open.remove(number)
    }

    /// Remembers a write that had no effect.
    pub(super) fn avoid(&mut self, write: Write) {
        if self.void.len() == KEPT {
            self.void.pop_front();
        }
        self.void.push_back(write);
    }

    /// Whether a write of this nonce is known.
    pub(super) fn knows(&self, nonce: Id) -> bool {
        self.open.iter().any(|open| is_write_of(open, nonce)) || self.void.iter().any(|write| write.nonce == nonce)
    }

    /// The write of this nonce, whose object of `etag` was read.
    pub(super) fn show(&mut self, nonce: Id, etag: Id) -> Option<Writer> {
        if let Some(open) = self.open.iter_mut().find(|open| is_write_of(open, nonce)) {
            open.shown = Some(etag);
            return Some(Writer::Open(open.write));
        }
        self.void.iter().find(|write| write.nonce == nonce).copied().map(Writer::Void)
    }

    /// The writes that have no answer, and that nobody has read.
    pub(super) fn unanswered(&self) -> impl Iterator<Item = &Write> {
        let is_unseen = |open: &&Open| open.shown.is_none() && is_write(open.request);
        self.open.iter().filter(is_unseen).map(|open| &open.write)
    }

    /// Takes all requests that have no answer.
    pub(super) fn drain(&mut self) -> impl Iterator<Item = Open> {
        self.open.drain(..)
    }
}

fn is_write(request: Request) -> bool {
    matches!(request, Request::Create | Request::Replace)
}

fn is_write_of(open: &Open, nonce: Id) -> bool {
    is_write(open.request) && open.write.nonce == nonce
}

//! What a line tells the check: digests for texts, and times by the clock of its machine.

use super::clock::Moment;
use super::digest::{ABSENT, Id, digest};
use super::entry::{Digest, Entry, Micros, Reply, Request, Text, micros};
use super::finding::Place;
use crate::model::lock::LockState;

/// What a line tells about a lock.
#[derive(Debug, Clone, Copy)]
pub(super) struct Event {
    pub(super) lock: Id,
    pub(super) place: Place,
    /// The process and the number of the call there; the number of the line where a line has none.
    pub(super) by: (Id, u64),
    /// Whether a request and its answer have a number in common.
    pub(super) is_numbered: bool,
    pub(super) at: Option<Moment>,
    pub(super) request: Request,
    pub(super) replaces: Id,
    pub(super) nonce: Id,
    pub(super) generation: Option<u64>,
    pub(super) token: Option<Id>,
    /// Of a release: the token of who releases.
    pub(super) releaser: Option<Id>,
    pub(super) ttl_s: Option<u64>,
    pub(super) is_free: bool,
    pub(super) answer: Option<Reply>,
    pub(super) etag: Id,
    pub(super) has_expired: Option<bool>,
    pub(super) until: Option<Moment>,
}

impl Event {
    pub(super) fn of(entry: &Entry<'_>, place: Place) -> Self {
        let id = |text: Option<Digest>| text.map(|Digest(id)| id);
        let clock = clock(entry, place);
        let replaces = if entry.request == Request::Create { None } else { id(entry.if_match) };
        Self {
            lock: digest(&entry.lock_uri.0),
            place,
            by: (entry.process.0, entry.call.unwrap_or(u64::MAX - place.line)),
            is_numbered: entry.call.is_some(),
            at: moment(clock, entry.uptime_s, Some(&entry.time)),
            request: entry.request,
            replaces: replaces.unwrap_or(ABSENT),
            nonce: id(entry.nonce).unwrap_or_default(),
            generation: entry.generation,
            token: id(entry.token),
            releaser: id(entry.releaser),
            ttl_s: entry.ttl_s,
            is_free: entry.state.map_or(entry.token.is_none(), |state| state != LockState::Held),
            answer: entry.answer,
            etag: id(entry.etag).unwrap_or(ABSENT),
            has_expired: entry.age_s.zip(entry.ttl_s).map(|(age, ttl)| age > ttl),
            until: moment(clock, entry.held_until_s, entry.held_until.as_ref()),
        }
    }

    pub(super) fn is_write(&self) -> bool {
        matches!(self.request, Request::Create | Request::Replace)
    }
}

/// A line as it is taken in: what it tells, and the texts that are told to people or seldom looked at.
#[derive(Debug, Clone, Copy)]
pub struct Line<'a> {
    pub(super) event: Event,
    pub(super) uri: &'a str,
    /// When, by the wall clock.
    pub(super) time: &'a str,
}

impl<'a> Line<'a> {
    /// The line at `place`, whose record is `entry`.
    #[must_use]
    pub fn of(entry: &'a Entry<'_>, place: Place) -> Self {
        Self { event: Event::of(entry, place), uri: &entry.lock_uri.0, time: entry.time() }
    }
}

/// The clock of a line, and whether it counts from the boot. Without a boot it is the wall clock of who wrote the file.
fn clock(entry: &Entry<'_>, place: Place) -> (u64, bool) {
    match (entry.boot, entry.uptime_s) {
        (Some(Digest(boot)), Some(_)) => (boot, true),
        _ => (place.file.into(), false),
    }
}

fn moment((clock, is_of_boot): (u64, bool), uptime_s: Option<Micros>, time: Option<&Text<'_>>) -> Option<Moment> {
    let at = if is_of_boot { uptime_s?.0 } else { micros(&time?.0)? };
    Some(Moment { clock, at })
}

//! What a line tells the check: digests for texts, and times by the clock of its machine.

use super::clock::Moment;
use super::digest::{ABSENT, Id, digest};
use super::entry::{Entry, Micros, Reply, Request, Text, micros};
use super::finding::Place;
use crate::model::lock::LockState;

/// A line about a lock.
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
    pub(super) is_free: bool,
    pub(super) answer: Option<Reply>,
    pub(super) etag: Id,
    pub(super) has_expired: Option<bool>,
    pub(super) until: Option<Moment>,
}

impl Event {
    pub(super) fn of(entry: &Entry<'_>, place: Place) -> Self {
        let text = |text: &Option<Text<'_>>| text.as_ref().map(|text| digest(&text.0));
        let clock = clock(entry, place);
        let replaces = if entry.request == Request::Create { None } else { text(&entry.if_match) };
        Self {
            lock: digest(&entry.lock_uri.0),
            place,
            by: (digest(&entry.process.0), entry.call.unwrap_or(u64::MAX - place.line)),
            is_numbered: entry.call.is_some(),
            at: moment(clock, entry.uptime_s, Some(&entry.time)),
            request: entry.request,
            replaces: replaces.unwrap_or(ABSENT),
            nonce: text(&entry.nonce).unwrap_or_default(),
            generation: entry.generation,
            token: text(&entry.token),
            releaser: text(&entry.releaser),
            is_free: entry.state.map_or(entry.token.is_none(), |state| state != LockState::Held),
            answer: entry.answer,
            etag: text(&entry.etag).unwrap_or(ABSENT),
            has_expired: entry.age_s.zip(entry.ttl_s).map(|(age, ttl)| age > ttl),
            until: moment(clock, entry.held_until_s, entry.held_until.as_ref()),
        }
    }

    pub(super) fn is_write(&self) -> bool {
        matches!(self.request, Request::Create | Request::Replace)
    }
}

/// The clock of a line, and whether it counts from the boot. Without a boot it is the wall clock of who wrote the file.
fn clock(entry: &Entry<'_>, place: Place) -> (u64, bool) {
    match (&entry.boot, entry.uptime_s) {
        (Some(boot), Some(_)) => (digest(&boot.0), true),
        _ => (place.file.into(), false),
    }
}

fn moment((clock, is_of_boot): (u64, bool), uptime_s: Option<Micros>, time: Option<&Text<'_>>) -> Option<Moment> {
    let at = if is_of_boot { uptime_s?.0 } else { micros(&time?.0)? };
    Some(Moment { clock, at })
}

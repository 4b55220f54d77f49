//! A line of a history as it is read back, with texts borrowed from the line.

use std::borrow::Cow;
use std::fmt;

use chrono::DateTime;
use serde::de::{Deserializer, Visitor};
use serde::{Deserialize, Serialize};

use super::digest::{Id, digest};
use super::scan::scan;
use crate::model::lock::LockState;

/// What was asked.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[serde(rename_all = "lowercase")]
pub enum Request {
    /// The lock's object was read.
    Read,
    /// The object was to be created unless it exists (`If-None-Match: *`).
    Create,
    /// The object was to be replaced if it has an `ETag` (`If-Match`).
    Replace,
    /// EMR was asked for a change under the lock.
    Act,
}

/// What was answered.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[serde(rename_all = "lowercase")]
pub enum Reply {
    /// The object was written.
    Written,
    /// The object was read.
    Found,
    /// There is no object.
    Absent,
    /// The condition does not hold, so nothing was written.
    Refused,
    /// Another write was under way, and this one did nothing.
    Conflict,
    /// The request may have taken effect, or still may.
    Unclear,
    /// The request certainly had no effect: it was denied, or never sent.
    Failed,
    /// EMR did what it was asked for.
    Done,
}

/// A line of a history. Without [`answer`](Self::answer) it says that a request is about to be sent.
#[derive(Debug, PartialEq, Deserialize)]
pub struct Entry<'a> {
    #[serde(borrow)]
    pub(super) time: Text<'a>,
    pub(super) process: Digest,
    pub(super) call: Option<u64>,
    pub(super) boot: Option<Digest>,
    pub(super) uptime_s: Option<Micros>,
    #[serde(borrow)]
    pub(super) lock_uri: Text<'a>,
    pub(super) request: Request,
    pub(super) if_match: Option<Digest>,
    pub(super) nonce: Option<Digest>,
    pub(super) state: Option<LockState>,
    pub(super) generation: Option<u64>,
    pub(super) token: Option<Digest>,
    pub(super) releaser: Option<Digest>,
    pub(super) ttl_s: Option<u64>,
    pub(super) answer: Option<Reply>,
    pub(super) etag: Option<Digest>,
    pub(super) age_s: Option<u64>,
    pub(super) held_until: Option<Text<'a>>,
    pub(super) held_until_s: Option<Micros>,
}

/// Seconds, to the microsecond.
#[derive(Debug, Clone, Copy, PartialEq)]
pub(super) struct Micros(pub(super) i64);

impl<'de> Deserialize<'de> for Micros {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        #[expect(clippy::cast_possible_truncation, reason = "times are far below 2^63 microseconds")]
        f64::deserialize(deserializer).map(|seconds| Self((seconds * 1e6).round() as i64))
    }
}

/// A text that is only compared with others.
#[derive(Debug, Clone, Copy, PartialEq)]
pub(super) struct Digest(pub(super) Id);

impl<'de> Deserialize<'de> for Digest {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        struct Digesting;
        impl Visitor<'_> for Digesting {
            type Value = Digest;

            fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
                f.write_str("a text")
            }

            fn visit_str<E>(self, text: &str) -> Result<Digest, E> {
                Ok(Digest(digest(text)))
            }
        }
        deserializer.deserialize_str(Digesting)
    }
}

/// A text that is copied only if it has escapes.
#[derive(Debug, PartialEq)]
pub(super) struct Text<'a>(pub(super) Cow<'a, str>);

impl<'de: 'a, 'a> Deserialize<'de> for Text<'a> {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        struct Borrowing;
        impl<'de> Visitor<'de> for Borrowing {
            type Value = Text<'de>;

            fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
                f.write_str("a text")
            }

            fn visit_borrowed_str<E>(self, text: &'de str) -> Result<Self::Value, E> {
                Ok(Text(Cow::Borrowed(text)))
            }

            fn visit_str<E>(self, text: &str) -> Result<Self::Value, E> {
                Ok(Text(Cow::Owned(text.to_owned())))
            }
        }
        deserializer.deserialize_str(Borrowing)
    }
}

/// What a line of a history is.
#[derive(Debug)]
pub enum Parsed<'a> {
    /// A record.
    Entry(Box<Entry<'a>>),
    /// The beginning of a record: its writer was killed or its disk was full.
    Torn,
    /// Something else, and what is wrong with it.
    Damaged(String),
}

/// Parses a line of a history.
#[must_use]
pub fn parse(line: &[u8]) -> Parsed<'_> {
    // A machine that loses power may leave NULs where the end of the file was to be.
    if line.ends_with(b"\0") {
        return Parsed::Torn;
    }
    let entry = match scan(line).map_or_else(|| serde_json::from_slice(line), Ok) {
        Ok(entry) => entry,
        Err(error) if error.is_eof() => return Parsed::Torn,
        Err(error) => return Parsed::Damaged(error.to_string()),
    };
    match entry.fault() {
        Some(fault) => Parsed::Damaged(fault.to_owned()),
        None => Parsed::Entry(Box::new(entry)),
    }
}

impl Entry<'_> {
    /// When it was recorded, by the wall clock of its machine.
    #[must_use]
    pub fn time(&self) -> &str {
        &self.time.0
    }

    /// What it lacks to be a record that can be checked.
    fn fault(&self) -> Option<&'static str> {
        let is_write = matches!(self.request, Request::Create | Request::Replace);
        let fits = match self.answer {
            None | Some(Reply::Unclear | Reply::Failed) => true,
            Some(Reply::Written | Reply::Refused | Reply::Conflict) => is_write,
            Some(Reply::Found | Reply::Absent) => self.request == Request::Read,
            Some(Reply::Done) => self.request == Request::Act,
        };
        let lacks_etag = self.etag.is_none() && matches!(self.answer, Some(Reply::Written | Reply::Found));
        match self.request {
            _ if !fits => Some("its answer does not belong to its request"),
            Request::Replace if self.if_match.is_none() => Some("a replacement without if_match"),
            Request::Create | Request::Replace if self.nonce.is_none() => Some("a write without nonce"),
            _ if lacks_etag => Some("its answer has no etag"),
            _ if self.answer == Some(Reply::Found) && self.nonce.is_none() => Some("an object without nonce"),
            _ if !self.has_moment(self.uptime_s, Some(&self.time)) => Some("its time is none"),
            _ => self.fault_of_object(),
        }
    }

    /// What the object lacks that was written or found.
    fn fault_of_object(&self) -> Option<&'static str> {
        if !matches!(self.answer, Some(Reply::Written | Reply::Found)) {
            return None;
        }
        let is_written = self.answer == Some(Reply::Written);
        match self.state {
            None => Some("an object without state"),
            _ if self.generation.is_none() => Some("an object without generation"),
            Some(LockState::Held) if self.token.is_none() => Some("a held object without token"),
            Some(LockState::Held) if self.ttl_s.is_none() => Some("a held object without ttl_s"),
            Some(LockState::Held) if is_written && !self.has_moment(self.held_until_s, self.held_until.as_ref()) => {
                Some("a lease without held_until")
            }
            Some(_) => None,
        }
    }

    /// Whether one of these is a time by the clock of the line: since the boot if it is named, or else of the wall.
    fn has_moment(&self, uptime_s: Option<Micros>, time: Option<&Text<'_>>) -> bool {
        match (&self.boot, self.uptime_s) {
            (Some(_), Some(_)) => uptime_s.is_some(),
            _ => time.is_some_and(|time| micros(&time.0).is_some()),
        }
    }
}

/// Microseconds since 1970 of a time in RFC 3339.
pub(super) fn micros(time: &str) -> Option<i64> {
    DateTime::parse_from_rfc3339(time).ok().map(|time| time.timestamp_micros())
}

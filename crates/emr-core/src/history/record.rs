//! A line of a history as it is written.

use chrono::{DateTime, SecondsFormat, Utc};
use serde::{Serialize, Serializer};
use sha2::{Digest, Sha256};

use super::entry::{Reply, Request};
use crate::model::lock::{Lock, LockState, Token};
use crate::model::s3_uri::S3Uri;
use crate::text::escaped_json;

/// The longest line, with its line break. Lines of this size are appended as a whole by one write.
pub const LONGEST: usize = 4096;

/// A record of a history: that a request is about to be sent, or its answer.
#[derive(Debug, Clone, PartialEq, Serialize)]
pub struct HistoryRecord {
    /// When, by the wall clock of the machine.
    #[serde(serialize_with = "micros")]
    pub time: DateTime<Utc>,
    /// The process: its tool, its PID, and a random number.
    pub process: String,
    /// The number of the request in the process. A request and its answer have the same.
    pub call: u64,
    /// A digest of the boot of the machine. Uptimes of one boot can be compared.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub boot: Option<String>,
    /// When, in seconds since that boot.
    pub uptime_s: f64,
    /// The lock.
    pub lock_uri: S3Uri,
    /// What is asked.
    pub request: Request,
    /// The operation of EMR.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub act: Option<&'static str>,
    /// What the operation is asked for: ids of job flows, or the Name of a new one.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub of: Option<String>,
    /// The condition of a replacement: the `ETag` of what it replaces.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub if_match: Option<String>,
    /// The nonce of the object that is written, or was read.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub nonce: Option<String>,
    /// Whether the object is held or free.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub state: Option<LockState>,
    /// Its generation.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub generation: Option<u64>,
    /// The digest of its token.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub token: Option<String>,
    /// The digest of the token under which a lock is released.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub releaser: Option<String>,
    /// Its time to live.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub ttl_s: Option<u64>,
    /// The answer; none if the request is about to be sent.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub answer: Option<Reply>,
    /// The `ETag` of what was written or found.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub etag: Option<String>,
    /// The age of what was found, by the store's clock.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub age_s: Option<u64>,
    /// When the lease of the process ends, by its wall clock.
    #[serde(skip_serializing_if = "Option::is_none", serialize_with = "maybe_micros")]
    pub held_until: Option<DateTime<Utc>>,
    /// When it ends, in seconds since the boot.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub held_until_s: Option<f64>,
}

impl HistoryRecord {
    /// A record of a request for the lock at `lock_uri`, and of nothing more.
    #[must_use]
    pub fn new(process: String, call: u64, request: Request, lock_uri: S3Uri, time: DateTime<Utc>) -> Self {
        Self {
            time,
            process,
            call,
            boot: None,
            uptime_s: 0.0,
            lock_uri,
            request,
            act: None,
            of: None,
            if_match: None,
            nonce: None,
            state: None,
            generation: None,
            token: None,
            releaser: None,
            ttl_s: None,
            answer: None,
            etag: None,
            age_s: None,
            held_until: None,
            held_until_s: None,
        }
    }

    /// Sets what is written, or was read.
    pub fn set_lock(&mut self, lock: &Lock) {
        let holder = lock.holder.as_ref();
        self.nonce = Some(lock.nonce.clone());
        self.state = Some(if holder.is_some() { LockState::Held } else { LockState::Free });
        self.generation = Some(lock.generation);
        self.token = holder.map(|holder| digest(&holder.token));
        self.ttl_s = holder.map(|holder| holder.ttl.as_secs());
    }

    /// The line, with its line break; `None` if it is longer than [`LONGEST`].
    #[must_use]
    pub fn line(&self) -> Option<String> {
        let mut line = escaped_json(&serde_json::to_string(self).ok()?);
        line.push('\n');
        (line.len() <= LONGEST).then_some(line)
    }
}

/// The digest of a token, by which a history tells holders apart and nobody can hold the lock.
#[must_use]
pub fn digest(token: &Token) -> String {
    hex::encode(&Sha256::digest(&token.0)[..16])
}

fn micros<S: Serializer>(time: &DateTime<Utc>, serializer: S) -> Result<S::Ok, S::Error> {
    serializer.serialize_str(&time.to_rfc3339_opts(SecondsFormat::Micros, true))
}

#[expect(clippy::ref_option, reason = "serde passes a member as it is declared")]
fn maybe_micros<S: Serializer>(time: &Option<DateTime<Utc>>, serializer: S) -> Result<S::Ok, S::Error> {
    match time {
        Some(time) => micros(time, serializer),
        None => serializer.serialize_none(),
    }
}

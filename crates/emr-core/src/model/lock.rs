//! A lock: one small object on S3, and the record that tells of it.

use std::fmt;
use std::time::Duration;

use serde::{Deserialize, Serialize};

use crate::error::{Error, Result};
use crate::model::record::Record;
use crate::model::s3_uri::S3Uri;

/// What proves to a lock who its holder is. Whoever knows the token may renew and release, so messages do not tell it.
#[derive(Clone, PartialEq, Eq, Hash, Serialize, Deserialize)]
pub struct Token(pub String);

impl fmt::Debug for Token {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("Token(…)")
    }
}

/// Who holds a lock, or wants to, and for how long.
#[derive(Debug, Clone, PartialEq, Eq, Hash)]
pub struct Holder {
    /// Its proof.
    pub token: Token,
    /// Who it is, in words for people.
    pub owner: String,
    /// How long the lock is theirs after each write, in whole seconds, as S3's clock tells them. Nobody else takes it before that has passed.
    pub ttl: Duration,
}

/// The content of a lock's object.
#[derive(Debug, Clone, PartialEq, Eq, Hash)]
pub struct Lock {
    /// How often the lock has changed hands, more or less: it only grows.
    pub generation: u64,
    /// Unlike that of every other write, so that no two contents of the object are ever the same.
    pub nonce: String,
    /// Who holds it; nobody where it is free.
    pub holder: Option<Holder>,
}

/// The object of a free lock is smaller than this and that of a held one larger, so that a list of objects tells them
/// apart. A list is a hint: what counts is read from the object.
pub const SMALLEST_HELD: u64 = 88;

/// A lock's object can be no larger than this. What is, is somebody's file.
pub const LARGEST: u64 = 16 << 10;

/// The longest that a lock is held after a write.
pub const LONGEST_TTL: Duration = Duration::from_hours(24);

const VERSION: u32 = 1;

#[derive(Serialize, Deserialize)]
struct LockBody {
    v: u32,
    state: LockState,
    generation: u64,
    nonce: String,
    #[serde(skip_serializing_if = "Option::is_none")]
    token: Option<Token>,
    #[serde(skip_serializing_if = "Option::is_none")]
    ttl_s: Option<u64>,
    #[serde(skip_serializing_if = "Option::is_none")]
    owner: Option<String>,
}

/// What a lock is to whoever looks at it.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "lowercase")]
pub enum LockState {
    /// Somebody's.
    Held,
    /// Nobody's: given back, or not renewed for longer than its time to live.
    Free,
    /// There is no object.
    Absent,
}

impl Lock {
    /// The content of the object, as JSON.
    #[must_use]
    pub fn write(&self) -> Vec<u8> {
        let holder = self.holder.as_ref();
        let body = LockBody {
            v: VERSION,
            state: if holder.is_some() { LockState::Held } else { LockState::Free },
            generation: self.generation,
            nonce: self.nonce.clone(),
            token: holder.map(|holder| holder.token.clone()),
            ttl_s: holder.map(|holder| holder.ttl.as_secs()),
            owner: holder.map(|holder| holder.owner.clone()),
        };
        serde_json::to_vec(&body).unwrap_or_default()
    }

    /// Reads the content of an object. One that is no lock is an error: it is somebody's file, and stays as it is.
    pub fn read(object: &[u8]) -> Result<Self> {
        let foreign = |why: String| Error::usage(format!("the object is not a lock: {why}"));
        let body: LockBody = serde_json::from_slice(object).map_err(|cause| foreign(cause.to_string()))?;
        if body.v != VERSION {
            return Err(foreign(format!("its version is {}", body.v)).advise("use newer tools"));
        }
        let ttl = body.ttl_s.map(Duration::from_secs);
        if ttl.is_some_and(|ttl| ttl.is_zero() || ttl > LONGEST_TTL) {
            return Err(foreign("no lock is held for so long or so short a time".to_owned()));
        }
        let holder = match (body.state, body.token, ttl, body.owner) {
            (LockState::Held, Some(token), Some(ttl), owner) => {
                Some(Holder { token, ttl, owner: owner.unwrap_or_default() })
            }
            (LockState::Free, ..) => None,
            _ => return Err(foreign("it says neither who holds it nor that nobody does".to_owned())),
        };
        Ok(Self { generation: body.generation, nonce: body.nonce, holder })
    }
}

/// What a tool prints of a lock.
#[derive(Debug, Clone, PartialEq, Serialize)]
pub struct LockRecord {
    /// Where it is.
    #[serde(serialize_with = "as_text")]
    pub lock_uri: S3Uri,
    /// Whether somebody has it.
    pub state: LockState,
    /// Its generation; none where there is no object.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub generation: Option<u64>,
    /// Who holds it.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub owner: Option<String>,
    /// Seconds since it was last written, by S3's clock.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub age_s: Option<u64>,
    /// Seconds that it is its holder's after each write.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub ttl_s: Option<u64>,
    /// Its holder's token, for the holder alone.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub token: Option<Token>,
}

impl Record for LockRecord {
    const COLUMNS: &'static [&'static str] = &["LOCK", "STATE", "GENERATION", "AGE", "OWNER", "TOKEN"];

    fn cells(&self) -> Vec<String> {
        let or_dash = |text: Option<String>| text.unwrap_or_else(|| "-".to_owned());
        vec![
            self.lock_uri.to_string(),
            format!("{:?}", self.state).to_lowercase(),
            or_dash(self.generation.map(|generation| generation.to_string())),
            or_dash(self.age_s.map(|age| format!("{age} s"))),
            or_dash(self.owner.clone()),
            or_dash(self.token.as_ref().map(|token| token.0.clone())),
        ]
    }

    fn id(&self) -> &str {
        self.token.as_ref().map_or("", |token| &token.0)
    }
}

/// One thing that a store must do.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct Finding {
    /// What was asked.
    pub check: &'static str,
    /// Whether the store did what it must.
    pub honoured: bool,
    /// What it must do.
    pub wanted: &'static str,
    /// What it did.
    pub found: String,
}

impl Record for Finding {
    const COLUMNS: &'static [&'static str] = &["CHECK", "HONOURED", "WANTED", "FOUND"];

    fn cells(&self) -> Vec<String> {
        let honoured = if self.honoured { "yes" } else { "no" };
        vec![self.check.to_owned(), honoured.to_owned(), self.wanted.to_owned(), self.found.clone()]
    }

    fn id(&self) -> &str {
        self.check
    }
}

fn as_text<S: serde::Serializer>(value: &impl fmt::Display, serializer: S) -> std::result::Result<S::Ok, S::Error> {
    serializer.collect_str(value)
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    fn holder() -> impl Strategy<Value = Holder> {
        (".{1,40}", ".{0,60}", 1_u64..=86_400).prop_map(|(token, owner, seconds)| Holder {
            token: Token(token),
            owner,
            ttl: Duration::from_secs(seconds),
        })
    }

    proptest! {
        #[test]
        fn what_is_written_is_read_again_and_its_size_tells_whether_it_is_held(
            generation: u64, nonce in "[0-9a-z]{12}", holder in proptest::option::of(holder())
        ) {
            let lock = Lock { generation, nonce, holder };
            let object = lock.write();
            prop_assert_eq!(object.len() as u64 > SMALLEST_HELD, lock.holder.is_some());
            prop_assert_eq!(Lock::read(&object).unwrap(), lock);
        }
    }

    #[test]
    fn what_is_no_lock_is_refused() {
        let version = br#"{"v":2,"state":"free","generation":1,"nonce":"a"}"#;
        let nobody = br#"{"v":1,"state":"held","generation":1,"nonce":"a"}"#;
        let endless = br#"{"v":1,"state":"held","generation":1,"nonce":"a","token":"t","ttl_s":-1}"#;
        let aeon = br#"{"v":1,"state":"held","generation":1,"nonce":"a","token":"t","ttl_s":18446744073709551615}"#;
        let instant = br#"{"v":1,"state":"held","generation":1,"nonce":"a","token":"t","ttl_s":0}"#;
        for object in [&b""[..], b"hello", b"{}", b"[1]", version, nobody, endless, aeon, instant] {
            assert!(Lock::read(object).unwrap_err().to_string().contains("not a lock"));
        }
    }
}

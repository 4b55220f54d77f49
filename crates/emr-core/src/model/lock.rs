//! A lock: the content of its object on S3, and its time to live.

use std::fmt;
use std::time::Duration;

use serde::{Deserialize, Serialize};

use crate::error::{Error, Result};
use crate::model::time;

/// The proof of holding a lock. It allows to renew and release, so messages never show it.
#[derive(Clone, PartialEq, Eq, Hash, Serialize, Deserialize)]
pub struct Token(pub String);

impl fmt::Debug for Token {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("Token(…)")
    }
}

/// The holder of a lock, or one who wants it.
#[derive(Debug, Clone, PartialEq, Eq, Hash)]
pub struct Holder {
    /// The proof.
    pub token: Token,
    /// A description for people.
    pub owner: String,
    /// The time to live after each write, in whole seconds by S3's clock. Others do not take the lock earlier.
    pub ttl: Duration,
}

/// The content of a lock's object.
#[derive(Debug, Clone, PartialEq, Eq, Hash)]
pub struct Lock {
    /// Grows with every change of holder and never falls.
    pub generation: u64,
    /// Unique to each write, so that no two contents, and so no two `ETag`s, are equal.
    pub nonce: String,
    /// The holder; `None` if the lock is free.
    pub holder: Option<Holder>,
}

/// The size that separates free locks (smaller) from held ones (larger), so that a list of objects distinguishes them.
/// A list is only a hint; the object decides.
pub const SMALLEST_HELD: u64 = 88;

/// The largest object of a lock: 16 KiB. A larger object is not a lock and is left alone.
pub const LARGEST: u64 = 16 << 10;

/// The longest time to live: a dead holder blocks the others no longer.
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

/// The state of a lock.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "lowercase")]
pub enum LockState {
    /// Somebody holds it.
    Held,
    /// Nobody holds it: it was released, or not renewed within its time to live.
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

    /// Parses the content of an object. An error if it is not a lock: then it is a user's file and is left alone.
    pub fn read(object: &[u8]) -> Result<Self> {
        let foreign = |why: String| Error::usage(format!("the object is not a lock: {why}"));
        let body: LockBody = serde_json::from_slice(object).map_err(|cause| foreign(cause.to_string()))?;
        if body.v != VERSION {
            return Err(foreign(format!("its version is {}", body.v)).advise("use newer tools"));
        }
        let ttl = body.ttl_s.map(Duration::from_secs);
        if ttl.is_some_and(|ttl| ttl.is_zero() || ttl > LONGEST_TTL) {
            return Err(foreign("its time to live is not between 1 s and 24 h".to_owned()));
        }
        let holder = match (body.state, body.token, ttl, body.owner) {
            (LockState::Held, Some(token), Some(ttl), owner) => {
                Some(Holder { token, ttl, owner: owner.unwrap_or_default() })
            }
            (LockState::Free, ..) => None,
            _ => return Err(foreign("it is neither held nor free".to_owned())),
        };
        Ok(Self { generation: body.generation, nonce: body.nonce, holder })
    }
}

/// Parses a time to live, rounded up to whole seconds, the unit of S3's clock.
pub fn time_to_live(text: &str) -> Result<Duration> {
    match Duration::from_secs_f64(time::duration(text)?.as_secs_f64().ceil()) {
        Duration::ZERO => Err(Error::usage("the time to live of a lock must be longer than 0 s")),
        long if long > LONGEST_TTL => {
            Err(Error::usage(format!("'{text}' is too long for a lock")).advise("give 24h or less, and renew it"))
        }
        ttl => Ok(ttl),
    }
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
        fn writing_and_parsing_return_the_same_and_the_size_shows_whether_it_is_held(
            generation: u64, nonce in "[0-9a-z]{12}", holder in proptest::option::of(holder())
        ) {
            let lock = Lock { generation, nonce, holder };
            let object = lock.write();
            prop_assert_eq!(object.len() as u64 > SMALLEST_HELD, lock.holder.is_some());
            prop_assert_eq!(Lock::read(&object).unwrap(), lock);
        }
    }

    #[test]
    fn a_time_to_live_is_a_second_to_a_day() {
        assert_eq!(time_to_live("0.2").unwrap().as_secs(), 1);
        assert_eq!(time_to_live("2m").unwrap().as_secs(), 120);
        assert!(time_to_live("0").is_err());
        assert!(time_to_live("2d").is_err());
    }

    #[test]
    fn other_objects_are_refused() {
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

//! The record of a lock.

use std::fmt;

use serde::{Serialize, Serializer};

use super::Record;
use crate::model::lock::{LockState, Token};
use crate::model::s3_uri::S3Uri;
use crate::model::time;

/// A lock, as tools print it.
#[derive(Debug, Clone, PartialEq, Serialize)]
pub struct LockRecord {
    /// Its object.
    #[serde(serialize_with = "as_text")]
    pub lock_uri: S3Uri,
    /// Its state.
    pub state: LockState,
    /// Its generation; `None` without an object.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub generation: Option<u64>,
    /// Who holds it.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub owner: Option<String>,
    /// Seconds since it was last written, by S3's clock.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub age_s: Option<u64>,
    /// Its time to live after each write.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub ttl_s: Option<u64>,
    /// The holder's token, printed only to the holder.
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
            or_dash(self.age_s.map(time::clock)),
            or_dash(self.owner.clone()),
            or_dash(self.token.as_ref().map(|token| token.0.clone())),
        ]
    }

    fn id(&self) -> &str {
        self.token.as_ref().map_or("", |token| &token.0)
    }
}

fn as_text<S: Serializer>(value: &impl fmt::Display, serializer: S) -> Result<S::Ok, S::Error> {
    serializer.collect_str(value)
}

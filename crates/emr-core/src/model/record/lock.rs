//! The record of a lock.

use std::fmt;

use serde::{Serialize, Serializer};

use super::Record;
use crate::model::lock::{LockState, Token};
use crate::model::s3_uri::S3Uri;
use crate::model::time;

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

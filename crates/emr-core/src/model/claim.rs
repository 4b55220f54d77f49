//! The claim: what lets its holder add steps to a pooled cluster, on the way from one tool to the next.

use serde::{Deserialize, Serialize};

use crate::model::lock::Token;
use crate::model::s3_uri::S3Uri;

/// A lock on a cluster, as its holder has it.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Claim {
    /// The lock.
    pub lock_uri: S3Uri,
    /// What proves that the lock is still the holder's; only the holder knows it.
    pub token: Token,
    /// How many times the lock was taken, this time among them.
    pub generation: u64,
    /// Seconds for which the lock holds from when it was taken.
    pub ttl_s: u64,
}

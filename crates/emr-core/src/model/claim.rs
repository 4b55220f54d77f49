//! A claim as one tool hands it to the next: its holder may add steps to the pooled cluster.

use serde::{Deserialize, Serialize};

use crate::model::lock::Token;
use crate::model::s3_uri::S3Uri;

/// A lease on a cluster, with its holder's token.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Claim {
    /// The lock.
    pub lock_uri: S3Uri,
    /// The holder's proof, which only the holder knows.
    pub token: Token,
    /// The lock's generation, which grows with every holder.
    pub generation: u64,
    /// The time to live of the lock after each write, in seconds.
    pub ttl_s: u64,
}

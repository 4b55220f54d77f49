//! Pools: which job flows may share a cluster.

mod hash;
mod join;

pub use hash::pool_hash;
pub use join::{TAGS, join};

//! Pools: what a pool is called, and the marker by which a cluster is known to belong to one.

mod marker;
mod name;

pub use marker::{Marker, PoolHash};
pub use name::{PoolName, decode, encode};

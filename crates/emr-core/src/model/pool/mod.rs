//! Pools: their names, and the marker in the Names of their clusters.

mod marker;
mod name;

pub use marker::{Marker, PoolHash};
pub use name::{PoolName, decode, encode};

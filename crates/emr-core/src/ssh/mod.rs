//! Reaching nodes.

pub mod core_dump;

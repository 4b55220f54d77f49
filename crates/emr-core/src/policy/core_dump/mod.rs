//! Core dumps: what their heads say, how they come over, where they are kept, and how their backtraces are read.

pub mod group;
pub mod header;
pub mod name;
pub mod wire;

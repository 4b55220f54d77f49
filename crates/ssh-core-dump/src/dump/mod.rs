//! Core dumps: what their heads say, how they come over, where they are kept, and how their backtraces are read.

pub mod backtrace;
pub mod binaries;
pub mod group;
pub mod header;
pub mod memory;
pub mod name;
pub mod python;
mod symbol;
pub mod wire;

//! Core dumps: what their heads say, how they come over, where they are kept, and how their backtraces are read.

pub(crate) mod backtrace;
pub(crate) mod binaries;
pub(crate) mod head;
pub(crate) mod header;
pub(crate) mod memory;
pub(crate) mod python;
mod symbol;

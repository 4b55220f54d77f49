//! Core dumps: the fields of their heads, the memory in them, and their backtraces.

pub(crate) mod backtrace;
pub(crate) mod binaries;
pub(crate) mod head;
pub(crate) mod header;
pub(crate) mod memory;
mod number;
pub(crate) mod python;
mod symbol;

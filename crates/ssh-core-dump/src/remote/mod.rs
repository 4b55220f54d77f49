//! Core dumps on a node: a helper in Python that is sent over the connection lists, sends and reads them.
//!
//! Everything here blocks, and runs beside the runtime on threads of its own: one a node.

mod answers;
mod fetch;
mod link;
mod part;
#[cfg(test)]
mod tests;

pub(crate) use fetch::fetch;
pub(crate) use link::{FoundCore, Link, Listing, PATIENCE, words};
pub(crate) use part::{Part, check_room};

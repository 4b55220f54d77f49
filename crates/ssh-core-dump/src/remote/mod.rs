//! Core dumps on a node: a helper in Python that is sent over the connection lists, sends and reads them.
//!
//! Everything here blocks, and runs beside the runtime on threads of its own: one a node.

mod answers;
mod fetch;
mod frame;
mod link;
mod link_error;
mod listing;
mod part;
#[cfg(test)]
mod tests;

pub(crate) use fetch::fetch;
pub(crate) use frame::CHUNK;
pub(crate) use link::{Link, PATIENCE, words};
pub(crate) use link_error::{is_refused, is_worth_another_try};
pub(crate) use listing::{FoundCore, Listing, Passed, list};
pub(crate) use part::{Part, check_room};

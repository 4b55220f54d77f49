//! Core dumps on a node. A helper in Python is sent over the connection; it lists, sends and reads them.
//!
//! All calls block, so each node has its own thread beside the runtime.

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
#[cfg(feature = "untrusted")]
pub(crate) use frame::{Frame, FrameKind, HEAD};
pub(crate) use link::{Link, PATIENCE, words};
pub(crate) use link_error::{is_refused, is_worth_another_try};
#[cfg(feature = "untrusted")]
pub(crate) use listing::gather;
pub(crate) use listing::{FoundCore, Listing, Passed, list};
pub(crate) use part::{Part, check_room};

//! How long a cluster has been idle, and whether a sweep terminates it for that.
//!
//! The sweep, the list and the reports share one definition: [`Idleness`], computed from a cluster's times and the
//! [`Activity`] in its steps. It is an upper bound until enough steps are read, and then exact. [`Busy`] says why a
//! cluster is in use despite its idle time. The user chooses [`Limits`] (how long) and a [`Scope`] (which pools and
//! tags). Both return the reason for sparing a cluster, so that the tool can explain it.

mod activity;
mod busy;
mod explanation;
mod idleness;
mod limits;
mod scope;

#[cfg(test)]
mod tests;

pub use activity::Activity;
pub use busy::Busy;
pub use explanation::Explanation;
pub use idleness::{Class, Idleness};
pub use limits::Limits;
pub use scope::{Pools, Scope, TagTest};

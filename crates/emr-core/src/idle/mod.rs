//! How long a cluster has been idle, and whether a sweep terminates it for that.
//!
//! There is one definition, for the sweep, the list and the reports: [`Idleness`], made of a cluster's times and of the
//! [`Activity`] that its steps show. It is exact once enough steps are read, and until then an upper bound. [`Busy`]
//! says what else keeps a cluster in use that its idle time alone would end. [`Limits`] (how long) and [`Scope`] (which
//! pools and tags) are what the user wants swept. Both return the reason why they spare a cluster, so that the tool can
//! explain each one.

mod activity;
mod busy;
mod explanation;
mod idleness;
mod limits;
mod scope;

pub use activity::Activity;
pub use busy::Busy;
pub use explanation::Explanation;
pub use idleness::{Class, Idleness};
pub use limits::Limits;
pub use scope::{Pools, Scope, TagTest};

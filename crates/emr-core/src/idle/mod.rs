//! How long a cluster has been without work, and whether that is reason enough to end it.
//!
//! There is one definition, for the sweep, the list and the reports: [`Idleness`], made of a cluster's times and of the
//! [`Activity`] that its steps show. It is exact once enough of the steps are read, and until then an upper bound.
//! [`Busy`] says what keeps a cluster that the number alone would end. [`Limits`] and [`Scope`] are what the user wants
//! to be ended; each says why it spares a cluster, or `None`.

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

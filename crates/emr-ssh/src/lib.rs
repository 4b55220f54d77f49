//! Reaching nodes: `ssh` processes on a generated configuration, and the host keys that they see.
//!
//! A [`Session`] opens one connection to the master, which all others go through: sshd turns away connections that are
//! being made at once (`MaxStartups`), and a channel of an open one it does not count. [`reach`] says what is
//! asked of `ssh` and what its answers mean.

mod holder;
mod known_hosts;
pub mod reach;
mod run;
mod session;

pub use holder::{HOLD, Holder};
pub use known_hosts::make_place;
pub use run::{Ran, Stream};
pub use session::{Explainer, Session, mark};

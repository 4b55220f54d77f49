//! Reaching nodes: `ssh` processes on a generated configuration, and the host keys that they see.
//!
//! A [`Session`] opens one connection to the master, and all others go through it: sshd refuses many new connections at
//! once (`MaxStartups`), but does not count the channels of an open one. [`reach`] says what is asked of `ssh` and what
//! its answers mean.

mod holder;
mod known_hosts;
pub mod reach;
mod run;
mod session;

pub use holder::{HOLD, Holder};
pub use known_hosts::make_place;
pub use run::{Ran, Stream};
pub use session::{Explainer, Session, mark};

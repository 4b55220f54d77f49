//! Reaches nodes: runs `ssh` processes with a generated configuration, and pins host keys.
//!
//! A [`Session`] opens one connection to the master, and all others go through it: sshd refuses many new connections at
//! once (`MaxStartups`), but does not limit the channels of an open one. [`reach`] has the options of `ssh` and the
//! meaning of its errors.

mod holder;
mod known_hosts;
pub mod reach;
mod run;
mod session;

pub use holder::{HOLD, Holder};
pub use known_hosts::make_place;
pub use run::{Ran, Stream};
pub use session::{Explainer, Session, mark};

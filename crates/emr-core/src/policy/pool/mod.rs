//! Pools: whether a cluster that is there will do for a job flow that is wanted, and which of several is best.
//!
//! A [`Demand`] is what a job flow needs and an [`Offer`] what a cluster has, both in the same terms whether they are
//! groups or fleets. [`misfits`] compares the two, and a [`Rank`] puts those that fit in order. A [`shape`] is an offer
//! as a short text, for a Name.

mod demand;
mod fit;
mod offer;
mod rank;
pub mod shape;
mod stand_in;
mod words;

pub use demand::{Demand, Want, Wanted};
pub use fit::{Reason, misfits};
pub use offer::{Kind, Lot, Offer, Units};
pub use rank::{Power, Rank};

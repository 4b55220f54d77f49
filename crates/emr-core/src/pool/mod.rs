//! Pools: which job flows may share a cluster, whether one that is there will do, and which of several is best.
//!
//! A [`Demand`] is what a job flow needs and an [`Offer`] what a cluster has, both in the same terms whether they are
//! groups or fleets. [`misfits`] compares the two, and a [`Rank`] puts those that fit in order. A [`shape`] is an offer
//! as a short text, for a Name.

mod bids;
mod compatible;
mod demand;
mod explanation;
mod fit;
mod hash;
mod identity;
mod instance_types;
mod lineup;
pub mod locks;
mod mark;
mod membership;
mod mrjob_lock;
mod offer;
mod queue_position;
mod rank;
pub mod shape;
mod vacancy;
mod volumes;
mod words;

pub use demand::{Demand, Want, WantedKind};
pub use explanation::Explanation;
pub use fit::{Reason, misfits};
pub use hash::pool_hash;
pub use identity::{differences, other_release};
pub use lineup::{Candidate, CopiedNames, Hint, Knowledge, Lineup, Request};
pub use mark::{TAGS, mark};
pub use membership::{Membership, PooledBy};
pub use mrjob_lock::{mrjob_holder, mrjob_locks};
pub use offer::{InstanceKind, Lot, Offer, Units};
pub use queue_position::queue_position;
pub use rank::{Power, Rank};
pub use vacancy::{STEP_LIMIT, counts_every_step, occupied};

//! Pools: which job flows may share a cluster, whether a cluster has enough for a job, and which of several is best.
//!
//! A job goes through these questions in this order, the cheap ones first:
//!
//! | question | answered by | from |
//! |---|---|---|
//! | Is the cluster in the pool, with the same software and settings? | [`pool_hash`] | its Name |
//! | Has it enough? | [`misfits`]: a [`Demand`] against an [`Offer`] | its Name, then its instances |
//! | Which is best? | [`Rank`] | its Name, then its instances |
//! | In which order to try them? | [`Lineup`] | all of these |
//! | Does it take steps now? | [`occupied`] | its state and steps |
//! | Do the new steps run next? | [`is_next_in_queue`] | its steps |
//!
//! The first four are asked of the whole pool, so they are asked of what one list of clusters shows: Names. A Name
//! carries a marker with the pool, the hash and the [`shape`] of the cluster's instances. Names are hints, though: a
//! cluster is resized or cloned and keeps its Name. [`Lineup`] explains how far they are believed. Nothing is claimed
//! on the word of a Name alone: the claim looks at state, steps and instances again, under the lock.
//!
//! Demand and offer are in the same terms for groups and fleets. What one instance must have to stand in for another is
//! in `compatible` and the files that it uses: `instance_types`, `bids` and `volumes`.

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
mod obstacle;
mod offer;
mod queue_position;
mod rank;
pub mod shape;
mod size;
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
pub use queue_position::is_next_in_queue;
pub use rank::{Power, Rank};
pub use size::{Size, record, sized};
pub use vacancy::{STEP_LIMIT, counts_every_step, occupied};

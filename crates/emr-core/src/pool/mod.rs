//! Pools: which job flows may share a cluster, whether a cluster is large enough, and which of several is best.
//!
//! A search asks these questions in this order, cheap ones first:
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
//! The first four are about the whole pool, so they use what one list of clusters returns: Names. A Name carries a
//! marker with the pool, the hash and the [`shape`] of the cluster's instances. Names are only hints, because a cluster
//! keeps its Name when it is resized, and its clone gets the same. [`Lineup`] explains when they are believed. A claim
//! never relies on a Name: under the lock it looks at state, steps and instances again.
//!
//! How many clusters of a pool stay free, and when, is its [`minimum`].
//!
//! Demand and offer use the same terms for groups and fleets. `compatible` decides whether one instance can replace
//! another, with `instance_types`, `bids` and `volumes`.

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
pub mod minimum;
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

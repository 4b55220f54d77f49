//! What lies below the scratch URI, and what of it may be deleted.
//!
//! [`place`] tells the [`Kind`] of a key, [`Limits`] whether an object of that kind is old enough, and [`lifecycle_rule`]
//! which kinds a lifecycle rule of the bucket can delete instead.
//!
//! # Why no job loses a file
//!
//! Uploads are named by their content, so a job that finds its file there does not upload it again. Three rules keep
//! that file for a day after the job was told so:
//!
//! - A job trusts an object younger than [`REFRESH_AFTER`], a day. It copies an older one onto itself, which makes it
//!   new, and uploads it again where it cannot be copied.
//! - Nothing younger than [`FLOOR`], two days, is deleted. An object that was trusted a day ago is not that old.
//! - A copy may fall between a sweep's look at the list and its delete: S3 deletes by key, and a copy onto itself keeps
//!   its `ETag`. So a sweep lists and deletes such objects under a lock, [`sweep_lock`], and sends no delete twice. A job
//!   looks at that lock before and after the copy. If a sweep held it at one of them or in between, which its
//!   generation tells, the job begins again. Another job may find the copy meanwhile: it trusts an object that is not
//!   yet [`SETTLED_AFTER`] old only if that lock was last written before the object.
//!
//! After that day the file is part of a live job flow, which was created since the job was told. So nothing is deleted
//! that is younger than the oldest live job flow, less [`FLOOR`]. What only steps read is kept by the oldest unfinished
//! step in the same way.
//!
//! So less than a day may pass from the first look at a file until its job flow or step is there. A run whose uploads take
//! longer than [`COUNTS_FOR`] looks at all of them again. That leaves half a day for the lock of the pool, the call, and
//! answers of EMR that are an hour old. It does not help a run that is stopped in between, or whoever names such a file
//! by its URI.

mod deeper;
mod kind;
mod lifecycle;
mod limits;
#[cfg(test)]
mod race;

pub use deeper::deep_place;
pub use kind::{Kind, Place, place, sweep_lock};
pub use lifecycle::lifecycle_rule;
pub use limits::{COUNTS_FOR, FLOOR, Limits, Live, REFRESH_AFTER, SETTLED_AFTER, SWEEP_TTL, Verdict};

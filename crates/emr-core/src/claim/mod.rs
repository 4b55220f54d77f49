//! How a lock on S3 and a claim on a cluster are taken, kept and given back.
//!
//! Both are state machines that are told what happened and say what to do next, so that the code that runs is the code
//! that a model checker explores (`tests/claim_model`). [`lease`] is the lock: one object, conditional writes, an
//! expiry. [`protocol`] is the claim: lock, look again, act, check, unlock. [`lease::LockError`] says why either is not to
//! be had. [`backoff`], [`pause`] and [`quota`] say how long to wait between requests.

pub mod backoff;
pub mod lease;
mod lock_error;
pub mod pause;
pub mod protocol;
pub mod quota;

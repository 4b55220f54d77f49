//! The protocols of locks on S3 and of claims on clusters, and the waits between requests.
//!
//! Both protocols are state machines without a network or a clock: they take an event and return the next action. So a
//! model checker (`tests/claim_model`) explores the very code that runs. Both end with a result, or with a
//! [`LockError`](lease::LockError) if there is no lock to rely on.
//!
//! | module | is |
//! |---|---|
//! | [`lease`] | the lock: one object, conditional writes, an expiry |
//! | [`protocol`] | the claim: lock, look, act, check, unlock |
//! | [`backoff`] | the wait before a retry |
//! | [`pause`] | the wait between two looks at something that takes its time |
//! | [`quota`] | the wait that EMR's request quotas ask for |

pub mod backoff;
pub mod lease;
mod lock_error;
pub mod pause;
pub mod protocol;
pub mod quota;

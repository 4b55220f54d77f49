//! Histories of locks: what was asked of the store and of EMR, what was answered, and whether that fits.
//!
//! A history is JSON Lines. A tool appends a line before it sends a request and another when the answer is there, so
//! that the write of a process that is killed in between is known although its answer is not. The format is described
//! in emr-locks(7).
//!
//! The check rests on the chain: each write names the `ETag` of the object that it replaces, and each object has a
//! nonce of its own. So there is only one order in which acknowledged writes can have happened, and one pass over the
//! lines tells whether reads, refusals and times agree with it.
//!
//! | module | is |
//! |---|---|
//! | `record` | a line as it is written |
//! | `entry` | a line as it is read |
//! | `clock` | times that can be compared |
//! | `chain` | the states of a lock's object, and bounds for when each was there |
//! | `leases` | who believes to hold the lock, and until when |
//! | `lock` | the history of one lock |
//! | `verify` | the check of all |
//! | `finding` | what it found |

mod chain;
mod clock;
mod entry;
mod finding;
mod leases;
mod lock;
mod record;
mod verify;

pub use entry::{Entry, Parsed, Reply, Request, parse};
pub use finding::{Finding, FindingKind, Place, VerdictRecord, ViolationRecord};
pub use record::{HistoryRecord, LONGEST, digest};
pub use verify::Verifier;

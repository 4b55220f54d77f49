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
//! | `entry`, `scan` | a line as it is read |
//! | `digest`, `clock` | texts and times that can be compared |
//! | `clocks` | those of one lock |
//! | `event` | what a line tells |
//! | `batch` | lines that were read and are not taken in yet |
//! | `link` | a state of a lock's object, and bounds for when it was there |
//! | `chain`, `chains` | the states in their order |
//! | `etags` | those of a chain |
//! | `gone` | reads that found nothing where a chain goes on, or ends |
//! | `lives` | what two chains are to each other, between which the object was deleted |
//! | `absences` | when there was no object |
//! | `rest` | what remains of a lock that is free and quiet |
//! | `seen` | those that were forgotten |
//! | `in_flight` | requests that have no answer |
//! | `leases` | who believes to hold the lock, and until when |
//! | `rivals` | leases that seem to overlap |
//! | `lock` | the history of one lock |
//! | `locks` | those of all locks, which are dropped when they are free |
//! | `verify` | the check of all |
//! | `merge` | the order in which lines of several machines are taken in |
//! | `finding`, `report` | what was found |

mod absences;
mod batch;
mod chain;
mod chains;
mod clock;
mod clocks;
mod digest;
mod entry;
mod etags;
mod event;
mod finding;
mod gone;
mod in_flight;
mod leases;
mod link;
mod lives;
mod lock;
mod locks;
mod merge;
mod record;
mod report;
mod rest;
mod rivals;
mod scan;
mod seen;
mod verify;

pub use batch::{Batch, Item};
pub use entry::{Entry, Parsed, Reply, Request, parse};
pub use event::Line;
pub use finding::{Finding, FindingKind, Place, VerdictRecord, ViolationRecord};
pub use merge::Merge;
pub use record::{HistoryRecord, LONGEST, digest};
pub use verify::Verifier;

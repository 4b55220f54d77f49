//! Reads the logs of a job flow, from its nodes and from S3, and finds in them why a step failed.
//!
//! EMR copies logs to S3 every five minutes, and a node that is gone has none: what one place lacks the other may have.

mod diagnosis;
mod node;
mod source;
mod tail;
mod text;
#[cfg(feature = "untrusted")]
pub mod untrusted;

pub use diagnosis::Diagnosis;
pub use source::{AllLogs, Logs};
pub use tail::{Ends, Tail, broken};
pub use text::Unpacked;

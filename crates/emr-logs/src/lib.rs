//! Reading the logs of a job flow wherever they are, and finding in them why a step failed.

mod diagnosis;
mod node;
mod source;
mod text;

pub use diagnosis::Diagnosis;
pub use source::{AllLogs, Logs};
pub use text::Unpacked;

//! What to do about it: the rules, as functions of values.
//!
//! Nothing here knows AWS, a clock, a file or a terminal. `now` and chance are arguments, which is what lets the rules
//! be tested by the thousand.

pub mod backoff;
pub mod bootstrap;
pub mod cause;
pub mod claim;
mod configurations;
pub mod core_dump;
pub mod core_dumps;
pub mod extra_parameters;
mod features;
pub mod fold;
pub mod idle;
mod instance_json;
mod instance_lists;
pub mod instances;
pub mod launch;
pub mod lease;
pub mod logs;
pub mod long_jobs;
pub mod outcome;
pub mod pause;
pub mod pool;
pub mod quota;
pub mod reach;
mod request_types;
pub mod self_termination;
pub mod software;
pub mod step_file;
pub mod streaming;
pub mod tunnel;
pub mod upload;

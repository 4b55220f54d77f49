//! What job flow the options ask for.
//!
//! [`LaunchOptions::look_up`] finds what the sources say, and [`job_flow`](job_flow()) makes a job flow of it: it asks the
//! other modules for the parts, gives defaults, and refuses contradictions. Each part has a module that knows its
//! options and mrjob's rules for them.

mod amazon_actions;
pub mod bootstrap;
mod configurations;
pub mod extra_parameters;
mod features;
pub mod instances;
mod job_flow;
mod options;
mod request_types;
pub mod self_termination;
pub mod software;

pub use job_flow::{Plan, job_flow, locks};
pub use options::{LaunchOptions, VolumeOptions};

//! Turns options into a job flow to start.
//!
//! [`LaunchOptions::look_up`] looks the options up. [`job_flow`](job_flow()) makes a job flow of them: it gets the
//! parts from the other modules, adds defaults and refuses contradictions. Each part has a module that knows only its
//! own options and mrjob's rules for them.

mod amazon_actions;
pub mod bootstrap;
mod configurations;
pub mod extra_parameters;
mod features;
pub mod instances;
mod job_flow;
mod options;
mod request_types;
mod roles;
pub mod self_termination;
pub mod software;

pub use job_flow::{DEFAULT_INSTANCE_PROFILE, DEFAULT_SERVICE_ROLE, Plan, job_flow, locks};
pub use options::{LaunchOptions, VolumeOptions};
pub use roles::missing_tag;

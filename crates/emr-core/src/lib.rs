//! What the emr-tools share.
//!
//! | layer | says | may use |
//! |---|---|---|
//! | [`model`] | what there is | std, serde, chrono's types |
//! | [`policy`] | what to do about it; `now` and chance are arguments | `model` |
//! | [`config`] | what `mrjob.conf` says | `model` |
//! | [`aws`] | asks and tells EMR and S3; the only user of the AWS crates | `policy`, `model` |
//! | [`cli`] | meets the user; the only user of stdout, stderr and the clock | all of these |
//!
//! A tool's `main` is arguments → `aws` → records. Data flows the same way in every tool: options come from [`cli`] and
//! [`config`], [`policy`] makes a [`model`] of them, [`aws`] carries it out, and [`cli`] prints [`model::record`]s.

pub mod aws;
pub mod cli;
pub mod config;
pub mod error;
pub mod model;
pub mod policy;

//! What the emr-tools share.
//!
//! | layer | says | may use |
//! |---|---|---|
//! | [`model`] | what there is | std without the world, serde, `serde_json`, chrono's types, humantime; [`error`] |
//! | [`policy`] | what to do about it; `now` and chance are arguments | the same, strsim and sha2; `model` |
//! | [`config`] | what `mrjob.conf` says | std, saphyr-parser, glob, shell-words, `serde_json`, strsim; `model`, [`error`] |
//! | [`aws`] | asks and tells EMR and S3; the only user of the AWS crates | all but [`cli`], `config` and their crates |
//! | [`ssh`] | reaches the nodes of a cluster; runs `ssh` processes | std, flate2, log, rustix, serde, sha2, tempfile, tokio; `model`, `policy` |
//! | [`logs`] | reads logs, on S3 and on nodes, and finds the cause of a failure | std, chrono, flate2, `futures_util`, log, `shell_words`, tokio; `model`, `policy`, `aws`, `ssh` |
//! | [`cli`] | meets the user; the only user of stdin, stdout, stderr and the wall clock | all but the AWS crates |
//!
//! *The world* is files, processes, the network, the environment and the clock. `tests/layers.rs` holds all of it.
//!
//! A tool's `main` is arguments → `aws` → records. Data flows the same way in every tool: options come from [`cli`] and
//! [`config`], [`policy`] makes a [`model`] of them, [`aws`] carries it out, and [`cli`] prints [`model::record`]s.

pub mod aws;
pub mod cli;
pub mod config;
pub mod error;
pub mod logs;
pub mod model;
pub mod policy;
pub mod ssh;

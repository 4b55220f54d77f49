//! Runs steps and bootstrap actions for real, as processes of this machine.
//!
//! - [`step`] finds out what a step is: a command, a script, a streaming job, or nothing that can
//!   run here
//! - [`command`], [`spark`], [`script`] and [`streaming`] run these
//! - [`processes`] holds the process groups of a step, so that it can be stopped
//! - [`location`] reads and writes where arguments point: S3, HDFS, local files
//! - [`logs`] has the logs of a step, and takes them to `LogUri` as EMR does
//!
//! It knows nothing of cluster states: it is told what to start and answers how it ended.

mod bootstrap;
mod command;
mod environment;
mod filesystem;
mod logs;
mod processes;
mod runner;
mod script;
mod spark;
mod step;
mod streaming;

pub(crate) use self::bootstrap::Bootstrapping;
pub(crate) use self::runner::{Job, Machine};

//! Runs steps and bootstrap actions as processes of this machine.
//!
//! - [`runner`] starts and stops them and knows which run
//! - [`step`] runs a step from its start to its end, by its type: [`command`] and [`spark`],
//!   [`script`], [`streaming`], or any other [`jar`]; [`bootstrap`] runs bootstrap actions
//! - [`workplace`] is the directory of one step with all that its work needs; [`program`] runs a
//!   program in it, [`processes`] holds the process groups, so that they can be stopped, [`watcher`] ends what is left
//!   of them with the sandbox
//! - [`filesystem`] reads and writes where arguments point: S3, HDFS, local files
//! - [`logs`] writes the logs of a step, [`last_words`] finds the error in them; [`archive`] copies them to the
//!   cluster's `LogUri`
//! - [`machine`] is what all steps share; [`environment`] points their processes at this sandbox
//!
//! The state of clusters is unknown here: the caller says what to start, and gets the result.

mod archive;
mod bootstrap;
mod command;
mod environment;
mod failure;
mod filesystem;
mod jar;
mod last_words;
mod logs;
mod machine;
mod processes;
mod program;
mod runner;
mod script;
mod spark;
mod step;
mod streaming;
mod watcher;
mod workplace;

pub(crate) use self::bootstrap::BootstrapActions;
pub(crate) use self::failure::Failure;
pub(crate) use self::machine::Machine;
pub(crate) use self::runner::Runner;
pub(crate) use self::spark::SparkDefaults;
pub(crate) use self::step::Step;
#[cfg(feature = "untrusted")]
pub(crate) use self::streaming::check as check_streaming;

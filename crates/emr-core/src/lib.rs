//! What there is and what to do about it: the rules of the emr-tools, as pure functions of values.
//!
//! Nothing here knows a network, a file, a process, the environment or a clock. `now` and randomness are arguments,
//! which lets the rules be tested by the thousand and lets a model checker explore the protocols. Cargo keeps the
//! network, clap and tokio out; `clippy.toml` beside this crate's manifest forbids what std has of the world.
//!
//! | subject | answers |
//! |---|---|
//! | [`model`] | what there is: ids, instances, job flows, clusters, steps, and the records that tools print |
//! | [`stdin`] | which job flow or step a word or a record names, on stdin or as an argument |
//! | [`config`] | which options are in effect, and which source each comes from |
//! | [`upload`] | which local files go to S3, and where |
//! | [`setup`] | which files a command names, and what they are called where it runs |
//! | [`launch`] | what job flow the options ask for |
//! | [`pool`] | who may share a cluster, whether it is large enough, and which one is best |
//! | [`claim`] | how a lock and a claim are taken, kept and given back; how long to back off |
//! | [`idle`] | how long a cluster has been without work, and whether that is reason enough to end it |
//! | [`iam`] | which permissions the requests of each tool need, and the least policy that has them |
//! | [`hadoop_glob`] | which paths Hadoop takes a glob for |
//! | [`hadoop_words`] | how Hadoop splits a command into words |
//! | [`streaming_step`] | whether a step streams, and what it reads and writes |
//! | [`shell`] | how a shell's words are quoted and split |
//! | [`logs`] | where EMR puts which log |
//! | [`diagnose`] | the probable cause of a failure, from the text of its logs |
//!
//! Arrows point one way: subjects → [`config`] → [`model`] → [`error`]. The crates around this one do the rest:
//! `emr-aws` asks EMR and S3, `emr-ssh` reaches nodes, `emr-logs` reads logs, `emr-cli` meets the user. A tool takes
//! options from `emr-cli`, has a rule here make values of them, has `emr-aws` carry those out, and prints
//! [`model::record`]s.

pub mod claim;
pub mod config;
pub mod diagnose;
pub mod error;
pub mod hadoop_glob;
pub mod hadoop_words;
pub mod iam;
pub mod idle;
pub mod launch;
pub mod logs;
pub mod model;
pub mod pool;
pub mod setup;
pub mod shell;
pub mod stdin;
pub mod streaming_step;
pub mod text;
pub mod upload;

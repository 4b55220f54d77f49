//! The rules of the emr-tools, as pure functions of values.
//!
//! Nothing here uses the network, files, processes, the environment or a clock. `now` and randomness are arguments, so
//! that the rules are cheap to test and a model checker can explore the protocols. The manifest keeps network crates,
//! clap and tokio out; this crate's `clippy.toml` forbids the parts of std that touch the outside world.
//!
//! | subject | answers |
//! |---|---|
//! | [`model`] | ids, instances, job flows, clusters, steps, and the records that tools print |
//! | [`stdin`] | which job flow or step a word or record names, on stdin or as an argument |
//! | [`config`] | which options are in effect, and which source each comes from |
//! | [`upload`] | which local files go to S3, and where |
//! | [`setup`] | which files a command names, and their names where it runs |
//! | [`launch`] | the job flow for the options |
//! | [`pool`] | who may share a cluster, whether it is large enough, and which one is best |
//! | [`claim`] | how locks and claims are taken, renewed and released; how long to back off |
//! | [`history`] | whether what was recorded of locks fits: one chain of writes, one holder at a time |
//! | [`idle`] | how long a cluster has been idle, and whether to terminate it |
//! | [`iam`] | which permissions the calls of each tool need, and the least policy that grants them |
//! | [`regions`] | which regions there are, and which an account may not have |
//! | [`scratch`] | what lies below the scratch URI, and what of it is old enough to be deleted |
//! | [`hadoop_glob`] | which paths match one of Hadoop's globs |
//! | [`hadoop_words`] | how Hadoop splits a command into words |
//! | [`streaming_step`] | whether a step streams, and what it reads and writes |
//! | [`shell`] | how a shell's words are quoted and split |
//! | [`logs`] | where EMR puts which log |
//! | [`metrics`] | gauges for Prometheus, and their text |
//! | [`usage`] | what was used and wasted: the parts of each job flow's life, and their sums |
//! | [`diagnose`] | the probable cause of a failure, from the text of its logs |
//!
//! Dependencies point one way: subjects → [`config`] → [`model`] → [`error`]. Other crates do the input and output:
//! `emr-aws` calls EMR and S3, `emr-ssh` connects to nodes, `emr-logs` reads logs, `emr-cli` has options, messages and
//! tables. A tool gets options from `emr-cli`, turns them into values by the rules here, carries those out with
//! `emr-aws`, and prints [`model::record`]s.

pub mod claim;
pub mod config;
pub mod diagnose;
pub mod error;
pub mod hadoop_glob;
pub mod hadoop_words;
pub mod history;
pub mod iam;
pub mod idle;
pub mod launch;
pub mod logs;
pub mod metrics;
pub mod model;
pub mod pool;
pub mod regions;
pub mod scratch;
pub mod setup;
pub mod shell;
pub mod stdin;
pub mod streaming_step;
pub mod text;
pub mod upload;
pub mod usage;

//! The command line.

use std::path::PathBuf;

use clap::{Parser, ValueEnum};
use emr_cli::ssh::NodeChoice;
use emr_cli::{Account, Output, Ssh};
use emr_core::model::size;
use emr_core::model::time::{self, Time};

const EXAMPLES: &str = "\
Examples:
  ssh-core-dump j-2AXXXXXXGAPLF --list
  ssh-core-dump j-2AXXXXXXGAPLF --output-dir cores
  ssh-core-dump j-2AXXXXXXGAPLF --newer-than 1h --delete-after | jq -r '.backtrace[0]' | sort | uniq -c
  list-job-flows --output id | ssh-core-dump --role core --list --output table
  gdb \"$(which python3)\" \"$(ssh-core-dump j-2AXXXXXXGAPLF --newer-than 10m | jq -r .file | head -1)\"";

/// List and pull core dumps from all nodes of a job flow
///
/// Looks on each node in the folder that its kernel writes core dumps to, and in /tmp/cores. Fetches what it finds from
/// all nodes at once, compressed on the way, keeps holes as holes, and compares by SHA-256. A repeated run resumes
/// where the last one was interrupted, and does not fetch again what is here. Prints a record of each core dump, with
/// the backtrace of the thread that crashed: Python functions for Python 2.7 and 3.6 to 3.13, native functions if gdb
/// is installed. Needs Python 2.6 or later on the nodes, and leaves nothing there. Core dumps contain everything in a
/// program's memory, passwords too: the files are readable only by you.
///
/// A core dump that is shorter than its headers announce has "partial". Empty files, which are crashes whose core dumps
/// did not fit, and compressed files are named on stderr.
#[derive(Debug, Parser)]
#[command(version, after_long_help = EXAMPLES)]
pub(crate) struct Args {
    /// Ids of job flows [default: those on stdin, as with -]
    #[arg(value_name = "JOB_FLOW")]
    pub(crate) job_flows: Vec<String>,

    /// Only list the core dumps; fetch nothing
    #[arg(long)]
    pub(crate) list: bool,

    /// Folder for the core dumps, with one folder per job flow and in it one per node
    #[arg(long, value_name = "DIR", default_value = "cores")]
    pub(crate) output_dir: PathBuf,

    /// Only core dumps written after this time, or within this duration
    #[arg(long, value_name = "TIME", value_parser = time::read)]
    pub(crate) newer_than: Option<Time>,

    /// Skip files longer than this, holes included: anybody on a node can make a huge file that takes no space
    #[arg(long, value_name = "SIZE", default_value = "1T", value_parser = size::bytes, hide_short_help = true)]
    pub(crate) max_bytes: u64,

    /// Delete each core dump on the node once it is fetched and compared; uses sudo if it belongs to another user
    #[arg(long, conflicts_with = "list")]
    pub(crate) delete_after: bool,

    /// Where to make backtraces
    #[arg(long, value_enum, value_name = "WHERE", default_value_t = Backtrace::Remote, conflicts_with = "list")]
    pub(crate) backtrace: Backtrace,

    /// Folder on the nodes to search; may be repeated [default: where the kernel writes core dumps, and /tmp/cores]
    #[arg(long = "dir", value_name = "REMOTE_DIR")]
    pub(crate) folders: Vec<String>,

    #[command(flatten)]
    pub(crate) choice: NodeChoice,

    #[command(flatten)]
    pub(crate) output: Output,

    #[command(flatten)]
    pub(crate) ssh: Ssh,

    #[command(flatten)]
    pub(crate) account: Account,
}

/// Where to make backtraces.
#[derive(Debug, Clone, Copy, PartialEq, Eq, ValueEnum)]
pub(crate) enum Backtrace {
    /// On the node
    Remote,
    /// Here; also fetches the executable and its libraries, each once
    Local,
    /// No backtraces
    None,
}

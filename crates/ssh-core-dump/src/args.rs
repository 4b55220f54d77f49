//! The arguments.

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
/// Looks on each node in the folder that its kernel writes core dumps to, and in /tmp/cores, and fetches what it finds:
/// from all nodes at once, packed on the way, with holes kept as holes, and compared by SHA-256. A run that was
/// interrupted goes on where it stopped, and what is here is not fetched again. Prints a record of each core dump, with
/// the backtrace of the thread that crashed: Python's functions, wherever the core dump is one of Python 2.7 or 3.6
/// to 3.13, and the native ones where there is gdb. Needs Python on the nodes, 2.6 or later, and leaves nothing there. Core
/// dumps hold all that their programs knew, passwords too: they are kept for you alone.
///
/// A core dump that lacks some of what its head announces has "partial". Files that are empty, which are crashes whose core
/// dumps did not fit, and packed ones are named on stderr.
#[derive(Debug, Parser)]
#[command(version, after_long_help = EXAMPLES)]
pub(crate) struct Args {
    /// Ids of job flows [default: those on stdin, as with -]
    #[arg(value_name = "JOB_FLOW")]
    pub(crate) job_flows: Vec<String>,

    /// Print what there is, and fetch nothing
    #[arg(long)]
    pub(crate) list: bool,

    /// Folder to keep core dumps in; each node has a folder in that of its job flow
    #[arg(long, value_name = "DIR", default_value = "cores")]
    pub(crate) output_dir: PathBuf,

    /// Only those written after this time, or this long ago
    #[arg(long, value_name = "TIME", value_parser = time::read)]
    pub(crate) newer_than: Option<Time>,

    /// Skip those longer than this, holes counted: anybody on a node can make a file of any length that takes no room
    #[arg(long, value_name = "SIZE", default_value = "1T", value_parser = size::bytes, hide_short_help = true)]
    pub(crate) max_bytes: u64,

    /// Delete on the node what has been fetched and compared; asks sudo where the file is another user's
    #[arg(long, conflicts_with = "list")]
    pub(crate) delete_after: bool,

    /// Where backtraces are made
    #[arg(long, value_enum, value_name = "WHERE", default_value_t = Backtrace::Remote, conflicts_with = "list")]
    pub(crate) backtrace: Backtrace,

    /// Folder on the nodes to look in; may be repeated [default: where the kernel writes them, and /tmp/cores]
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

/// Where backtraces are made.
#[derive(Debug, Clone, Copy, PartialEq, Eq, ValueEnum)]
pub(crate) enum Backtrace {
    /// On the node
    Remote,
    /// Here, of what was fetched; fetches the executable and its libraries, too, once each
    Local,
    /// Nowhere
    None,
}

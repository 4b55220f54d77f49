//! Reaches the nodes of a cluster with OpenSSH: the options of `ssh`, and the meaning of its errors.
//!
//! The system's own `ssh` does the work, so agents, hardware keys, certificates and `ssh_config` work as usual. The
//! private key stays on this machine: nodes are reached *through* the master (`ProxyJump`), never *from* it.

mod address;
mod failure;
mod mark;
mod options;
mod remote;

use std::path::PathBuf;
use std::time::Duration;

pub use address::{Address, address, master};
pub use failure::{Failed, failure};
pub(crate) use mark::keep_last;
pub use mark::{AfterMark, Mark};
pub use options::{command_line, config_file};
pub use remote::{End, Streams, line, marked, watched};

/// How the nodes of a cluster are reached.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Reach {
    /// The words of the `ssh` command, at least one.
    pub ssh: Vec<String>,
    /// The user on the nodes.
    pub user: String,
    /// The private key; `None` if the agent or the user's `ssh_config` has it.
    pub key_file: Option<PathBuf>,
    /// The user's `ssh_config`.
    pub config: UserConfig,
    /// Whether each node is reached directly, not through the master.
    pub direct: bool,
    /// The kind of address of nodes that are reached from here; `None` for the first that a node has.
    pub address: Option<Address>,
    /// How long a connection may take to be made.
    pub connect_timeout: Duration,
    /// The file of pinned host keys.
    pub known_hosts: PathBuf,
}

/// The user's own `ssh_config`, for all options that are not forced here.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum UserConfig {
    /// The files that `ssh` reads: `~/.ssh/config` and `/etc/ssh/ssh_config`.
    Default,
    /// Only this file.
    File(PathBuf),
    /// No file.
    None,
}

/// Ways to reach nodes, for tests.
#[cfg(test)]
pub(crate) mod example {
    use super::*;

    /// Through the master, with a key and no file of the user's.
    pub(crate) fn reach() -> Reach {
        Reach {
            ssh: vec!["ssh".to_owned()],
            user: "hadoop".to_owned(),
            key_file: Some("/keys/my key".into()),
            config: UserConfig::None,
            direct: false,
            address: None,
            connect_timeout: Duration::from_secs(10),
            known_hosts: "/state/known_hosts/j-A".into(),
        }
    }
}

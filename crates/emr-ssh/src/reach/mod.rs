//! Reaching the nodes of a cluster with OpenSSH: what is asked of `ssh`, and what its answers mean.
//!
//! The system's own `ssh` does the work, so that agents, hardware keys, certificates and `ssh_config` count as they
//! always do. The private key stays on this machine: nodes are reached *through* the master (`ProxyJump`), never *from*
//! it.

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
    /// The words of the command that is `ssh`; one at least.
    pub ssh: Vec<String>,
    /// The user on the nodes.
    pub user: String,
    /// The private key; none where the agent or the user's `ssh_config` has it.
    pub key_file: Option<PathBuf>,
    /// Where the user's `ssh_config` is.
    pub config: UserConfig,
    /// Whether each node is reached from here, not through the master.
    pub direct: bool,
    /// Which of its addresses is used of a node that is reached from here; none: the first that it has.
    pub address: Option<Address>,
    /// How long a connection may take to be made.
    pub connect_timeout: Duration,
    /// The file of the host keys that were seen first.
    pub known_hosts: PathBuf,
}

/// The user's own `ssh_config`, which counts for all that is not forced here.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum UserConfig {
    /// Where `ssh` looks: `~/.ssh/config` and `/etc/ssh/ssh_config`.
    Default,
    /// This file alone.
    File(PathBuf),
    /// None at all.
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

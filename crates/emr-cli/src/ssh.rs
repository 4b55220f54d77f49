//! The options of the tools that reach nodes: how, and which.

use std::path::{Path, PathBuf};
use std::time::Duration;

use clap::{Args, ValueEnum};
use emr_core::config::options::{EC2_KEY_PAIR_FILE, SSH_BIN};
use emr_core::config::{Config, Offer, Typed};
use emr_core::error::{Error, Result};
use emr_core::model::id::JobFlowId;
use emr_core::model::instance::Node;
use emr_core::model::instances::Role;
use emr_core::model::time;
use emr_ssh::reach::{Address, Reach, UserConfig};

use crate::options::{Group, Options};

const HEADING: &str = "SSH";

/// The options of the ssh command that may stand in `mrjob.conf`, too.
#[derive(Debug, Clone)]
struct SshGroup;

impl Group for SshGroup {
    const OFFERS: &'static [Offer] = &[EC2_KEY_PAIR_FILE.offer(), SSH_BIN.offer()];
}

/// How nodes are reached.
#[derive(Debug, Clone, Args)]
#[expect(clippy::struct_field_names, reason = "the names of the options")]
pub struct Ssh {
    #[command(flatten)]
    options: Options<SshGroup>,

    /// ssh_config file, for what these options leave open; none reads no file [default: your own, then the
    /// system's]
    #[arg(long, value_name = "PATH", help_heading = HEADING, hide_short_help = true)]
    ssh_config: Option<PathBuf>,

    /// User on the nodes
    #[arg(long, value_name = "NAME", default_value = "hadoop", help_heading = HEADING, hide_short_help = true)]
    ssh_user: String,

    /// Connect to each node from here, not through the master
    #[arg(long, help_heading = HEADING, hide_short_help = true)]
    direct: bool,

    /// Which address of a node to connect to from here [default: the public one, if it has one]
    #[arg(long, value_enum, value_name = "KIND", help_heading = HEADING, hide_short_help = true)]
    ssh_address: Option<AddressKind>,

    /// How long it may take to connect to a node
    #[arg(long, value_name = "DURATION", default_value = "10s", value_parser = time::duration, help_heading = HEADING,
        hide_short_help = true)]
    ssh_connect_timeout: Duration,
}

/// The address of a node, as an option's value.
#[derive(Debug, Clone, Copy, PartialEq, Eq, ValueEnum)]
enum AddressKind {
    /// Public name
    PublicDns,
    /// Public IP address
    PublicIp,
    /// Name inside the network, such as ip-10-0-0-1.ec2.internal
    PrivateDns,
    /// IP address inside the network
    PrivateIp,
    /// EC2 instance id, for a ProxyCommand of your ssh_config, such as that of Systems Manager
    InstanceId,
}

impl From<AddressKind> for Address {
    fn from(kind: AddressKind) -> Self {
        match kind {
            AddressKind::PublicDns => Self::PublicDns,
            AddressKind::PublicIp => Self::PublicIp,
            AddressKind::PrivateDns => Self::PrivateDns,
            AddressKind::PrivateIp => Self::PrivateIp,
            AddressKind::InstanceId => Self::InstanceId,
        }
    }
}

impl Ssh {
    /// What was typed of the options that may stand in `mrjob.conf`, too.
    #[must_use]
    pub fn typed(&self) -> &Typed {
        self.options.typed()
    }

    /// How the nodes of `job_flow` are reached, with what `config` adds.
    pub fn reach(&self, config: &Config, job_flow: &JobFlowId) -> Result<Reach> {
        Ok(Reach {
            ssh: ssh_words(config)?,
            user: self.ssh_user.clone(),
            key_file: key_file(config)?,
            config: match &self.ssh_config {
                None => UserConfig::Default,
                Some(path) if path.as_os_str() == "none" => UserConfig::None,
                Some(path) => UserConfig::File(absolute(path)?),
            },
            direct: self.direct,
            address: self.ssh_address.map(Address::from),
            connect_timeout: self.ssh_connect_timeout,
            known_hosts: known_hosts(job_flow)?,
        })
    }
}

/// Whether `config` names a private key.
pub(crate) fn has_key(config: &Config) -> Result<bool> {
    Ok(key_file(config)?.is_some())
}

fn ssh_words(config: &Config) -> Result<Vec<String>> {
    match config.get(&SSH_BIN)? {
        None => Ok(vec!["ssh".to_owned()]),
        Some(words) if words.value.is_empty() => Err(words.wrong("is empty")),
        Some(words) => Ok(words.value),
    }
}

fn key_file(config: &Config) -> Result<Option<PathBuf>> {
    let Some(path) = config.get(&EC2_KEY_PAIR_FILE)? else { return Ok(None) };
    let readable = path.try_map(|path| {
        let path = absolute(Path::new(&path))?;
        std::fs::File::open(&path).map_err(|cause| Error::file("read the private key", &path, &cause))?;
        Ok(path)
    });
    readable.map(|path| Some(path.value))
}

/// An absolute path: `ssh` may run in another folder.
fn absolute(path: &Path) -> Result<PathBuf> {
    std::path::absolute(path).map_err(|cause| Error::file("find", path, &cause))
}

/// The file of a job flow's host keys.
fn known_hosts(job_flow: &JobFlowId) -> Result<PathBuf> {
    let folder = |name| std::env::var_os(name).map(PathBuf::from).filter(|path| path.is_absolute());
    let state = folder("XDG_STATE_HOME").or_else(|| Some(folder("HOME")?.join(".local/state")));
    let state = state.ok_or_else(|| {
        Error::config("there is no place for the host keys of nodes").advise("set HOME or XDG_STATE_HOME")
    })?;
    Ok(state.join("emr-tools/known_hosts").join(job_flow.as_str()))
}

/// Which nodes of a job flow are meant.
#[derive(Debug, Clone, Args)]
pub struct NodeChoice {
    /// Only nodes of this role; several are separated by commas, or the option is repeated
    #[arg(long = "role", value_enum, value_name = "ROLE", value_delimiter = ',')]
    roles: Vec<RoleName>,

    /// Only the node of this instance id, name or IP address; may be repeated
    #[arg(long = "node", value_name = "NODE")]
    nodes: Vec<String>,
}

/// A role, as an option's value.
#[derive(Debug, Clone, Copy, PartialEq, Eq, ValueEnum)]
enum RoleName {
    /// The masters
    Master,
    /// The core nodes
    Core,
    /// The task nodes
    Task,
}

impl RoleName {
    fn role(self) -> Role {
        match self {
            Self::Master => Role::Master,
            Self::Core => Role::Core,
            Self::Task => Role::Task,
        }
    }
}

impl NodeChoice {
    /// The chosen ones of `nodes`, which may be none. A named node that does not exist is an error.
    pub fn of(&self, nodes: &[Node]) -> Result<Vec<Node>> {
        for name in &self.nodes {
            if !nodes.iter().any(|node| node.is_named(name)) {
                let unknown = Error::usage(format!("no node that is up is named '{name}'"));
                return Err(unknown.advise("ssh-nodes without a command lists them"));
            }
        }
        let has_role = |node: &Node| self.roles.is_empty() || self.roles.iter().any(|role| role.role() == node.role);
        let is_named = |node: &Node| self.nodes.is_empty() || self.nodes.iter().any(|name| node.is_named(name));
        Ok(nodes.iter().filter(|node| has_role(node) && is_named(node)).cloned().collect())
    }
}

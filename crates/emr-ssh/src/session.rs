//! A session with the nodes of one job flow.

use std::io::Write;
use std::os::unix::fs::{OpenOptionsExt, PermissionsExt};
use std::path::{Path, PathBuf};
use std::process::Stdio;
use std::time::Duration;

use emr_core::error::{Error, Outcome, Result};
use emr_core::model::instance::Node;
use tempfile::TempDir;
use tokio::process::Command;
use tokio::sync::watch;
use tokio::time::timeout;

use super::holder::{HOLD, Holder, Said};
use super::known_hosts::KnownHosts;
use crate::reach::{self, Failed, Mark, Reach};

/// The longest folder whose socket names fit on every system: 104 bytes, of which `ssh` needs some.
const LONGEST: usize = 60;

/// How long a login may take after the connection is made: reverse DNS look-ups on the node can be slow.
const LOGIN: Duration = Duration::from_mins(1);

/// The nodes of a job flow, ready to run commands. The shared connection ends with this value or with the process,
/// however that ends.
pub struct Session {
    reach: Reach,
    nodes: Vec<Node>,
    folder: TempDir,
    known_hosts: KnownHosts,
    /// The `ssh` that holds the connection to the master.
    holder: Option<Holder>,
    /// What each command prints before it begins.
    pub(super) mark: Mark,
    /// Whether running commands are to end.
    pub(super) ending: watch::Sender<bool>,
}

impl Session {
    /// Writes the configuration for `nodes`, and opens the connection to the master unless nodes are reached directly.
    pub async fn open(nodes: &[Node], reach: &Reach) -> Result<Self> {
        let known_hosts = KnownHosts::of(reach)?;
        let folder = folder()?;
        let text = reach::config_file(nodes, reach, &folder.path().join("m"))?;
        let mut session = Self {
            reach: reach.clone(),
            nodes: nodes.to_vec(),
            folder,
            known_hosts,
            holder: None,
            mark: mark(),
            ending: watch::Sender::new(false),
        };
        session.write_config(&text)?;
        if let Some(master) = session.jump() {
            session.holder = Some(session.connect(master).await?);
        }
        Ok(session)
    }

    /// All nodes that the session was opened with.
    #[must_use]
    pub fn nodes(&self) -> &[Node] {
        &self.nodes
    }

    /// A command that runs `words`, unchanged, on `node`. The returned mark separates its output from that of the login
    /// shell.
    ///
    /// Its exit code is the remote command's, or 255 also if `ssh` failed; [`Session::explainer`] says why. Dropping
    /// its process kills `ssh`, which only ends the stdin of the command on the node: see [`Session::run`].
    pub fn command(&self, node: &Node, words: &[impl AsRef<str>]) -> Result<(Command, Mark)> {
        Ok((self.shell(node, &reach::marked(words, &self.mark))?, self.mark.clone()))
    }

    /// A command that passes `script` to the shell of `node`. Foreign text in it must be quoted.
    pub(super) fn shell(&self, node: &Node, script: &str) -> Result<Command> {
        let from_here = self.jump().is_none_or(|master| master == node);
        let host = reach::address(node, &self.reach, from_here)?;
        let mut command = self.ssh();
        command.args(["-T", host, "--", script]);
        Ok(command)
    }

    /// Explains later why an `ssh` to `node` failed.
    #[must_use]
    pub fn explainer(&self, node: &Node) -> Explainer {
        let holder = self.holder.as_ref().map(Holder::said).unwrap_or_default();
        Explainer { node: node.clone(), reach: self.reach.clone(), holder }
    }

    /// Ends the commands that [`Session::run`] runs, on their nodes. Their exit codes are those of the signal.
    pub fn end_commands(&self) {
        self.ending.send_replace(true);
    }

    /// Whether [`Session::end_commands`] was called.
    #[must_use]
    pub fn is_ending(&self) -> bool {
        *self.ending.borrow()
    }

    fn ssh(&self) -> Command {
        let mut command = Command::new(&self.reach.ssh[0]);
        command.args(&self.reach.ssh[1..]).arg("-F").arg(self.config());
        // Its own process group, so that ctrl-C reaches only us, who pass it on.
        command.kill_on_drop(true).process_group(0).stdin(Stdio::null());
        command
    }

    fn config(&self) -> PathBuf {
        self.folder.path().join("config")
    }

    fn write_config(&self, text: &str) -> Result<()> {
        let path = self.config();
        let file = std::fs::OpenOptions::new().write(true).create_new(true).mode(0o600).open(&path);
        file.and_then(|mut file| file.write_all(text.as_bytes())).map_err(|cause| Error::file("write", &path, &cause))
    }

    fn jump(&self) -> Option<&Node> {
        reach::master(&self.nodes).filter(|_| !self.reach.direct)
    }

    /// Opens the connection that the others go through.
    async fn connect(&self, master: &Node) -> Result<Holder> {
        let host = reach::address(master, &self.reach, true)?;
        let mut command = self.ssh();
        // At this level ssh says why the master opens no channel to a node.
        command.args([
            "-o",
            "LogLevel=INFO",
            "-o",
            "ControlMaster=yes",
            "-T",
            host,
            "--",
            &reach::marked(&HOLD, &self.mark),
        ]);
        let mut holder = Holder::start(command, &self.mark).map_err(|cause| self.cannot_run(&cause))?;
        match timeout(self.reach.connect_timeout + LOGIN, holder.is_ready()).await {
            Ok(true) => Ok(holder),
            Ok(false) => Err(holder.ended(master, &self.reach).await),
            Err(_) => Err(Error::new(Outcome::Unavailable, "it lets us in, but no command begins")
                .on(&master.id)
                .advise("look at .bashrc there")),
        }
    }

    /// The error of an `ssh` that cannot be started.
    pub(super) fn cannot_run(&self, cause: &std::io::Error) -> Error {
        let error = Error::file("run", Path::new(&self.reach.ssh[0]), cause).with_outcome(Outcome::Config);
        error.advise("install OpenSSH's client, or name it with --ssh-bin")
    }
}

impl Drop for Session {
    fn drop(&mut self) {
        self.known_hosts.tell_new();
    }
}

/// Explains why an `ssh` to a node failed.
#[derive(Debug, Clone)]
pub struct Explainer {
    node: Node,
    reach: Reach,
    holder: Said,
}

impl Explainer {
    /// The error of an `ssh` that failed with this exit code, or `None` if it was killed. `began` is whether its command
    /// began, `said` what it wrote to stderr.
    #[must_use]
    pub fn error(&self, code: Option<i32>, began: bool, said: &[u8]) -> Error {
        reach::failure(&self.node, &self.reach, Failed { code, began, said, holder: &self.holder.bytes() })
    }
}

/// A mark that no login shell can print by chance.
#[must_use]
pub fn mark() -> Mark {
    Mark::new(uuid::Uuid::new_v4().simple())
}

/// A private folder whose path is short enough for a socket.
fn folder() -> Result<TempDir> {
    let outer = std::env::temp_dir();
    let outer = if outer.as_os_str().len() > LONGEST { PathBuf::from("/tmp") } else { outer };
    let failed = |cause: std::io::Error| Error::file("make a folder in", &outer, &cause);
    let private = std::fs::Permissions::from_mode(0o700);
    tempfile::Builder::new().prefix("emr-").permissions(private).tempdir_in(&outer).map_err(failed)
}

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

/// The longest folder in which a socket's name is short enough for every system (104 bytes, of which `ssh` wants some).
const LONGEST: usize = 60;

/// How long logging in may take when the connection is made: a node that looks up names takes its time.
const LOGIN: Duration = Duration::from_mins(1);

/// The nodes of a job flow, ready to run commands. The shared connection ends with this value, and with the process
/// however that ends.
pub struct Session {
    reach: Reach,
    nodes: Vec<Node>,
    folder: TempDir,
    known_hosts: KnownHosts,
    /// The `ssh` that holds the connection to the master.
    holder: Option<Holder>,
    /// What each command says before it begins.
    pub(super) mark: Mark,
    /// Whether the commands that run are to end.
    pub(super) ending: watch::Sender<bool>,
}

impl Session {
    /// Writes the configuration for `nodes`, and opens the connection to the master, unless each is reached directly.
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

    /// A command that runs `words` on `node`: they arrive as they are, whatever is in them. The returned mark tells its
    /// output from what the login shell prints.
    ///
    /// Its exit code is the remote command's, and 255 also where `ssh` failed; [`Session::explainer`] says why. It is
    /// killed when its process is dropped, which ends its stdin on the node and no more: see [`Session::run`].
    pub fn command(&self, node: &Node, words: &[impl AsRef<str>]) -> Result<(Command, Mark)> {
        Ok((self.shell(node, &reach::marked(words, &self.mark))?, self.mark.clone()))
    }

    /// A command that gives `script` to the shell of `node`. Whatever comes from elsewhere must be quoted in it.
    pub(super) fn shell(&self, node: &Node, script: &str) -> Result<Command> {
        let from_here = self.jump().is_none_or(|master| master == node);
        let host = reach::address(node, &self.reach, from_here)?;
        let mut command = self.ssh();
        command.args(["-T", host, "--", script]);
        Ok(command)
    }

    /// What tells why an `ssh` to `node` failed, for as long as it is kept.
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
        // A group of its own: ctrl-C is ours to pass on.
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
        // At this level it says why the master opens no way to a node.
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
            Err(_) => Err(Error::new(Outcome::Unavailable, "it lets us in, and no command begins")
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

/// What tells why an `ssh` to a node failed.
#[derive(Debug, Clone)]
pub struct Explainer {
    node: Node,
    reach: Reach,
    holder: Said,
}

impl Explainer {
    /// The error that the end of an `ssh` means: its exit code, or none if it was killed, whether its command `began`, and
    /// what it has said on stderr.
    #[must_use]
    pub fn error(&self, code: Option<i32>, began: bool, said: &[u8]) -> Error {
        reach::failure(&self.node, &self.reach, Failed { code, began, said, holder: &self.holder.bytes() })
    }
}

/// A mark that nothing which a login shell prints can be.
#[must_use]
pub fn mark() -> Mark {
    Mark::new(uuid::Uuid::new_v4().simple())
}

/// A folder of our own, where the name of a socket is short enough.
fn folder() -> Result<TempDir> {
    let outer = std::env::temp_dir();
    let outer = if outer.as_os_str().len() > LONGEST { PathBuf::from("/tmp") } else { outer };
    let failed = |cause: std::io::Error| Error::file("make a folder in", &outer, &cause);
    let private = std::fs::Permissions::from_mode(0o700);
    tempfile::Builder::new().prefix("emr-").permissions(private).tempdir_in(&outer).map_err(failed)
}

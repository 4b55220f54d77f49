//! A session with the nodes of one job flow.

use std::io::Write;
use std::os::unix::fs::{OpenOptionsExt, PermissionsExt};
use std::path::{Path, PathBuf};
use std::process::Stdio;
use std::time::Duration;

use emr_core::error::{Error, Outcome, Result};
use emr_core::model::instance::Node;
use tempfile::TempDir;
use tokio::io::{AsyncBufReadExt, BufReader};
use tokio::process::{Child, Command};
use tokio::sync::watch;
use tokio::time::timeout;

use super::known_hosts::KnownHosts;
use crate::reach::{self, Reach};

/// The longest folder in which a socket's name is short enough for every system (104 bytes, of which `ssh` wants some).
const LONGEST: usize = 60;

/// What the master runs while the connection is held: it ends when its stdin does.
const HOLD: &str = "echo emr-tools-ready; exec cat";

/// What it says when the connection stands.
const READY: &str = "emr-tools-ready";

/// How long logging in may take when the connection is made: a node that looks up names takes its time.
const LOGIN: Duration = Duration::from_mins(1);

/// The nodes of a job flow, ready to run commands. The shared connection ends with this value, and with the process
/// however that ends.
pub struct Session {
    reach: Reach,
    nodes: Vec<Node>,
    folder: TempDir,
    known_hosts: KnownHosts,
    /// The `ssh` that holds the connection to the master, as long as its stdin is open.
    holder: Option<Child>,
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

    /// A command that runs `words` on `node`: they arrive as they are, whatever is in them.
    ///
    /// Its exit code is the remote command's, and 255 also where `ssh` failed; [`Session::failure`] then says why. It
    /// is killed when its process is dropped, which ends its stdin on the node and no more: see [`Session::run`].
    pub fn command(&self, node: &Node, words: &[impl AsRef<str>]) -> Result<Command> {
        self.shell(node, &reach::line(words))
    }

    /// A command that gives `script` to the shell of `node`. Whatever comes from elsewhere must be quoted in it.
    pub fn shell(&self, node: &Node, script: &str) -> Result<Command> {
        let from_here = self.jump().is_none_or(|master| master == node);
        let host = reach::address(node, &self.reach, from_here)?;
        let mut command = self.ssh();
        command.args(["-T", host, "--", script]);
        Ok(command)
    }

    /// What an `ssh` to `node` that failed means, which has said `stderr`.
    #[must_use]
    pub fn failure(&self, node: &Node, stderr: &[u8]) -> Error {
        reach::failure(node, &self.reach, stderr)
    }

    /// Ends the commands that [`Session::run`] runs, on their nodes; they come to what the signal makes of them.
    pub fn end_commands(&self) {
        self.ending.send_replace(true);
    }

    /// Whether they were told to.
    #[must_use]
    pub fn is_ending(&self) -> bool {
        *self.ending.borrow()
    }

    /// A word that tells our own lines on stderr from those of a command.
    pub(super) fn mark(&self) -> String {
        format!("emr-tools{}", self.folder.path().file_name().unwrap_or_default().display())
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
    async fn connect(&self, master: &Node) -> Result<Child> {
        let host = reach::address(master, &self.reach, true)?;
        let path = self.folder.path().join("holder");
        let said = std::fs::File::create(&path).map_err(|cause| Error::file("write", &path, &cause))?;
        let mut command = self.ssh();
        command.args(["-o", "ControlMaster=yes", "-T", host, "--", HOLD]);
        let child = command.stdin(Stdio::piped()).stdout(Stdio::piped()).stderr(said).spawn();
        let mut child = child.map_err(|cause| self.cannot_run(&cause))?;
        match timeout(self.reach.connect_timeout + LOGIN, is_ready(&mut child)).await {
            Ok(true) => Ok(child),
            Ok(false) => Err(self.failure(master, &std::fs::read(&path).unwrap_or_default())),
            Err(_) => Err(Error::new(Outcome::Unavailable, "it lets us in and then does nothing").on(&master.id)),
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

/// Whether `holder` says that the connection stands. What a login shell prints may stand before it.
async fn is_ready(holder: &mut Child) -> bool {
    let Some(stdout) = holder.stdout.take() else { return false };
    let mut lines = BufReader::new(stdout).lines();
    while let Ok(Some(line)) = lines.next_line().await {
        if line.ends_with(READY) {
            return true;
        }
    }
    false
}

/// A folder of our own, where the name of a socket is short enough.
fn folder() -> Result<TempDir> {
    let outer = std::env::temp_dir();
    let outer = if outer.as_os_str().len() > LONGEST { PathBuf::from("/tmp") } else { outer };
    let failed = |cause: std::io::Error| Error::file("make a folder in", &outer, &cause);
    let private = std::fs::Permissions::from_mode(0o700);
    tempfile::Builder::new().prefix("emr-").permissions(private).tempdir_in(&outer).map_err(failed)
}

//! An `ssh` that holds a connection open.

use std::io;
use std::process::Stdio;
use std::sync::{Arc, Mutex};
use std::time::Duration;

use emr_core::error::Error;
use emr_core::model::instance::Node;
use tokio::io::AsyncReadExt;
use tokio::process::{Child, ChildStderr, ChildStdin, ChildStdout, Command};
use tokio::task::JoinHandle;
use tokio::time::timeout;

use crate::reach::{self, AfterMark, Failed, Mark, Reach, keep_last};

/// The size of the read buffer, in bytes.
const CHUNK: usize = 1 << 16;

/// How long to wait for the stderr of an `ssh` that has ended: its `ProxyCommand` may keep the pipe open.
const GRACE: Duration = Duration::from_secs(1);

/// The command that holds a connection. It ends with its stdin, and so with this process, however that ends.
pub const HOLD: [&str; 1] = ["cat"];

/// An `ssh` that runs [`HOLD`] after a mark. It is killed on drop.
pub struct Holder {
    child: Child,
    stdout: Option<ChildStdout>,
    /// The connection is held while this is open.
    stdin: Option<ChildStdin>,
    mark: AfterMark,
    said: Said,
    listener: Option<JoinHandle<()>>,
}

/// The end of what a [`Holder`]'s `ssh` has written to stderr so far.
#[derive(Debug, Clone, Default)]
pub(crate) struct Said(Arc<Mutex<Vec<u8>>>);

impl Said {
    pub(crate) fn bytes(&self) -> Vec<u8> {
        self.0.lock().map(|said| said.clone()).unwrap_or_default()
    }

    fn add(&self, bytes: &[u8]) {
        if let Ok(mut said) = self.0.lock() {
            keep_last(&mut said, bytes);
        }
    }
}

impl Holder {
    /// Starts `command`, whose mark is `mark`.
    pub fn start(mut command: Command, mark: &Mark) -> io::Result<Self> {
        command.stdin(Stdio::piped()).stdout(Stdio::piped()).stderr(Stdio::piped()).kill_on_drop(true);
        let mut child = command.spawn()?;
        let (stdout, stdin) = (child.stdout.take(), child.stdin.take());
        let said = Said::default();
        // Its stderr must be read, or it would block on a full pipe.
        let listener = child.stderr.take().map(|stderr| tokio::spawn(listen(stderr, said.clone())));
        Ok(Self { child, stdout, stdin, mark: mark.on_stdout(), said, listener })
    }

    /// Waits until the connection stands. Returns false if `ssh` ends first, or if a login shell has closed stdout.
    pub async fn is_ready(&mut self) -> bool {
        let Some(stdout) = &mut self.stdout else { return false };
        let mut bytes = vec![0; CHUNK];
        while !self.mark.began() {
            let Ok(count @ 1..) = stdout.read(&mut bytes).await else {
                self.stdin = None;
                return false;
            };
            self.mark.read(&bytes[..count]);
        }
        true
    }

    /// Waits until `ssh` ends, and returns the error of the connection to `node`.
    pub async fn ended(&mut self, node: &Node, reach: &Reach) -> Error {
        let code = self.child.wait().await.ok().and_then(|status| status.code());
        if let Some(listener) = self.listener.take() {
            drop(timeout(GRACE, listener).await);
        }
        let said = self.said.bytes();
        reach::failure(node, reach, Failed { code, began: self.mark.began(), said: &said, holder: b"" })
    }

    /// A handle to the end of its stderr, which keeps growing.
    pub(crate) fn said(&self) -> Said {
        self.said.clone()
    }
}

/// Keeps the end of `stderr`.
async fn listen(mut stderr: ChildStderr, said: Said) {
    let mut bytes = vec![0; CHUNK];
    while let Ok(count @ 1..) = stderr.read(&mut bytes).await {
        said.add(&bytes[..count]);
    }
}

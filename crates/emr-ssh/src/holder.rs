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

/// What is read at once, in bytes.
const CHUNK: usize = 1 << 16;

/// How long what an `ssh` that has ended said is waited for: a `ProxyCommand` of its may keep the pipe open.
const GRACE: Duration = Duration::from_secs(1);

/// The command that holds a connection. It ends when its stdin does, which is with this process, however that ends.
pub const HOLD: [&str; 1] = ["cat"];

/// An `ssh` that runs [`HOLD`] behind a mark. It is killed when this is dropped.
pub struct Holder {
    child: Child,
    stdout: Option<ChildStdout>,
    /// The connection is held as long as this is open.
    stdin: Option<ChildStdin>,
    mark: AfterMark,
    said: Said,
    listener: Option<JoinHandle<()>>,
}

/// The last of what a [`Holder`]'s `ssh` has said so far.
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
        // All that it says is read, or it would stop when the pipe is full.
        let listener = child.stderr.take().map(|stderr| tokio::spawn(listen(stderr, said.clone())));
        Ok(Self { child, stdout, stdin, mark: mark.on_stdout(), said, listener })
    }

    /// Waits until the connection stands; false if `ssh` ends instead, or a login shell has closed the command's stdout.
    pub async fn is_ready(&mut self) -> bool {
        let Some(stdout) = &mut self.stdout else { return false };
        let mut bytes = vec![0; CHUNK];
        while !self.mark.began() {
            match stdout.read(&mut bytes).await {
                Ok(count @ 1..) => drop(self.mark.read(&bytes[..count])),
                _ => {
                    self.stdin = None;
                    return false;
                }
            }
        }
        true
    }

    /// Waits until `ssh` ends, and returns the error that its end means for `node`, to which it held the connection.
    pub async fn ended(&mut self, node: &Node, reach: &Reach) -> Error {
        let code = self.child.wait().await.ok().and_then(|status| status.code());
        if let Some(listener) = self.listener.take() {
            drop(timeout(GRACE, listener).await);
        }
        let said = self.said.bytes();
        reach::failure(node, reach, Failed { code, began: self.mark.began(), said: &said, holder: b"" })
    }

    /// The last of what it has said, and will have.
    pub(crate) fn said(&self) -> Said {
        self.said.clone()
    }
}

/// Keeps the last of what comes from `stderr`.
async fn listen(mut stderr: ChildStderr, said: Said) {
    let mut bytes = vec![0; CHUNK];
    while let Ok(count @ 1..) = stderr.read(&mut bytes).await {
        said.add(&bytes[..count]);
    }
}

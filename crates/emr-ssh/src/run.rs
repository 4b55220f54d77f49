//! Runs a command on a node to its end.

use std::process::Stdio;
use std::time::Duration;

use emr_core::error::{Error, Outcome, Result};
use emr_core::model::instance::Node;
use tokio::io::{AsyncRead, AsyncReadExt};
use tokio::process::Child;

use super::Session;
use crate::reach::{self, Streams};

/// The size of the read buffers, in bytes.
const CHUNK: usize = 1 << 16;

/// How long a command may take to end after it was told to.
const GRACE: Duration = Duration::from_secs(5);

/// The result of a command on a node.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Ran {
    /// Its exit code; 128 + N if signal N ended it.
    pub code: u8,
    /// Its stdout.
    pub stdout: Vec<u8>,
    /// Its stderr.
    pub stderr: Vec<u8>,
}

/// The stream of a piece of output.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Stream {
    /// Stdout.
    Stdout,
    /// Stderr.
    Stderr,
}

impl Session {
    /// Runs `script` in the shell of `node`, without stdin, and returns its output.
    ///
    /// After `limit`, which is an error ([`Outcome::TimedOut`]), or on drop, the command is also ended on the node. An
    /// error means that it could not be run, or that the connection broke.
    pub async fn run(&self, node: &Node, script: &str, limit: Option<Duration>) -> Result<Ran> {
        let (mut stdout, mut stderr) = (Vec::new(), Vec::new());
        let each = |stream, bytes: &[u8]| match stream {
            Stream::Stdout => stdout.extend_from_slice(bytes),
            Stream::Stderr => stderr.extend_from_slice(bytes),
        };
        let code = self.run_each(node, script, limit, each).await?;
        Ok(Ran { code, stdout, stderr })
    }

    /// The same, but passes output to `each` as it arrives. Returns the exit code.
    pub async fn run_each(
        &self,
        node: &Node,
        script: &str,
        limit: Option<Duration>,
        mut each: impl FnMut(Stream, &[u8]),
    ) -> Result<u8> {
        let mut command = self.shell(node, &reach::watched(script, &self.mark))?;
        command.stdin(Stdio::piped()).stdout(Stdio::piped()).stderr(Stdio::piped());
        let mut child = command.spawn().map_err(|cause| self.cannot_run(&cause))?;
        // Closing this ends the command on the node.
        let stdin = child.stdin.take();
        let mut streams = Streams::new(&self.mark);
        let (code, timed_out) = {
            let mut pump = std::pin::pin!(pump(&mut child, &mut streams, &mut each));
            tokio::select! {
                code = &mut pump => (code, false),
                () = passed(limit) => { drop(stdin); (soon(pump).await, true) },
                () = self.ended() => { drop(stdin); (soon(pump).await, false) },
            }
        };
        if timed_out {
            let seconds = limit.unwrap_or_default().as_secs_f64();
            let message = format!("not done after {seconds} s");
            return Err(Error::new(Outcome::TimedOut, message).on(&node.id));
        }
        let end = streams.end(code);
        each(Stream::Stderr, &end.rest);
        if let Some(code) = end.code {
            return Ok(code);
        }
        // Lets the task that reads the holder's stderr run first.
        tokio::task::yield_now().await;
        Err(self.explainer(node).error(code, end.began, &end.before))
    }

    async fn ended(&self) {
        let mut ending = self.ending.subscribe();
        // The sender lives as long as the session.
        drop(ending.wait_for(|ending| *ending).await);
    }
}

async fn passed(limit: Option<Duration>) {
    match limit {
        Some(limit) => tokio::time::sleep(limit).await,
        None => std::future::pending().await,
    }
}

/// Waits for `pump` after the command was told to end; `None` if that takes too long.
async fn soon(pump: impl Future<Output = Option<i32>>) -> Option<i32> {
    tokio::time::timeout(GRACE, pump).await.unwrap_or(None)
}

/// Passes on the output of `child` to its end, and returns its exit code.
async fn pump(child: &mut Child, streams: &mut Streams, each: &mut impl FnMut(Stream, &[u8])) -> Option<i32> {
    let (mut stdout, mut stderr) = (child.stdout.take(), child.stderr.take());
    let (mut printed, mut said) = (vec![0; CHUNK], vec![0; CHUNK]);
    while stdout.is_some() || stderr.is_some() {
        tokio::select! {
            count = read(&mut stdout, &mut printed), if stdout.is_some() => each(Stream::Stdout, streams.stdout(&printed[..count])),
            count = read(&mut stderr, &mut said), if stderr.is_some() => each(Stream::Stderr, &streams.stderr(&said[..count])),
        }
    }
    child.wait().await.ok().and_then(|status| status.code())
}

/// Reads the available bytes. At the end of the stream, sets it to `None`.
async fn read(stream: &mut Option<impl AsyncRead + Unpin>, into: &mut [u8]) -> usize {
    let Some(open) = stream else { return 0 };
    let count = open.read(into).await.unwrap_or(0);
    if count == 0 {
        *stream = None;
    }
    count
}

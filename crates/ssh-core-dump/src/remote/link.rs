//! The connection to the helper on a node: JSON lines go there, frames come back.

use std::io::{self, BufRead, BufReader, Read, Write};
use std::os::unix::process::CommandExt;
use std::process::{Child, ChildStderr, ChildStdin, Command, Stdio};
use std::sync::mpsc;
use std::thread::{self, JoinHandle};
use std::time::Duration;

use emr_core::error::{Error, Outcome, Result, reason};
use emr_ssh::reach::{AfterMark, Mark};
use rustix::process::{Pid, Signal, WaitId, WaitIdOptions, kill_process_group, waitid};
use serde::Deserialize;
use serde_json::{Value, json};

use super::answers::Answers;
use super::frame::{Frame, FrameKind, HEAD};
use super::link_error::LinkError;
use crate::file_name::Identity;

/// The program that runs on the node.
pub(super) const HELPER: &str = include_str!("helper.py");

/// Runs the helper (`$1`) with a Python of the node, after the words in `$2` (`sudo -n` or nothing).
const START: &str = "for python in python3 python2 python /usr/libexec/platform-python; do \
    command -v \"$python\" >/dev/null 2>&1 && exec $2 \"$python\" -c \"$1\"; done; exit 127";

/// The command that runs the helper on a node, as root if `as_root`; that fails if sudo needs a password.
#[must_use]
pub(crate) fn words(as_root: bool) -> [&'static str; 6] {
    ["sh", "-c", START, "sh", HELPER, if as_root { "sudo -n" } else { "" }]
}

/// Explains why a link ended, from the exit code of its `ssh`, whether the helper began, and its stderr.
pub(crate) type Explain = dyn Fn(Option<i32>, bool, &[u8]) -> Error + Send;

/// The number of bytes of a node's stderr that are kept.
const SAID: usize = 64 << 10;

/// The longest time to an answer that needs little work, in addition to the time to connect. A helper whose disk hangs
/// never answers.
pub(crate) const PATIENCE: Duration = Duration::from_mins(1);

/// How long a command may take to end after its connection has ended.
const SETTLE: Duration = Duration::from_secs(1);

/// How long gdb may take. `helper.py` ends it earlier, after 120 s.
const DEBUG: Duration = Duration::from_secs(150);

/// A node's helper.
pub(crate) struct Link {
    child: Child,
    asks: ChildStdin,
    answers: BufReader<Answers>,
    limit: Duration,
    is_reaped: bool,
    said: Option<JoinHandle<Stderr>>,
    explain: Box<Explain>,
    /// What the helper said about its node.
    pub greeting: Greeting,
}

/// What a helper says about its node.
#[derive(Debug, Clone, Default, PartialEq, Eq, Deserialize)]
pub(crate) struct Greeting {
    /// Where the kernel writes core dumps, in the form of `core(5)`.
    pub core_pattern: String,
    /// Whether the helper runs as root.
    pub root: bool,
}

/// What was written to stderr.
struct Stderr {
    began: bool,
    said: Vec<u8>,
}

impl Link {
    /// Starts `command`, an `ssh` that runs the helper and prints `mark` before, and reads the greeting. `explain`
    /// explains an end before the helper began.
    ///
    /// It fails when an answer takes longer than `limit`.
    pub(crate) fn open(command: &mut Command, mark: &Mark, limit: Duration, explain: Box<Explain>) -> Result<Self> {
        let command = command.stdin(Stdio::piped()).stdout(Stdio::piped()).stderr(Stdio::piped());
        // ctrl-C is ours to pass on, and killing the group ends what the command starts.
        let command = command.process_group(0);
        let mut child = command.spawn().map_err(|cause| broken(&cause))?;
        let (Some(asks), Some(answers), Some(stderr)) = (child.stdin.take(), child.stdout.take(), child.stderr.take())
        else {
            return Err(Error::new(Outcome::Bug, "a process was started without its pipes"));
        };
        let before = mark.on_stderr();
        let said = Some(thread::spawn(|| listen(stderr, before)));
        let answers = BufReader::new(Answers::new(answers));
        let greeting = Greeting::default();
        let mut link = Self { child, asks, answers, limit, is_reaped: false, said, explain, greeting };
        link.skip(mark.on_stdout())?;
        let greeting = link.answer()?;
        link.greeting = parse(&only(FrameKind::Greeting, greeting)?)?;
        Ok(link)
    }

    /// Skips the output of the login shell.
    fn skip(&mut self, mut before: AfterMark) -> Result<()> {
        self.answers.get_mut().limit(self.limit);
        while !before.began() {
            let read = self.answers.fill_buf().map(|bytes| (bytes.len(), before.read(bytes).len()));
            let (length, of_helper) = read.map_err(|cause| self.silent(&cause, self.limit))?;
            if length == 0 {
                return Err(self.silent(&io::ErrorKind::UnexpectedEof.into(), self.limit));
            }
            self.answers.consume(length - of_helper);
        }
        Ok(())
    }

    /// Reads up to `length` bytes from `start` on, of a core dump, or of an executable or library.
    pub(crate) fn read(&mut self, path: &[u8], is_core: bool, start: u64, length: u64) -> Result<Vec<u8>> {
        self.ask(&json!({"do": "read", "path": hex::encode(path), "core": is_core, "start": start, "length": length}))?;
        only(FrameKind::Part, self.answer()?)
    }

    /// Deletes a core dump, if it has not changed.
    pub(crate) fn delete(&mut self, identity: &Identity) -> Result<()> {
        self.ask(&json!({"do": "delete", "path": hex::encode(&identity.path), "identity": identity.numbers}))?;
        only(FrameKind::End, self.answer()?).map(drop)
    }

    /// Runs gdb with `options` on a core dump on the node, and returns its output.
    pub(crate) fn debug(&mut self, path: &[u8], executable: &str, options: &[&str]) -> Result<String> {
        self.ask(&json!({"do": "debug", "path": hex::encode(path), "executable": executable, "options": options}))?;
        Ok(String::from_utf8_lossy(&only(FrameKind::Text, self.answer_within(self.limit + DEBUG)?)?).into_owned())
    }

    pub(super) fn ask(&mut self, ask: &Value) -> Result<()> {
        let sent = writeln!(self.asks, "{ask}").and_then(|()| self.asks.flush());
        sent.map_err(|cause| self.why_ended().unwrap_or_else(|| broken(&cause)))
    }

    /// The next frame and its payload, whose SHA-256 is checked. An error if it does not arrive within the limit.
    pub(super) fn answer(&mut self) -> Result<(Frame, Vec<u8>)> {
        self.answer_within(self.limit)
    }

    fn answer_within(&mut self, limit: Duration) -> Result<(Frame, Vec<u8>)> {
        self.answers.get_mut().limit(limit);
        let mut head = [0; HEAD];
        self.answers.read_exact(&mut head).map_err(|cause| self.silent(&cause, limit))?;
        let frame = Frame::read(&head).ok_or_else(nonsense)?;
        let mut packed = vec![0; frame.packed];
        self.answers.read_exact(&mut packed).map_err(|cause| self.silent(&cause, limit))?;
        let payload = frame.payload(&packed).ok_or_else(nonsense)?;
        Ok((frame, payload))
    }

    /// The error of an answer that did not arrive. The link is closed, as a late answer would be taken for the next
    /// one.
    fn silent(&mut self, cause: &io::Error, limit: Duration) -> Error {
        if cause.kind() != io::ErrorKind::TimedOut {
            return self.why_ended().unwrap_or_else(|| broken(cause));
        }
        self.kill();
        LinkError::Broken.says(format!("it has not answered for {} s", limit.as_secs()))
    }

    /// Kills the command and what it has started.
    fn kill(&mut self) {
        // The PID cannot be reused before the child is reaped.
        if let (false, Some(group)) = (self.is_reaped, self.pid()) {
            // Fails only if all of them have ended.
            let _ = kill_process_group(group, Signal::KILL);
        }
    }

    fn pid(&self) -> Option<Pid> {
        Pid::from_raw(self.child.id().cast_signed())
    }

    /// Waits a moment for the command to end by itself, which preserves its exit code.
    fn settle(&self) {
        const OPTIONS: WaitIdOptions = WaitIdOptions::EXITED.union(WaitIdOptions::NOWAIT);
        let Some(pid) = self.pid() else { return };
        let (ended, end) = mpsc::channel::<()>();
        // A command that does not end is killed next, which also ends this thread.
        thread::spawn(move || {
            waitid(WaitId::Pid(pid), OPTIONS).ok();
            drop(ended);
        });
        end.recv_timeout(SETTLE).ok();
    }

    /// What the node or ssh wrote last before the connection ended.
    fn why_ended(&mut self) -> Option<Error> {
        self.settle();
        self.kill();
        let status = self.child.wait().ok()?;
        self.is_reaped = true;
        let Stderr { began, said } = self.said.take()?.join().ok()?;
        let last = last_line(&said);
        let ended = match status.code() {
            code if !began || code == Some(255) => {
                return Some((self.explain)(code, began, &said).caused_by(LinkError::Broken));
            }
            Some(127) if last.is_empty() => "it has no Python".to_owned(),
            Some(code) if last.is_empty() => format!("the connection ended with {code}"),
            _ if last.is_empty() => "the connection ended".to_owned(),
            _ => last,
        };
        Some(LinkError::Broken.says(ended))
    }
}

impl Drop for Link {
    fn drop(&mut self) {
        self.kill();
        drop(self.child.wait());
    }
}

/// The payload of a frame, which must be of this kind.
fn only(kind: FrameKind, (frame, payload): (Frame, Vec<u8>)) -> Result<Vec<u8>> {
    match frame.kind {
        FrameKind::Failure => Err(failure(&frame, &payload)),
        found if found == kind => Ok(payload),
        _ => Err(nonsense()),
    }
}

/// The error of a request that the helper refused.
pub(super) fn failure(frame: &Frame, payload: &[u8]) -> Error {
    LinkError::Refused(frame.number).says(String::from_utf8_lossy(payload))
}

/// The beginning of what is written to stderr after the mark, or, without a mark, the end of it. The rest is read, too,
/// so that the writer does not block.
fn listen(mut stderr: ChildStderr, mut before: AfterMark) -> Stderr {
    let (mut said, mut bytes) = (Vec::new(), vec![0; 1 << 16]);
    // An error in reading counts as the end.
    while let Ok(count @ 1..) = stderr.read(&mut bytes) {
        let more = before.read(&bytes[..count]);
        let room = SAID.saturating_sub(said.len());
        said.extend_from_slice(&more[..more.len().min(room)]);
    }
    let began = before.began();
    Stderr { began, said: if began { said } else { before.before().to_vec() } }
}

fn last_line(said: &[u8]) -> String {
    let said = String::from_utf8_lossy(said);
    said.lines().map(str::trim).rfind(|line| !line.is_empty()).unwrap_or_default().to_owned()
}

pub(super) fn parse<'a, T: Deserialize<'a>>(payload: &'a [u8]) -> Result<T> {
    serde_json::from_slice(payload).map_err(|_| nonsense())
}

pub(super) fn nonsense() -> Error {
    LinkError::Broken.says("the node sent an answer that makes no sense")
}

fn broken(cause: &io::Error) -> Error {
    LinkError::Broken.says(format!("the connection broke: {}", reason(cause)))
}

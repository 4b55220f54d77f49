//! The connection to the helper on a node: asks in lines of JSON, answers in frames.

use std::io::{self, BufRead, BufReader, Read, Write};
use std::os::unix::process::CommandExt;
use std::process::{Child, ChildStderr, ChildStdin, Command, Stdio};
use std::sync::mpsc;
use std::thread::{self, JoinHandle};
use std::time::Duration;

use emr_core::error::{Error, Outcome, Result, reason};
use emr_ssh::reach::{AfterMark, Mark};
use flate2::read::ZlibDecoder;
use rustix::process::{Pid, Signal, WaitId, WaitIdOptions, kill_process_group, waitid};
use serde::Deserialize;
use serde_json::{Value, json};
use sha2::{Digest, Sha256};

use super::answers::Answers;
use super::frame::{Frame, FrameKind, HEAD};
use super::link_error::LinkError;
use crate::file_name::Identity;

/// The program that runs on the node.
pub(super) const HELPER: &str = include_str!("helper.py");

/// Runs the helper, its first argument, by what the node has of Python; its second one is what comes before: `sudo -n`.
const START: &str = "for python in python3 python2 python /usr/libexec/platform-python; do \
    command -v \"$python\" >/dev/null 2>&1 && exec $2 \"$python\" -c \"$1\"; done; exit 127";

/// The words of a command that runs the helper on a node, as root where that is asked for and sudo lets us.
#[must_use]
pub(crate) fn words(as_root: bool) -> [&'static str; 6] {
    ["sh", "-c", START, "sh", HELPER, if as_root { "sudo -n" } else { "" }]
}

/// What tells why a link ended: by the exit code of its `ssh`, whether the helper began, and what was said on stderr.
pub(crate) type Explain = dyn Fn(Option<i32>, bool, &[u8]) -> Error + Send;

/// How much of what a node says on stderr is kept, in bytes.
const SAID: usize = 64 << 10;

/// How long a helper may take for an answer that should come at once, beside the time to connect. A disk that hangs
/// keeps it from answering for ever.
pub(crate) const PATIENCE: Duration = Duration::from_mins(1);

/// How long a command whose connection has ended may take to end.
const SETTLE: Duration = Duration::from_secs(1);

/// How long gdb may take: `helper.py` ends it a little earlier.
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
    /// What it said of its node at once.
    pub greeting: Greeting,
}

/// What a helper says of its node.
#[derive(Debug, Clone, Default, PartialEq, Eq, Deserialize)]
pub(crate) struct Greeting {
    /// Where the kernel writes core dumps, as `core(5)` has it.
    pub core_pattern: String,
    /// Whether the helper runs as root.
    pub root: bool,
}

/// What was said on stderr.
struct Stderr {
    began: bool,
    said: Vec<u8>,
}

impl Link {
    /// Starts `command`, an `ssh` that runs the helper behind `mark`, and hears its greeting. `explain` says why it ended
    /// before it began.
    ///
    /// It is given up, with an error, when an answer takes longer than `limit`.
    pub(crate) fn open(command: &mut Command, mark: &Mark, limit: Duration, explain: Box<Explain>) -> Result<Self> {
        let command = command.stdin(Stdio::piped()).stdout(Stdio::piped()).stderr(Stdio::piped());
        // ctrl-C is ours to pass on, and what the command starts is to end with it.
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

    /// Goes over what the login shell prints.
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

    /// Reads up to `length` bytes from `start` of a file, which is a core dump, or an executable or a library.
    pub(crate) fn read(&mut self, path: &[u8], is_core: bool, start: u64, length: u64) -> Result<Vec<u8>> {
        self.ask(&json!({"do": "read", "path": hex::encode(path), "core": is_core, "start": start, "length": length}))?;
        only(FrameKind::Part, self.answer()?)
    }

    /// Deletes a core dump, if it is still the same.
    pub(crate) fn delete(&mut self, identity: &Identity) -> Result<()> {
        self.ask(&json!({"do": "delete", "path": hex::encode(&identity.path), "identity": identity.numbers}))?;
        only(FrameKind::End, self.answer()?).map(drop)
    }

    /// What gdb says of a core dump, run on the node with `options`.
    pub(crate) fn debug(&mut self, path: &[u8], executable: &str, options: &[&str]) -> Result<String> {
        self.ask(&json!({"do": "debug", "path": hex::encode(path), "executable": executable, "options": options}))?;
        Ok(String::from_utf8_lossy(&only(FrameKind::Text, self.answer_within(self.limit + DEBUG)?)?).into_owned())
    }

    pub(super) fn ask(&mut self, ask: &Value) -> Result<()> {
        let sent = writeln!(self.asks, "{ask}").and_then(|()| self.asks.flush());
        sent.map_err(|cause| self.why_ended().unwrap_or_else(|| broken(&cause)))
    }

    /// The next frame and its payload, which is what the helper sent: its SHA-256 is right. It is to be here within the
    /// limit.
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
        let mut payload = Vec::with_capacity(frame.length);
        let room = u64::try_from(frame.length).unwrap_or_default() + 1;
        ZlibDecoder::new(&packed[..]).take(room).read_to_end(&mut payload).map_err(|_| nonsense())?;
        if payload.len() != frame.length || Sha256::digest(&payload)[..] != frame.sha256 {
            return Err(nonsense());
        }
        Ok((frame, payload))
    }

    /// Why an answer did not come. What would come of it later is not waited for.
    fn silent(&mut self, cause: &io::Error, limit: Duration) -> Error {
        if cause.kind() != io::ErrorKind::TimedOut {
            return self.why_ended().unwrap_or_else(|| broken(cause));
        }
        self.kill();
        LinkError::Broken.says(format!("it has not answered for {} s", limit.as_secs()))
    }

    /// Ends the command, and what it has started.
    fn kill(&mut self) {
        // The PID cannot be reused before the child is reaped.
        if let (false, Some(group)) = (self.is_reaped, self.pid()) {
            // It fails where all of them have ended.
            let _ = kill_process_group(group, Signal::KILL);
        }
    }

    fn pid(&self) -> Option<Pid> {
        Pid::from_raw(self.child.id().cast_signed())
    }

    /// Waits a moment for the command to end by itself, so that its exit code is its own.
    fn settle(&self) {
        const OPTIONS: WaitIdOptions = WaitIdOptions::EXITED.union(WaitIdOptions::NOWAIT);
        let Some(pid) = self.pid() else { return };
        let (ended, end) = mpsc::channel::<()>();
        // A command that does not end by itself is killed next, which ends the thread.
        thread::spawn(move || {
            waitid(WaitId::Pid(pid), OPTIONS).ok();
            drop(ended);
        });
        end.recv_timeout(SETTLE).ok();
    }

    /// What the node, or ssh, said last before the connection ended.
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

/// The payload of a frame that is to be of this kind.
fn only(kind: FrameKind, (frame, payload): (Frame, Vec<u8>)) -> Result<Vec<u8>> {
    match frame.kind {
        FrameKind::Failure => Err(failure(&frame, &payload)),
        found if found == kind => Ok(payload),
        _ => Err(nonsense()),
    }
}

/// Why the helper did not do what it was asked.
pub(super) fn failure(frame: &Frame, payload: &[u8]) -> Error {
    LinkError::Refused(frame.number).says(String::from_utf8_lossy(payload))
}

/// The first of what is said on stderr behind the mark, or else the last before it. The rest is read, too, or whoever
/// says it could not go on.
fn listen(mut stderr: ChildStderr, mut before: AfterMark) -> Stderr {
    let (mut said, mut bytes) = (Vec::new(), vec![0; 1 << 16]);
    // What cannot be read is as good as not said.
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
    LinkError::Broken.says("the node sent what makes no sense")
}

fn broken(cause: &io::Error) -> Error {
    LinkError::Broken.says(format!("the connection broke: {}", reason(cause)))
}

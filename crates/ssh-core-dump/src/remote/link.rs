//! The connection to the helper on a node: asks in lines of JSON, answers in frames.

use std::io::{self, BufReader, Read, Write};
use std::os::unix::process::CommandExt;
use std::process::{Child, ChildStderr, ChildStdin, Command, Stdio};
use std::thread::{self, JoinHandle};
use std::time::Duration;

use emr_core::error::{Error, Outcome, Result, reason};
use flate2::read::ZlibDecoder;
use rustix::process::{Pid, Signal, kill_process_group};
use serde::Deserialize;
use serde_json::{Value, json};
use sha2::{Digest, Sha256};

use super::answers::Answers;
use super::frame::{Frame, FrameKind, HEAD};
use super::link_error::LinkError;
use crate::dump::header::Header;
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

/// What tells why `ssh` failed from what it has said on stderr.
pub(crate) type Explain = dyn Fn(&[u8]) -> Error + Send;

/// How much a list of core dumps may take, in bytes: enough for thousands of them.
const LIST: usize = 64 << 20;

/// What an entry of a list takes beside its payload, in bytes; about, and rather more.
const ENTRY: usize = 1 << 10;

/// How much of what a node says on stderr is kept, in bytes.
const SAID: u64 = 64 << 10;

/// How long a helper may take for an answer that should come at once, beside the time to connect. A disk that hangs
/// keeps it from answering for ever.
pub(crate) const PATIENCE: Duration = Duration::from_mins(1);

/// How many files a node may list.
const MOST: usize = 10_000;

/// A node's helper.
pub(crate) struct Link {
    child: Child,
    asks: ChildStdin,
    answers: BufReader<Answers>,
    limit: Duration,
    said: Option<JoinHandle<Vec<u8>>>,
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

/// The core dumps of a node.
#[derive(Debug, Default)]
pub(crate) struct Listing {
    /// Those that can be read.
    pub found: Vec<FoundCore>,
    /// The paths of those that only root may read.
    pub unreadable: Vec<Vec<u8>>,
    /// What could not be looked at, and why.
    pub failures: Vec<String>,
}

/// A core dump on a node.
#[derive(Debug, Clone)]
pub(crate) struct FoundCore {
    /// What tells it from every other one.
    pub identity: Identity,
    /// The room that it takes on the node's disk, in bytes.
    pub stored: u64,
    /// Whether it belongs to the user who looks.
    pub mine: bool,
    /// What its head says.
    pub header: Header,
}

/// A core dump as the helper says it.
#[derive(Deserialize)]
struct Said {
    path: String,
    identity: [u64; 3],
    stored: u64,
    mine: bool,
}

impl Link {
    /// Starts `command`, an `ssh` that runs the helper, and hears its greeting. `explain` says why `ssh` failed.
    ///
    /// It is given up, with an error, when an answer takes longer than `limit`. Only [`fetch`](super::fetch) and
    /// [`Link::debug`] wait for as long as it takes.
    pub(crate) fn open(command: &mut Command, limit: Duration, explain: Box<Explain>) -> Result<Self> {
        let command = command.stdin(Stdio::piped()).stdout(Stdio::piped()).stderr(Stdio::piped());
        // ctrl-C is ours to pass on, and what the command starts is to end with it.
        let command = command.process_group(0);
        let mut child = command.spawn().map_err(|cause| broken(&cause))?;
        let (Some(asks), Some(answers), Some(stderr)) = (child.stdin.take(), child.stdout.take(), child.stderr.take())
        else {
            return Err(Error::new(Outcome::Bug, "a process was started without its pipes"));
        };
        let said = Some(thread::spawn(|| listen(stderr)));
        let answers = BufReader::new(Answers::new(answers));
        let mut link = Self { child, asks, answers, limit, said, explain, greeting: Greeting::default() };
        let greeting = link.soon()?;
        link.greeting = parse(&only(FrameKind::Greeting, greeting)?)?;
        Ok(link)
    }

    /// Lists the core dumps in `folders`.
    pub(crate) fn list(&mut self, folders: &[String]) -> Result<Listing> {
        self.ask(&json!({"do": "list", "folders": folders}))?;
        let mut listing = Listing::default();
        let mut core: Option<Said> = None;
        let mut room = LIST;
        loop {
            let (frame, payload) = self.soon()?;
            // A node that has been taken over may go on for ever.
            room = room.checked_sub(payload.len() + ENTRY).ok_or_else(nonsense)?;
            match frame.kind {
                _ if listing.found.len() + listing.unreadable.len() + listing.failures.len() > MOST => {
                    return Err(nonsense());
                }
                FrameKind::Core => core = Some(parse(&payload)?),
                FrameKind::Head => listing.found.extend(core.take().and_then(|core| found(core, &payload))),
                FrameKind::Unreadable => listing.unreadable.push(payload),
                FrameKind::Failure => listing.failures.push(String::from_utf8_lossy(&payload).into_owned()),
                FrameKind::End => return Ok(listing),
                _ => return Err(nonsense()),
            }
        }
    }

    /// Reads up to `length` bytes from `start` of a file, which is a core dump, or an executable or a library.
    pub(crate) fn read(&mut self, path: &[u8], is_core: bool, start: u64, length: u64) -> Result<Vec<u8>> {
        self.ask(&json!({"do": "read", "path": hex::encode(path), "core": is_core, "start": start, "length": length}))?;
        only(FrameKind::Part, self.soon()?)
    }

    /// Deletes a core dump, if it is still the same.
    pub(crate) fn delete(&mut self, identity: &Identity) -> Result<()> {
        self.ask(&json!({"do": "delete", "path": hex::encode(&identity.path), "identity": identity.numbers}))?;
        only(FrameKind::End, self.soon()?).map(drop)
    }

    /// What gdb says of a core dump, run on the node with `options`.
    pub(crate) fn debug(&mut self, path: &[u8], executable: &str, options: &[&str]) -> Result<String> {
        self.ask(&json!({"do": "debug", "path": hex::encode(path), "executable": executable, "options": options}))?;
        Ok(String::from_utf8_lossy(&only(FrameKind::Text, self.answer()?)?).into_owned())
    }

    pub(super) fn ask(&mut self, ask: &Value) -> Result<()> {
        let sent = writeln!(self.asks, "{ask}").and_then(|()| self.asks.flush());
        sent.map_err(|cause| self.why_ended().unwrap_or_else(|| broken(&cause)))
    }

    /// The next frame and its payload, which is what the helper sent: its SHA-256 is right.
    pub(super) fn answer(&mut self) -> Result<(Frame, Vec<u8>)> {
        let mut head = [0; HEAD];
        self.answers.read_exact(&mut head).map_err(|cause| self.silent(&cause))?;
        let frame = Frame::read(&head).ok_or_else(nonsense)?;
        let mut packed = vec![0; frame.packed];
        self.answers.read_exact(&mut packed).map_err(|cause| self.silent(&cause))?;
        let mut payload = Vec::with_capacity(frame.length);
        let room = u64::try_from(frame.length).unwrap_or_default() + 1;
        ZlibDecoder::new(&packed[..]).take(room).read_to_end(&mut payload).map_err(|_| nonsense())?;
        if payload.len() != frame.length || Sha256::digest(&payload)[..] != frame.sha256 {
            return Err(nonsense());
        }
        Ok((frame, payload))
    }

    /// The next frame, which is to be here within the limit.
    fn soon(&mut self) -> Result<(Frame, Vec<u8>)> {
        self.answers.get_mut().limit(Some(self.limit));
        let answer = self.answer();
        self.answers.get_mut().limit(None);
        answer
    }

    /// Why an answer did not come. What would come of it later is not waited for.
    fn silent(&mut self, cause: &io::Error) -> Error {
        if cause.kind() != io::ErrorKind::TimedOut {
            return self.why_ended().unwrap_or_else(|| broken(cause));
        }
        self.kill();
        LinkError::Broken.says(format!("it has not answered for {} s", self.limit.as_secs()))
    }

    /// Ends the command, and what it has started.
    fn kill(&mut self) {
        // The PID cannot be reused before the child is reaped.
        if let (Ok(None), Some(group)) = (self.child.try_wait(), Pid::from_raw(self.child.id().cast_signed())) {
            // It fails where all of them have ended.
            let _ = kill_process_group(group, Signal::KILL);
        }
    }

    /// What the node, or ssh, said last before the connection ended.
    fn why_ended(&mut self) -> Option<Error> {
        self.kill();
        let status = self.child.wait().ok()?;
        let said = self.said.take()?.join().unwrap_or_default();
        let last = last_line(&said);
        let ended = match status.code() {
            Some(255) => return Some((self.explain)(&said).caused_by(LinkError::Broken)),
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

/// The first of what is said on stderr. The rest is read, too, or whoever says it could not go on.
fn listen(mut stderr: ChildStderr) -> Vec<u8> {
    let mut said = Vec::new();
    // What cannot be read is as good as not said.
    let _ = stderr.by_ref().take(SAID).read_to_end(&mut said);
    let _ = io::copy(&mut stderr, &mut io::sink());
    said
}

fn last_line(said: &[u8]) -> String {
    let said = String::from_utf8_lossy(said);
    said.lines().map(str::trim).rfind(|line| !line.is_empty()).unwrap_or_default().to_owned()
}

fn found(core: Said, head: &[u8]) -> Option<FoundCore> {
    let Said { path, identity, stored, mine } = core;
    let identity = Identity { path: hex::decode(path).ok()?, numbers: identity };
    Some(FoundCore { identity, stored, mine, header: Header::read(head)? })
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

//! Records what is asked of locks, and of EMR under them, for `s3-lock verify`.
//!
//! A request is recorded before it is sent, and its answer in a line of its own. What cannot be recorded is not sent.

use std::collections::HashMap;
use std::fs::{File, OpenOptions};
use std::io::{self, Write};
use std::os::unix::fs::{FileExt, OpenOptionsExt};
use std::path::PathBuf;
use std::sync::atomic::{AtomicU64, Ordering::Relaxed};
use std::sync::{Arc, Mutex, MutexGuard, OnceLock, PoisonError};
use std::time::Duration;

use chrono::{DateTime, Utc};
use emr_core::claim::lease::{Answer, valid};
use emr_core::error::{CallError, CallErrorKind, Error, Result};
use emr_core::history::{HistoryRecord, Reply, Request, digest};
use emr_core::model::lock::{Lock, Token};
use emr_core::model::s3_uri::S3Uri;
use sha2::{Digest, Sha256};
use tokio::task::futures::TaskLocalFuture;

use super::monotonic;
use super::s3::Condition;

/// The history of one run of a tool, which other processes may share.
pub(super) struct History {
    path: PathBuf,
    process: String,
    boot: Option<String>,
    /// Opened by the first record, because most runs take no lock.
    file: OnceLock<File>,
    calls: AtomicU64,
    /// The generation and the end of each lease of this process, by its lock and the digest of its token.
    leases: Mutex<HashMap<(S3Uri, String), (u64, Duration)>>,
}

/// A request that is recorded and about to be sent.
pub(super) struct Asked<'a> {
    history: &'a History,
    record: HistoryRecord,
    sent_at: Duration,
}

/// A lock under which EMR is asked.
#[derive(Clone)]
pub(super) struct Under {
    history: Arc<History>,
    uri: S3Uri,
    token: String,
}

tokio::task_local! {
    /// The lock that is held while a future runs, if that is recorded.
    static UNDER: Option<Under>;
}

impl History {
    /// A history in the file `path`, by a run of `tool`. Opens nothing.
    pub(super) fn new(path: PathBuf, tool: &str) -> Self {
        let process = format!("{tool}:{}:{:08x}", std::process::id(), fastrand::u32(..));
        let (file, calls, leases) = (OnceLock::new(), AtomicU64::new(0), Mutex::default());
        Self { path, process, boot: boot(), file, calls, leases }
    }

    /// Records that the lock at `uri` is about to be read.
    pub(super) fn reads(&self, uri: &S3Uri) -> Result<Asked<'_>> {
        self.ask(self.record(uri, Request::Read, monotonic::now()))
    }

    /// Records that `lock` is about to be written under the token `by`. The lease that it makes counts from `sent_at`.
    pub(super) fn writes(
        &self,
        uri: &S3Uri,
        condition: Condition<'_>,
        lock: &Lock,
        by: Option<&Token>,
        sent_at: Duration,
    ) -> Result<Asked<'_>> {
        let (request, if_match) = match condition {
            Condition::Absent => (Request::Create, None),
            Condition::Is(etag) => (Request::Replace, Some(etag.to_owned())),
        };
        let mut record = HistoryRecord { if_match, ..self.record(uri, request, sent_at) };
        record.set_lock(lock);
        record.releaser = by.filter(|_| lock.holder.is_none()).map(digest);
        self.ask(record)
    }

    fn record(&self, uri: &S3Uri, request: Request, at: Duration) -> HistoryRecord {
        let call = self.calls.fetch_add(1, Relaxed) + 1;
        HistoryRecord {
            boot: self.boot.clone(),
            uptime_s: seconds(at),
            ..HistoryRecord::new(self.process.clone(), call, request, uri.clone(), now())
        }
    }

    fn ask(&self, record: HistoryRecord) -> Result<Asked<'_>> {
        let sent_at = Duration::from_secs_f64(record.uptime_s);
        self.append(&record)?;
        Ok(Asked { history: self, record, sent_at })
    }

    /// Appends a line by one write, which other processes cannot interrupt. If the line before it breaks off, because
    /// the disk was full or its writer was killed, an empty line tells so.
    fn append(&self, record: &HistoryRecord) -> Result<()> {
        let failed = |cause: &io::Error| {
            Error::file("write the history", &self.path, cause).advise("no request is sent that is not recorded")
        };
        let mut line = record.line().ok_or_else(|| failed(&io::Error::other("a line would be longer than 4 KiB")))?;
        let mut file = self.file().map_err(|cause| failed(&cause))?;
        if breaks_off(file) {
            line.insert_str(0, "\n\n");
        }
        let written = loop {
            match file.write(line.as_bytes()) {
                Err(cause) if cause.kind() == io::ErrorKind::Interrupted => {}
                written => break written.map_err(|cause| failed(&cause))?,
            }
        };
        if written < line.len() {
            return Err(failed(&io::ErrorKind::StorageFull.into()));
        }
        Ok(())
    }

    fn file(&self) -> io::Result<&File> {
        if let Some(file) = self.file.get() {
            return Ok(file);
        }
        let file = OpenOptions::new().read(true).append(true).create(true).mode(0o600).open(&self.path)?;
        Ok(self.file.get_or_init(|| file))
    }

    fn leases(&self) -> MutexGuard<'_, HashMap<(S3Uri, String), (u64, Duration)>> {
        self.leases.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

/// Whether `file` ends neither with a record nor with an empty line. One line break alone may be the first of two, of
/// which the second did not fit on the disk.
fn breaks_off(file: &File) -> bool {
    let Ok(length) = file.metadata().map(|metadata| metadata.len()) else { return false };
    let mut last = [0; 2];
    let start = length.saturating_sub(2);
    length > 0 && file.read_at(&mut last, start).is_ok() && !matches!(&last, b"}\n" | b"\n\n")
}

impl Asked<'_> {
    /// Records the answer to a request for a lock.
    pub(super) fn answered(mut self, answer: &Result<Answer>) {
        let record = &mut self.record;
        let reply = match answer {
            Ok(Answer::Absent(_)) => Reply::Absent,
            Ok(Answer::Found(sighting)) => {
                record.set_lock(&sighting.lock);
                record.etag = Some(sighting.etag.clone());
                record.age_s = Some(sighting.age.as_secs());
                Reply::Found
            }
            Ok(Answer::Written(etag)) => {
                record.etag = Some(etag.clone());
                self.grant();
                Reply::Written
            }
            Ok(Answer::Refused) => Reply::Refused,
            Ok(Answer::Conflict) => Reply::Conflict,
            Ok(Answer::Unclear) => Reply::Unclear,
            Err(error) => failed(error.call()),
        };
        self.end(reply);
    }

    /// Records EMR's answer, if it is none, why.
    pub(super) fn acted(self, failure: Option<&CallError>) {
        let reply = failure.map_or(Reply::Done, |failure| failed(Some(failure)));
        self.end(reply);
    }

    /// Notes the lease that the written lock makes.
    fn grant(&mut self) {
        let record = &mut self.record;
        if let (Some(token), Some(ttl_s), Some(generation)) = (&record.token, record.ttl_s, record.generation) {
            let until = self.sent_at + valid(Duration::from_secs(ttl_s));
            self.history.leases().insert((record.lock_uri.clone(), token.clone()), (generation, until));
            set_until(record, until);
        }
    }

    fn end(mut self, reply: Reply) {
        self.record.answer = Some(reply);
        self.record.time = now();
        self.record.uptime_s = seconds(monotonic::now());
        if let Err(error) = self.history.append(&self.record) {
            log::warn!("an answer is not recorded: {error}");
        }
    }
}

/// What a failure proves. What S3 throttles counts as unclear to the protocol, too.
fn failed(call: Option<&CallError>) -> Reply {
    match call {
        Some(call) if !call.may_have_happened() && call.kind != CallErrorKind::Throttled => Reply::Failed,
        _ => Reply::Unclear,
    }
}

/// Runs `work` so that what it asks of EMR is recorded as asked under the lock at `uri`.
pub(super) fn under<F: Future>(
    history: Option<&Arc<History>>,
    uri: &S3Uri,
    token: &Token,
    work: F,
) -> TaskLocalFuture<Option<Under>, F> {
    let under = history.map(|history| Under { history: history.clone(), uri: uri.clone(), token: digest(token) });
    UNDER.scope(under, work)
}

/// The lock under which this runs, if that is recorded.
pub(super) fn held() -> Option<Under> {
    UNDER.try_with(Clone::clone).ok().flatten()
}

impl Under {
    /// Records that EMR is about to be asked for `act` of these job flows.
    pub(super) fn asks(&self, act: &'static str, of: &str) -> std::result::Result<Asked<'_>, CallError> {
        let mut record = self.history.record(&self.uri, Request::Act, monotonic::now());
        (record.act, record.of, record.token) = (Some(act), Some(of.to_owned()), Some(self.token.clone()));
        if let Some((generation, until)) = self.history.leases().get(&(self.uri.clone(), self.token.clone())) {
            record.generation = Some(*generation);
            set_until(&mut record, *until);
        }
        self.history
            .ask(record)
            .map_err(|error| CallError::unanswered(CallErrorKind::Unrecorded, act, error.finding()).caused_by(error))
    }
}

/// Sets when the lease ends, by both clocks.
fn set_until(record: &mut HistoryRecord, until: Duration) {
    let left = until.saturating_sub(monotonic::now());
    record.held_until_s = Some(seconds(until));
    record.held_until = chrono::Duration::from_std(left).ok().map(|left| now() + left);
}

/// Seconds, to the microsecond.
fn seconds(time: Duration) -> f64 {
    #[expect(clippy::cast_precision_loss, reason = "2^53 microseconds are 285 years")]
    let micros = time.as_micros() as f64;
    micros / 1e6
}

#[expect(clippy::disallowed_methods, reason = "a record has the time of this machine")]
fn now() -> DateTime<Utc> {
    Utc::now()
}

/// A digest of the boot of this machine, and of the processes that share its clock: a namespace may have its own. The
/// offsets count as well, because the kernel gives the number of a namespace that has ended to another.
fn boot() -> Option<String> {
    let id = std::fs::read("/proc/sys/kernel/random/boot_id").ok()?;
    let mut digest = Sha256::new_with_prefix(id);
    if let Ok(namespace) = std::fs::read_link("/proc/self/ns/time") {
        digest.update(namespace.as_os_str().as_encoded_bytes());
    }
    if let Ok(offsets) = std::fs::read("/proc/self/timens_offsets") {
        digest.update(offsets);
    }
    Some(hex::encode(&digest.finalize()[..8]))
}

#[cfg(test)]
mod tests {
    use emr_core::history::{Parsed, parse};

    use super::*;

    fn uri() -> S3Uri {
        "s3://bucket/locks/nightly".parse().unwrap()
    }

    fn lines(history: &History) -> Vec<String> {
        std::fs::read_to_string(&history.path).unwrap().lines().map(str::to_owned).collect()
    }

    #[test]
    fn a_request_is_recorded_before_its_answer_and_its_file_is_private() {
        use std::os::unix::fs::PermissionsExt;
        let folder = tempfile::tempdir().unwrap();
        let history = History::new(folder.path().join("history"), "s3-lock");
        let asked = history.reads(&uri()).unwrap();
        assert_eq!(lines(&history).len(), 1);
        asked.answered(&Ok(Answer::Absent(0)));
        assert!(lines(&history)[1].contains(r#""answer":"absent""#));
        let mode = std::fs::metadata(&history.path).unwrap().permissions().mode();
        assert_eq!(mode & 0o777, 0o600);
    }

    #[test]
    fn what_cannot_be_recorded_is_not_sent() {
        let history = History::new(PathBuf::from("/nowhere/history"), "s3-lock");
        let error = history.reads(&uri()).err().unwrap();
        assert_eq!(error.outcome, emr_core::error::Outcome::Io);
        assert!(error.to_string().contains("/nowhere/history"), "{error}");
    }

    #[test]
    fn a_line_that_breaks_off_is_ended_before_the_next() {
        let folder = tempfile::tempdir().unwrap();
        let path = folder.path().join("history");
        std::fs::write(&path, r#"{"time":"2026"#).unwrap();
        let history = History::new(path, "s3-lock");
        let _ = history.reads(&uri()).unwrap();
        let lines = lines(&history);
        assert_eq!((lines.len(), lines[1].as_str()), (3, ""));
        assert!(matches!(parse(lines[0].as_bytes()), Parsed::Torn));
        assert!(matches!(parse(lines[2].as_bytes()), Parsed::Entry(_)));
    }

    #[test]
    fn a_line_that_breaks_off_while_the_history_is_open_is_ended_before_the_next() {
        for torn in ["{\"time\":\"2026", "{\"time\":\"2026\n", "{", "\0\0\0"] {
            let folder = tempfile::tempdir().unwrap();
            let history = History::new(folder.path().join("history"), "s3-lock");
            let _ = history.reads(&uri()).unwrap();
            let mut other = OpenOptions::new().append(true).open(&history.path).unwrap();
            other.write_all(torn.as_bytes()).unwrap();
            let _ = history.reads(&uri()).unwrap();
            let _ = history.reads(&uri()).unwrap();
            let lines = lines(&history);
            assert!(matches!(parse(lines[1].as_bytes()), Parsed::Torn), "{lines:?}");
            assert_eq!(lines[2], "");
            let whole = lines.iter().filter(|line| matches!(parse(line.as_bytes()), Parsed::Entry(_)));
            assert_eq!(whole.count(), 3, "{lines:?}");
        }
    }
}
